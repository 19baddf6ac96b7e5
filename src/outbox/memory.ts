/**
 * The outbox in memory: durable only as long as the process. For trying things out, for tests, and for carriers whose
 * events can be sent again from elsewhere. Keeps the same promises as every back end but outliving the process.
 */
import {
  type AcceptedEvent,
  type AttemptRecord,
  type DeadReason,
  type DeliveryRecord,
  type DeliveryState,
  deliveryId,
  KEPT_ATTEMPTS,
  type NewDelivery,
} from '../model/delivery.ts'
import {
  type AcceptVerdict,
  type ClaimedDelivery,
  type ControlCommand,
  type DeliveryPage,
  type DeliveryQuery,
  DUPLICATE_WINDOW_MS,
  type Notes,
  type Outbox,
  type OutboxCounts,
  type Settlement,
} from './contract.ts'
import { DueQueue, type Queued } from './due-queue.ts'

/** Bounds of what is kept. */
export interface MemoryOutboxOptions {
  /** Pending and dead deliveries together; beyond it events are `full`. Default 1,000,000 (about 1 GB at 600 bytes an event). */
  readonly capacity?: number
  /** Delivered ones that are kept to be shown; the oldest go first. Default 10,000. */
  readonly deliveredKept?: number
}

/** About what an entry takes beside its event's texts. */
const ENTRY_BYTES = 500

/** A delivery and all that is known of it. */
interface Entry extends Queued {
  readonly id: string
  readonly event: AcceptedEvent
  state: DeliveryState
  isLeased: boolean
  /** True: its webhook is gone; it dies when its lease ends. */
  isOrphan: boolean
  attempts: number
  crashes: number
  waitsSinceMs: number
  endedAtMs: number
  reason: DeadReason | undefined
  records: AttemptRecord[]
}

