/**
 * What an outbox should do, written so that one look shows it is right: one array of deliveries in the order accepted,
 * one of duplicate keys, and a scan over all of it for every question. Nothing is indexed, cached or durable. The property
 * suite drives an outbox and this model through the same calls; each method here is one sentence of `src/outbox/contract.ts`.
 */
import {
  type AcceptedEvent,
  type AttemptRecord,
  type DeadReason,
  type DeliveryRecord,
  type DeliveryState,
  deliveryId,
  KEPT_ATTEMPTS,
} from '../../src/model/delivery.ts'
import {
  type ClaimedDelivery,
  type ControlCommand,
  type DeliveryQuery,
  DUPLICATE_WINDOW_MS,
  type OutboxCounts,
  type Settlement,
  type StepCommand,
  type StepResult,
} from '../../src/outbox/contract.ts'
import type { EraseResult } from '../../src/outbox/erasure.ts'

/** A delivery and all that an outbox has to know of it. */
export interface ModelDelivery {
  readonly id: string
  readonly webhook: string
  readonly event: AcceptedEvent
  /** The call in whose line it stands; empty: in none. */
  readonly call: string
  /** Its place in that line: lower goes first. New whenever it becomes pending. */
  place: number
  state: DeliveryState
  /** It was made pending anew since it was accepted. */
  wasRevived: boolean
  isLeased: boolean
  /** Its webhook was removed while it was leased: it is pending until it is settled, then nothing brings it back. */
  isOrphan: boolean
  /** It was erased while it was leased: it counts and holds its place until it is settled, and is nothing more. */
  isErased: boolean
  attempts: number
  crashes: number
  waitsSinceMs: number
  dueMs: number
  endedAtMs: number
  /** Its place among all endings. */
  ending: number
  reason: DeadReason | undefined
  records: AttemptRecord[]
}

/** An accepted event's key. */
interface SeenKey {
  readonly key: string
  readonly atMs: number
  /** A later time has been seen at which its 24 h were over: an outbox may have dropped it, even if the clock went back. */
  mayBeForgotten: boolean
}

type Purge = Extract<ControlCommand, { readonly kind: 'purge' }>

/** See the head of this file. */
export class OutboxModel {
  /** In the order accepted. */
  deliveries: ModelDelivery[] = []
  readonly parked: Set<string> = new Set()
  readonly #seen: SeenKey[] = []
  #places = 0
  #endings = 0

