/**
 * The outbox contract: what keeps accepted deliveries until they are delivered or dead. A back end can be written from
 * this page; `test/contract/` is the same in tests, and every back end passes it. An outbox is a deterministic state
 * machine: each change is a record (`accept`, `settle`, `control`, `step`, `erase`) applied in the order given, with ids and
 * times in it, so that the same records lead to the same state in every back end, and a replicated log can drive one. Limits,
 * circuits, fairness and retention are not its business: it asks whether a webhook has room, and is told what to end.
 */
import type { AcceptedEvent, AttemptRecord, DeadReason, DeliveryRecord, DeliveryState } from '../model/delivery.ts'
import type { EraseCommand, EraseResult } from './erasure.ts'

/** What became of one accepted event; nothing of a `duplicate` or `full` one is kept. */
export type AcceptVerdict = 'accepted' | 'duplicate' | 'full'

/** A delivery that is due, leased to the caller in memory until it is settled. After a crash it is due again. */
export interface ClaimedDelivery {
  readonly id: string
  readonly webhook: string
  readonly account: string
  /** Attempts used up so far. */
  readonly attempts: number
  /** Workers that died with it in flight. */
  readonly crashes: number
  /** When it was due for the first time after its last attempt; what used up none (a probe) leaves it. */
  readonly waitsSinceMs: number
  readonly acceptedAtMs: number
  /** The call, by its event's subject; empty where it has none. */
  readonly subject: string
  readonly traceparent: string
  /** The same string object for all deliveries of an event. */
  readonly payload: string
  readonly context: string
}

/** How a claimed delivery goes on. `record` is kept with it; absent where nothing was sent. */
export type Settlement = { readonly id: string; readonly atMs: number; readonly record?: AttemptRecord } & (
  | { readonly to: 'delivered' }
  | {
      readonly to: 'again'
      readonly dueMs: number
      /** `attempt`: one of the schedule is used up; `crash`: its worker died; `none`: a probe, or never sent. */
      readonly uses: 'attempt' | 'crash' | 'none'
    }
  | { readonly to: 'dead'; readonly reason: DeadReason }
)

/** Changes that people ask for. `atMs` is the time of the command. */
export type ControlCommand =
  /** Makes this pending delivery due at `atMs` (what is leased stays so), or a dead or delivered one pending anew. */
  | { readonly kind: 'retry'; readonly id: string; readonly atMs: number }
  /**
   * Removes deliveries that ended before `endedBeforeMs`, the earliest first, at most `limit`; duplicate keys of 24 h ago
   * too. Where the clock went back, what ended behind one with a later time may stay until that one goes.
   */
  | {
      readonly kind: 'purge'
      readonly state: Exclude<DeliveryState, 'pending'>
      readonly endedBeforeMs: number
      readonly limit: number
      readonly atMs: number
    }
  /**
   * Ends as `expired` what a webhook had due before `dueBeforeMs` and is not leased, the earliest due first, at most
   * `limit`; what waits in the line of its ordered call too.
   */
  | {
      readonly kind: 'expire'
      readonly webhook: string
      readonly dueBeforeMs: number
      readonly limit: number
      readonly atMs: number
    }
  /**
   * Ends pending deliveries of a webhook that no longer exists, the earliest due first, at most `limit`. Those in flight
   * count as touched, once, and end when they are settled, where `again` is `webhook-removed`; so they do after a crash too.
   * What is accepted later is not concerned.
   */
  | { readonly kind: 'remove-webhook'; readonly webhook: string; readonly limit: number; readonly atMs: number }

/**
 * Changes to ended deliveries without number, which people ask for. Each is one step of a walk over them in the order
 * accepted, so that it is a small record of its own, and others come between two of them.
 */
export type StepCommand = {
  readonly state: Exclude<DeliveryState, 'pending'>
  /** Only deliveries of events of these accounts; absent: of all. */
  readonly accounts?: readonly string[]
  /** Only deliveries whose ids come later; need not be one that there is, or still is. Absent: from the first. */
  readonly after?: string
  /** 1 to 1,000. */
  readonly limit: number
  readonly atMs: number
} & (
  | {
      /**
       * Makes those of a webhook, accepted in [sinceMs, untilMs), pending anew: same id, due at `atMs`, attempts from 1 and
       * no crashes, with their history, the last in the line of their ordered call.
       */
      readonly kind: 'replay'
      readonly webhook: string
      readonly sinceMs: number
      readonly untilMs: number
    }
  | {
      /** Removes those that ended before `endedBeforeMs`, of one webhook or of all. */
      readonly kind: 'forget'
      readonly webhook?: string
      readonly endedBeforeMs: number
    }
)

/** What a step did. */
export interface StepResult {
  /** Deliveries changed, the first accepted ones that match; at most `limit`. */
  readonly touched: number
  /** The last one touched, where they were `limit`: the next step comes after it. Absent: nothing more matches. */
  readonly next?: string
}

/** Which deliveries to list, the last accepted first, whatever their times say. */
export interface DeliveryQuery {
  readonly webhook?: string
  readonly state?: DeliveryState
  /** CloudEvents id of the event. */
  readonly event?: string
  /** The call, by its events' subject; with one account in {@link accounts} it is one call. */
  readonly subject?: string
  /** Only these accounts. */
  readonly accounts?: readonly string[]
  /** 1 to 1,000. */
  readonly limit: number
  /** `next` of the page before; absent: from the newest. */
  readonly cursor?: string
  /** Whether each comes with its `content`. */
  readonly withContent?: true
}

/** One page; all but the last have `limit` deliveries, and only the last has no `next`. */
export interface DeliveryPage {
  readonly deliveries: readonly DeliveryRecord[]
  readonly next?: string
}