/** See the head of this file. */
export class MemoryOutbox implements Outbox {
  readonly #capacity: number
  readonly #deliveredKept: number
  readonly #entries = new Map<string, Entry>()
  readonly #queue = new DueQueue<Entry>()
  /** Duplicate key to the time of acceptance, in the order accepted. */
  readonly #seen = new Map<string, number>()
  readonly #ended: { readonly delivered: Set<Entry>; readonly dead: Set<Entry> } = {
    delivered: new Set(),
    dead: new Set(),
  }
  /** Pending ones in the order in which they became so. */
  readonly #pendingEntries = new Set<Entry>()
  /** The same by webhook; never an empty set. */
  readonly #pendingByWebhook = new Map<string, Set<Entry>>()
  readonly notes: Notes = new MemoryNotes()
  #sequence = 0
  #bytes = 0

  constructor(options: MemoryOutboxOptions = {}) {
    this.#capacity = options.capacity ?? 1_000_000
    this.#deliveredKept = options.deliveredKept ?? 10_000
  }

  accept(events: readonly AcceptedEvent[]): Promise<readonly AcceptVerdict[]> {
    return Promise.resolve(events.map((event) => this.#acceptOne(event)))
  }

  claim(nowMs: number, admit: (webhook: string) => boolean, limit: number): readonly ClaimedDelivery[] {
    return this.#queue.claim(nowMs, admit, limit).map((entry) => {
      entry.isLeased = true
      return {
        id: entry.id,
        webhook: entry.webhook,
        account: entry.event.account,
        attempts: entry.attempts,
        crashes: entry.crashes,
        waitsSinceMs: entry.waitsSinceMs,
        acceptedAtMs: entry.event.acceptedAtMs,
        traceparent: entry.event.traceparent,
        payload: entry.event.payload,
        context: entry.event.context,
      }
    })
  }

  unpark(webhook: string): void {
    this.#queue.unpark(webhook)
  }

  settle(settlements: readonly Settlement[]): Promise<void> {
    for (const settlement of settlements) this.#settleOne(settlement)
    return Promise.resolve()
  }

  control(command: ControlCommand): Promise<number> {
    return Promise.resolve(this.#control(command))
  }

  nextDueMs(): number | undefined {
    return this.#queue.nextDueMs()
  }

  find(query: DeliveryQuery): Promise<DeliveryPage> {
    const before = query.cursor === undefined ? Number.POSITIVE_INFINITY : Number.parseInt(query.cursor, 36)
    const found: Entry[] = []
    // Newest first; a Map can only be walked from its oldest, and lists are rare next to deliveries.
    for (const entry of [...this.#entries.values()].reverse()) {
      if (entry.sequence < before && matches(entry, query)) found.push(entry)
      if (found.length > query.limit) break
    }
    const page = found.slice(0, query.limit)
    const last = page.at(-1)
    const deliveries = page.map(recordOf)
    return Promise.resolve(
      found.length > query.limit && last !== undefined
        ? { deliveries, next: last.sequence.toString(36) }
        : { deliveries },
    )
  }

  get(id: string): Promise<DeliveryRecord | undefined> {
    const entry = this.#entries.get(id)
    return Promise.resolve(entry === undefined ? undefined : recordOf(entry))
  }

  counts(): OutboxCounts {
    const { delivered, dead } = this.#ended
    const counts = {
      pending: this.#pendingEntries.size,
      delivered: delivered.size,
      dead: dead.size,
      bytes: this.#bytes,
    }
    for (const entry of this.#pendingEntries) return { ...counts, oldestAcceptedAtMs: entry.event.acceptedAtMs }
    return counts
  }

  pendingOf(webhook: string): number {
    return this.#pendingByWebhook.get(webhook)?.size ?? 0
  }

  *pendingByWebhook(): Iterable<readonly [string, number]> {
    for (const [webhook, entries] of this.#pendingByWebhook) yield [webhook, entries.size]
  }

  /** Nothing becomes claimable by itself: all is in memory. */
  listen(): void {
    return
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #acceptOne(event: AcceptedEvent): AcceptVerdict {
    this.#forgetKeys(event.acceptedAtMs)
    const key = event.hasOwnId ? JSON.stringify([event.account, event.source, event.id]) : undefined
    if (key !== undefined && this.#isWithinWindow(key, event.acceptedAtMs)) return 'duplicate'
    const wanted = this.#pendingEntries.size + this.#ended.dead.size + event.deliveries.length
    if (wanted > this.#capacity) return 'full'
    if (key !== undefined) {
      this.#seen.delete(key)
      this.#seen.set(key, event.acceptedAtMs)
    }
    for (const [index, delivery] of event.deliveries.entries()) this.#add(event, delivery, deliveryId(event.key, index))
    return 'accepted'
  }

  #add(event: AcceptedEvent, delivery: NewDelivery, id: string): void {
    const entry: Entry = {
      id,
      webhook: delivery.webhook,
      sequence: ++this.#sequence,
      orderedCall: delivery.ordered ? event.subject : '',
      event,
      state: 'pending',
      isLeased: false,
      isOrphan: false,
      attempts: 0,
      crashes: 0,
      dueMs: delivery.dueMs,
      waitsSinceMs: delivery.dueMs,
      endedAtMs: 0,
      reason: undefined,
      records: [],
    }
    this.#entries.set(id, entry)
    this.#bytes += bytesOf(entry)
    this.#addPending(entry)
    this.#queue.push(entry)
  }

  #settleOne(settlement: Settlement): void {
    const entry = this.#entries.get(settlement.id)
    if (entry?.isLeased !== true) return
    entry.isLeased = false
    if (settlement.record !== undefined) {
      entry.records.push(settlement.record)
      if (entry.records.length > KEPT_ATTEMPTS) entry.records.shift()
    }
    if (settlement.to === 'delivered') {
      this.#end(entry, 'delivered', undefined, settlement.atMs)
    } else if (settlement.to === 'dead') {
      this.#end(entry, 'dead', settlement.reason, settlement.atMs)
    } else if (entry.isOrphan) {
      this.#end(entry, 'dead', 'webhook-removed', settlement.atMs)
    } else {
      if (settlement.uses === 'attempt') entry.attempts += 1
      if (settlement.uses === 'crash') entry.crashes += 1
      if (settlement.uses !== 'none') entry.waitsSinceMs = settlement.dueMs
      entry.dueMs = settlement.dueMs
      this.#queue.requeue(entry)
    }
  }

  #control(command: ControlCommand): number {
    switch (command.kind) {
      case 'retry': {
        const entry = this.#entries.get(command.id)
        if (entry === undefined) return 0
        if (entry.state === 'pending') this.#queue.move(entry, command.atMs)
        else this.#revive(entry, command.atMs)
        return 1
      }
      case 'replay': {
        const chosen = [...this.#ended[command.state]].filter(
          ({ webhook, event }) =>
            webhook === command.webhook &&
            event.acceptedAtMs >= command.sinceMs &&
            event.acceptedAtMs < command.untilMs,
        )
        for (const entry of chosen.sort((a, b) => a.sequence - b.sequence)) this.#revive(entry, command.atMs)
        return chosen.length
      }
      case 'purge': {
        this.#forgetKeys(command.atMs)
        const chosen = first(
          this.#ended[command.state],
          command.limit,
          ({ endedAtMs }) => endedAtMs < command.endedBeforeMs,
        )
        for (const entry of chosen) this.#forget(entry)
        return chosen.length
      }
      case 'expire': {
        const chosen = [...(this.#pendingByWebhook.get(command.webhook) ?? [])]
          .filter(({ isLeased, dueMs }) => !isLeased && dueMs < command.dueBeforeMs)
          .sort((a, b) => a.dueMs - b.dueMs || a.sequence - b.sequence)
          .slice(0, command.limit)
        for (const entry of chosen) this.#end(entry, 'dead', 'expired', command.atMs)
        return chosen.length
      }
      case 'remove-webhook': {
        const chosen = [...(this.#pendingByWebhook.get(command.webhook) ?? [])]
        for (const entry of chosen) {
          if (entry.isLeased) entry.isOrphan = true
          else this.#end(entry, 'dead', 'webhook-removed', command.atMs)
        }
        return chosen.length
      }
    }
  }

  #end(entry: Entry, state: 'delivered' | 'dead', reason: DeadReason | undefined, atMs: number): void {
    this.#queue.remove(entry)
    this.#pendingEntries.delete(entry)
    const others = this.#pendingByWebhook.get(entry.webhook)
    others?.delete(entry)
    if (others?.size === 0) this.#pendingByWebhook.delete(entry.webhook)
    entry.state = state
    entry.reason = reason
    entry.endedAtMs = atMs
    this.#ended[state].add(entry)
    const surplus = this.#ended.delivered.size - this.#deliveredKept
    for (const oldest of first(this.#ended.delivered, surplus, () => true)) this.#forget(oldest)
  }

  /** Makes an ended delivery pending anew, behind whatever its call still waits for. */
  #revive(entry: Entry, atMs: number): void {
    if (entry.state === 'pending') return
    this.#ended[entry.state].delete(entry)
    entry.state = 'pending'
    entry.reason = undefined
    entry.attempts = 0
    entry.crashes = 0
    entry.isOrphan = false
    entry.dueMs = atMs
    entry.waitsSinceMs = atMs
    this.#addPending(entry)
    this.#queue.push(entry)
  }

  #addPending(entry: Entry): void {
    this.#pendingEntries.add(entry)
    const others = this.#pendingByWebhook.get(entry.webhook)
    if (others === undefined) this.#pendingByWebhook.set(entry.webhook, new Set([entry]))
    else others.add(entry)
  }

  #forget(entry: Entry): void {
    if (entry.state !== 'pending') this.#ended[entry.state].delete(entry)
    this.#entries.delete(entry.id)
    this.#bytes -= bytesOf(entry)
  }

  #isWithinWindow(key: string, nowMs: number): boolean {
    const acceptedAtMs = this.#seen.get(key)
    return acceptedAtMs !== undefined && nowMs - acceptedAtMs < DUPLICATE_WINDOW_MS
  }

  /** Drops the first duplicate keys as far as they have had their time; after a clock went back some stay for longer. */
  #forgetKeys(nowMs: number): void {
    for (const [key, acceptedAtMs] of this.#seen) {
      if (nowMs - acceptedAtMs < DUPLICATE_WINDOW_MS) return
      this.#seen.delete(key)
    }
  }
}

/** The first `limit` of `entries`, as long as `isWanted`. */
function first(entries: Iterable<Entry>, limit: number, isWanted: (entry: Entry) => boolean): Entry[] {
  const chosen: Entry[] = []
  for (const entry of entries) {
    if (chosen.length >= limit || !isWanted(entry)) break
    chosen.push(entry)
  }
  return chosen
}

function bytesOf({ event }: Entry): number {
  return ENTRY_BYTES + event.payload.length + event.context.length
}

function matches(entry: Entry, query: DeliveryQuery): boolean {
  return (
    (query.webhook === undefined || entry.webhook === query.webhook) &&
    (query.state === undefined || entry.state === query.state) &&
    (query.event === undefined || entry.event.id === query.event) &&
    (query.accounts === undefined || query.accounts.includes(entry.event.account))
  )
}

function recordOf(entry: Entry): DeliveryRecord {
  const { id, source, type, subject, account, acceptedAtMs } = entry.event
  const common = {
    id: entry.id,
    webhook: entry.webhook,
    account,
    event: { id, source, type, subject },
    state: entry.state,
    acceptedAtMs,
    attempts: [...entry.records],
  }
  if (entry.state === 'pending') return { ...common, dueMs: entry.dueMs }
  const ended = { ...common, endedAtMs: entry.endedAtMs }
  return entry.reason === undefined ? ended : { ...ended, reason: entry.reason }
}

/** Notes that last as long as the process. */
class MemoryNotes implements Notes {
  readonly #tables = new Map<string, Map<string, string>>()

  put(table: string, key: string, text: string | undefined): void {
    const entries = this.#tables.get(table) ?? new Map<string, string>()
    this.#tables.set(table, entries)
    if (text === undefined) entries.delete(key)
    else entries.set(key, text)
  }

  all(table: string): Iterable<readonly [string, string]> {
    return this.#tables.get(table)?.entries() ?? []
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }
}