  /** What becomes of an event; `either` only where its key's 24 h were over once, and the clock then went back. */
  verdict(event: AcceptedEvent): 'accepted' | 'duplicate' | 'either' {
    this.#passTime(event.acceptedAtMs)
    const within24h = this.#seen.filter(
      ({ key, atMs }) => event.hasOwnId && key === keyOf(event) && event.acceptedAtMs - atMs < DUPLICATE_WINDOW_MS,
    )
    if (within24h.length === 0) return 'accepted'
    return within24h.every(({ mayBeForgotten }) => mayBeForgotten) ? 'either' : 'duplicate'
  }

  /** Keeps an event that was accepted. */
  accept(event: AcceptedEvent): void {
    if (event.hasOwnId) this.#seen.push({ key: keyOf(event), atMs: event.acceptedAtMs, mayBeForgotten: false })
    for (const [index, { webhook, dueMs, ordered }] of event.deliveries.entries()) {
      this.deliveries.push({
        id: deliveryId(event.key, index),
        webhook,
        event,
        call: ordered ? event.subject : '',
        place: this.#places++,
        state: 'pending',
        wasRevived: false,
        isLeased: false,
        isOrphan: false,
        isErased: false,
        attempts: 0,
        crashes: 0,
        dueMs,
        waitsSinceMs: dueMs,
        endedAtMs: 0,
        ending: 0,
        reason: undefined,
        records: [],
      })
    }
  }

  /** What a claim may lease at `nowMs`, each webhook's in due order, then in the order accepted. */
  claimable(nowMs: number): ModelDelivery[] {
    return inDueOrder(this.#waiting().filter(({ dueMs }) => dueMs <= nowMs))
  }

  /** Leases it; what the claim has to tell of it. */
  lease(delivery: ModelDelivery): ClaimedDelivery {
    delivery.isLeased = true
    const { id, webhook, attempts, crashes, waitsSinceMs, event } = delivery
    const { account, acceptedAtMs, subject, traceparent, payload, context } = event
    const sent = { account, acceptedAtMs, subject, traceparent, payload, context }
    return { id, webhook, attempts, crashes, waitsSinceMs, ...sent }
  }

  settle(settlement: Settlement): void {
    const delivery = this.deliveries.find(({ id }) => id === settlement.id)
    if (delivery?.isLeased !== true) return
    delivery.isLeased = false
    if (delivery.isErased) {
      this.remove([delivery])
      return
    }
    if (settlement.record !== undefined)
      delivery.records = [...delivery.records, settlement.record].slice(-KEPT_ATTEMPTS)
    if (settlement.to === 'delivered') this.#end(delivery, 'delivered', undefined, settlement.atMs)
    else if (settlement.to === 'dead') this.#end(delivery, 'dead', settlement.reason, settlement.atMs)
    else if (delivery.isOrphan) this.#end(delivery, 'dead', 'webhook-removed', settlement.atMs)
    else {
      delivery.dueMs = settlement.dueMs
      if (settlement.uses !== 'none') delivery.waitsSinceMs = settlement.dueMs
      if (settlement.uses === 'attempt') delivery.attempts += 1
      if (settlement.uses === 'crash') delivery.crashes += 1
    }
  }

  /** Carries out any command but a purge; the number of deliveries touched. */
  control(command: Exclude<ControlCommand, Purge>): number {
    const { atMs } = command
    switch (command.kind) {
      case 'retry': {
        const chosen = this.deliveries.filter(({ id, isErased }) => id === command.id && !isErased)
        for (const delivery of chosen) {
          if (delivery.state === 'pending') delivery.dueMs = atMs
          else this.#revive(delivery, atMs)
        }
        return chosen.length
      }
      case 'expire': {
        const late = this.#pending(command.webhook).filter(
          ({ isLeased, dueMs }) => !isLeased && dueMs < command.dueBeforeMs,
        )
        const chosen = inDueOrder(late).slice(0, command.limit)
        for (const delivery of chosen) this.#end(delivery, 'dead', 'expired', atMs)
        return chosen.length
      }
      case 'remove-webhook': {
        const left = this.#pending(command.webhook).filter(
          ({ isErased, isLeased, isOrphan }) => !isErased && !(isLeased && isOrphan),
        )
        const chosen = inDueOrder(left).slice(0, command.limit)
        for (const delivery of chosen) {
          if (delivery.isLeased) delivery.isOrphan = true
          else this.#end(delivery, 'dead', 'webhook-removed', atMs)
        }
        return chosen.length
      }
    }
  }

  /** One step over the ended deliveries that match, which stand in the order accepted. */
  step(command: StepCommand): StepResult {
    this.#passTime(command.atMs)
    const afterAt = this.deliveries.findIndex(({ id }) => id === command.after)
    const chosen = this.deliveries
      .slice(afterAt + 1)
      .filter(
        ({ webhook, state, event, endedAtMs }) =>
          state === command.state &&
          (command.webhook === undefined || webhook === command.webhook) &&
          (command.accounts === undefined || command.accounts.includes(event.account)) &&
          (command.kind === 'forget'
            ? endedAtMs < command.endedBeforeMs
            : event.acceptedAtMs >= command.sinceMs && event.acceptedAtMs < command.untilMs),
      )
      .slice(0, command.limit)
    if (command.kind === 'forget') this.remove(chosen)
    else for (const delivery of chosen) this.#revive(delivery, command.atMs)
    const next = chosen[command.limit - 1]?.id
    return { touched: chosen.length, ...(next === undefined ? {} : { next }) }
  }

  /** Erases the events that match with their deliveries; of a dry run only the counts. */
  erase(isOf: (event: AcceptedEvent) => boolean, isDryRun: boolean): Omit<EraseResult, 'calls' | 'next'> {
    const chosen = this.deliveries.filter(({ event, isErased }) => !isErased && isOf(event))
    const result = {
      events: new Set(chosen.map(({ event }) => event.key)).size,
      deliveries: chosen.length,
      pending: chosen.filter(({ state }) => state === 'pending').length,
    }
    if (isDryRun) return result
    for (const delivery of chosen) delivery.isErased = delivery.isLeased
    this.remove(chosen.filter(({ isLeased }) => !isLeased))
    return result
  }

  /** What a purge may remove, the earliest ended first. */
  purgeable({ state, endedBeforeMs, atMs }: Purge): ModelDelivery[] {
    this.#passTime(atMs)
    return this.deliveries
      .filter((delivery) => delivery.state === state && delivery.endedAtMs < endedBeforeMs)
      .sort((a, b) => a.endedAtMs - b.endedAtMs)
  }

  /** True: among the kept deliveries of that state, one that ended after another has the earlier time. */
  hasClockGoneBack(state: DeliveryState): boolean {
    const ended = this.deliveries.filter((delivery) => delivery.state === state).sort((a, b) => a.ending - b.ending)
    return ended.some(({ endedAtMs }, index) => endedAtMs < (ended[index - 1]?.endedAtMs ?? endedAtMs))
  }

  /** Removes what a purge removed. */
  remove(purged: readonly ModelDelivery[]): void {
    this.deliveries = this.deliveries.filter((delivery) => !purged.includes(delivery))
  }

  nextDueMs(): number | undefined {
    return inDueOrder(this.#waiting())[0]?.dueMs
  }

  /** All that match, newest first; the limit and the cursor are the caller's. */
  find(query: Omit<DeliveryQuery, 'limit' | 'cursor'>): DeliveryRecord[] {
    return this.deliveries
      .filter(
        ({ webhook, state, event, isErased }) =>
          !isErased &&
          (query.webhook === undefined || query.webhook === webhook) &&
          (query.state === undefined || query.state === state) &&
          (query.event === undefined || query.event === event.id) &&
          (query.subject === undefined || query.subject === event.subject) &&
          (query.accounts === undefined || query.accounts.includes(event.account)),
      )
      .reverse()
      .map((delivery) => this.#recordOf(delivery))
  }

  get(id: string): DeliveryRecord | undefined {
    return this.find({}).find((record) => record.id === id)
  }

  counts(): Omit<OutboxCounts, 'bytes' | 'oldestAcceptedAtMs'> {
    return {
      pending: this.#pending().length,
      delivered: this.deliveries.filter(({ state }) => state === 'delivered').length,
      dead: this.deliveries.filter(({ state }) => state === 'dead').length,
    }
  }

  /** Times of which one is told as the oldest, to the second; empty: none is pending. What was revived need not count. */
  oldestAcceptedAtMs(): number[] {
    const pending = this.#pending()
    const timeOf = ({ event }: ModelDelivery): number => event.acceptedAtMs
    const never = pending.filter(({ wasRevived }) => !wasRevived)
    const revived = pending.filter(({ wasRevived }) => wasRevived)
    // The first accepted and the earliest accepted are two where the clock went back.
    return [
      ...never.slice(0, 1).map(timeOf),
      ...never
        .map(timeOf)
        .sort((a, b) => a - b)
        .slice(0, 1),
      ...revived.map(timeOf),
    ]
  }

  pendingOf(webhook: string): number {
    return this.#pending(webhook).length
  }

  leased(): ModelDelivery[] {
    return this.deliveries.filter(({ isLeased }) => isLeased)
  }

  ended(): ModelDelivery[] {
    return this.deliveries.filter(({ state }) => state !== 'pending')
  }

  /** Opened again, after a crash or a clean close: leases and parked webhooks are gone, all else is as it was. */
  reopen(): void {
    this.parked.clear()
    this.remove(this.deliveries.filter(({ isErased }) => isErased))
    for (const delivery of this.deliveries) delivery.isLeased = false
  }

  #pending(webhook?: string): ModelDelivery[] {
    return this.deliveries.filter(
      (delivery) => delivery.state === 'pending' && (webhook === undefined || delivery.webhook === webhook),
    )
  }

  /** What only time keeps from being claimed: neither leased nor parked, nor behind another in the line of its call. */
  #waiting(): ModelDelivery[] {
    return this.#pending().filter(
      (delivery) => !delivery.isLeased && !this.parked.has(delivery.webhook) && this.#isFirstOfCall(delivery),
    )
  }

  #recordOf(delivery: ModelDelivery): DeliveryRecord {
    const record = recordOf(delivery)
    if (delivery.state !== 'pending') return record
    return {
      ...record,
      ...(!this.#isFirstOfCall(delivery) && { isBehind: true as const }),
      ...(delivery.isLeased && { isInFlight: true as const }),
    }
  }

  #isFirstOfCall({ webhook, call, place }: ModelDelivery): boolean {
    if (call === '') return true
    return this.#pending(webhook).every((other) => other.call !== call || other.place >= place)
  }

  #end(delivery: ModelDelivery, state: 'delivered' | 'dead', reason: DeadReason | undefined, atMs: number): void {
    delivery.state = state
    delivery.reason = reason
    delivery.endedAtMs = atMs
    delivery.ending = this.#endings++
  }

  /** Pending anew, as a new one behind the others of its call, with its history. */
  #revive(delivery: ModelDelivery, atMs: number): void {
    delivery.state = 'pending'
    delivery.wasRevived = true
    delivery.place = this.#places++
    delivery.reason = undefined
    delivery.attempts = 0
    delivery.crashes = 0
    delivery.isOrphan = false
    delivery.dueMs = atMs
    delivery.waitsSinceMs = atMs
  }

  #passTime(nowMs: number): void {
    for (const seen of this.#seen) if (nowMs - seen.atMs >= DUPLICATE_WINDOW_MS) seen.mayBeForgotten = true
  }
}

function keyOf({ account, source, id }: AcceptedEvent): string {
  return JSON.stringify([account, source, id])
}

/** `deliveries`, which stand in the order accepted, by when they are due; sorting keeps that order among equals. */
function inDueOrder(deliveries: readonly ModelDelivery[]): ModelDelivery[] {
  return [...deliveries].sort((a, b) => a.dueMs - b.dueMs)
}

function recordOf(delivery: ModelDelivery): DeliveryRecord {
  const { id, webhook, state, reason, records, dueMs, endedAtMs, event } = delivery
  const { source, type, subject, account, acceptedAtMs } = event
  return {
    id,
    webhook,
    account,
    event: { id: event.id, source, type, subject },
    state,
    acceptedAtMs,
    attempts: records,
    ...(state === 'pending' ? { dueMs } : { endedAtMs }),
    ...(reason === undefined ? {} : { reason }),
  }
}