/** What is in the outbox. */
export interface OutboxCounts {
  /** Accepted, neither delivered nor dead; those in flight included. */
  readonly pending: number
  /** Ended and still kept. */
  readonly delivered: number
  readonly dead: number
  /** When the oldest pending delivery was accepted, to the second; absent where none is. What was made pending anew need not count. */
  readonly oldestAcceptedAtMs?: number
  /** What all of it takes on disk, or about so in memory. */
  readonly bytes: number
}

/** Is told that a webhook has `change` pending deliveries more than before; below 0: fewer. */
export type PendingWatcher = (webhook: string, change: number) => void

/** Whether the outbox takes events; where not, `detail` says why. */
export interface OutboxHealth {
  readonly isWritable: boolean
  readonly detail: string
}

/**
 * Small states of the engine that should outlive a restart: circuits, activations, call contexts. Kept by table and key,
 * written behind (durable within about a second, in the order written, or when the promise of {@link flush} resolves).
 */
export interface Notes {
  /** Keeps `text` under `key`; undefined forgets it. */
  put(table: string, key: string, text: string | undefined): void
  /** Everything in a table, at start. */
  all(table: string): Iterable<readonly [key: string, text: string]>
  flush(): Promise<void>
}

/**
 * All calls come from one thread. A call that returns a promise takes effect in the order called; it resolves when its
 * change is durable by the back end's own measure, and rejects where nothing of it was kept. None holds the thread for
 * longer than about a millisecond, whatever the backlog: what takes longer is done in slices.
 */
export interface Outbox {
  /**
   * Keeps each event with all its deliveries, at most {@link MOST_DELIVERIES}, or nothing of it. Resolves when everything
   * accepted is durable; verdicts stand in the order of `events`. The same account, source and id within 24 h is a
   * `duplicate`, also within one call: the age is the difference of `acceptedAtMs`, below 0 where the clock went back. A key
   * may be dropped as soon as any time given is 24 h later; the back end in memory keeps a million, the latest. An event
   * without an id of its own neither is a duplicate nor makes one.
   */
  accept(events: readonly AcceptedEvent[]): Promise<readonly AcceptVerdict[]>

  /**
   * Leases deliveries that are due at `nowMs`, at most `limit`, taking turns between accounts, and between the webhooks of
   * each, so that none waits for another's backlog, and an account with many webhooks has no more turns than one with few.
   * A turn is one webhook's, a few deliveries long, and its account is that of the delivery that it has due first. Of one
   * webhook leases are in due order, then in the order accepted. What an ordered call has for one webhook
   * stands in line in the order in which it became pending: until the first is delivered or dead no other of it is
   * claimed, however long due. Ordered deliveries without a subject stand in no line.
   * Below `limit` nothing that could be claimed is left, but for what has to be read from disk: see {@link listen}.
   * `admit` is asked right before each lease whether one more of this webhook may go out; true means that it does, and the
   * answers stand in the order of what is returned. A webhook that is refused is parked: its backlog is not looked at
   * again before {@link unpark}, though it be empty meanwhile. Synchronous and bounded by `limit`, whatever the backlog.
   */
  claim(nowMs: number, admit: (webhook: string) => boolean, limit: number): readonly ClaimedDelivery[]

  /** Lets a parked webhook be claimed from again. Does nothing where it is not parked. */
  unpark(webhook: string): void

  /** Ends leases. A settlement for a delivery that is not leased is ignored: it was settled before. */
  settle(settlements: readonly Settlement[]): Promise<void>

  /** Carries out a command; resolves to the number of deliveries touched. */
  control(command: ControlCommand): Promise<number>

  /** Carries out one step of a command on many ended deliveries; the caller goes on from what it resolves to. */
  step(command: StepCommand): Promise<StepResult>

  /** Erases what is kept of a call or a telephone number, one step of it; the caller goes on from what it resolves to. */
  erase(command: EraseCommand): Promise<EraseResult>

  /**
   * When the earliest delivery that could be claimed then is due: not leased, not parked, not behind another of its ordered
   * call; undefined where there is none.
   */
  nextDueMs(): number | undefined

  find(query: DeliveryQuery): Promise<DeliveryPage>

  /** One delivery, with its `content` where that is asked for; undefined where there is none, or no longer. */
  get(id: string, withContent?: true): Promise<DeliveryRecord | undefined>

  /** O(1), for every scrape. */
  counts(): OutboxCounts

  /**
   * Whether events are taken at the moment, as far as is known without trying. A back end that can not write looks by itself,
   * about once a second, whether it can again: nobody has to send events to find out.
   */
  health(): OutboxHealth

  /** Pending deliveries of one webhook, those in flight included. */
  pendingOf(webhook: string): number

  /** Webhooks of which something that is pending, in flight or not, was due before `dueBeforeMs`. */
  overdue(dueBeforeMs: number): Promise<readonly string[]>

  /** Webhooks that have pending deliveries, with how many. */
  pendingByWebhook(): Iterable<readonly [webhook: string, pending: number]>

  /** `onClaimable` is called when something can be claimed that could not before without any call from outside (it was read from disk). */
  listen(onClaimable: () => void): void

  /** `onPending` is told of every change of {@link pendingOf} from now on, in the same turn, by how much. */
  watch(onPending: PendingWatcher): void

  readonly notes: Notes

  /** Resolves when all that was accepted is durable and nothing is open any more. */
  close(): Promise<void>
}

/** Deliveries of one event at most: what is kept of it counts them in two bytes. */
export const MOST_DELIVERIES = 65_535

/** Time within which the same account, source and id is a duplicate (contract, `POST /v1/events`). */
export const DUPLICATE_WINDOW_MS: number = 24 * 3_600_000
