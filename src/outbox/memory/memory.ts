/**
 * The outbox in memory: durable only as long as the process. For trying things out, for tests, and for carriers whose
 * events can be sent again from elsewhere. Keeps the same promises as every back end but outliving the process.
 */
import {
  type AcceptedEvent,
  type DeadReason,
  type DeliveryRecord,
  deliveryId,
  KEPT_ATTEMPTS,
  type NewDelivery,
} from '../../model/delivery.ts'
import { LinkedList } from '../../model/linked-list.ts'
import type {
  AcceptVerdict,
  ClaimedDelivery,
  ControlCommand,
  DeliveryPage,
  DeliveryQuery,
  Notes,
  Outbox,
  OutboxCounts,
  OutboxHealth,
  PendingWatcher,
  Settlement,
  StepCommand,
  StepResult,
} from '../contract.ts'
import { compileErasure, type EraseCommand, type EraseResult, ErasureCount } from '../erasure.ts'
import { DueQueue } from '../queue/due-queue.ts'
import { AcceptanceWalk } from './acceptance-walk.ts'
import { bytesOf, type Entry, isConcerned, isDueBefore, matches, ownRecord, recordOf } from './memory-entry.ts'
import { MemoryNotes } from './memory-notes.ts'
import { MemoryPending } from './memory-pending.ts'
import { MOST_SEEN_EVENTS, SeenEvents } from './memory-seen.ts'

/** Bounds of what is kept. */
export interface MemoryOutboxOptions {
  /** Pending and dead deliveries together; beyond it events are `full`. Default 1,000,000 (about 1 GB at 600 bytes an event). */
  readonly capacity?: number
  /** Delivered ones that are kept to be shown; beyond it the oldest go. Default 10,000. */
  readonly deliveredKept?: number
  /** Events whose duplicates are told, at least 1; the oldest are forgotten first. Default {@link MOST_SEEN_EVENTS}. */
  readonly seenKept?: number
}

/** See the head of this file. */
export class MemoryOutbox implements Outbox {
  readonly #capacity: number
  readonly #deliveredKept: number
  readonly #entries = new Map<string, Entry>()
  readonly #walk = new AcceptanceWalk(this.#entries)
  readonly #eraseWalk = new AcceptanceWalk(this.#entries)
  readonly #queue = new DueQueue<Entry>()
  readonly #seen: SeenEvents
  readonly #pending = new MemoryPending()
  /** In the order in which they ended. */
  readonly #ended = { delivered: new LinkedList<Entry>(), dead: new LinkedList<Entry>() }
  readonly notes: Notes = new MemoryNotes()
  #onPending: PendingWatcher = () => undefined
  #sequence = 0
  #bytes = 0

  constructor(options: MemoryOutboxOptions = {}) {
    this.#capacity = options.capacity ?? 1_000_000
    this.#deliveredKept = options.deliveredKept ?? 10_000
    this.#seen = new SeenEvents(options.seenKept ?? MOST_SEEN_EVENTS)
  }

  accept(events: readonly AcceptedEvent[]): Promise<readonly AcceptVerdict[]> {
    return Promise.resolve(events.map((event) => this.#acceptOne(event)))
  }

  claim(nowMs: number, admit: (webhook: string) => boolean, limit: number): readonly ClaimedDelivery[] {
    return this.#queue.claim(nowMs, admit, limit).map((entry) => {
      entry.isLeased = true
      this.#pending.leased(entry)
      return {
        id: entry.id,
        webhook: entry.webhook,
        account: entry.event.account,
        attempts: entry.attempts,
        crashes: entry.crashes,
        waitsSinceMs: entry.waitsSinceMs,
        acceptedAtMs: entry.event.acceptedAtMs,
        subject: entry.event.subject,
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

  step(command: StepCommand): Promise<StepResult> {
    const chosen = this.#walk.take(command.after, command.limit, (entry) => isConcerned(entry, command))
    for (const entry of chosen) {
      if (command.kind === 'replay') this.#revive(entry, command.atMs)
      else this.#forget(entry)
    }
    const last = chosen.length === command.limit ? chosen.at(-1) : undefined
    return Promise.resolve(last === undefined ? { touched: chosen.length } : { touched: chosen.length, next: last.id })
  }

  async erase(command: EraseCommand): Promise<EraseResult> {
    const isOf = compileErasure(command)
    const count = new ErasureCount()
    const looked = this.#eraseWalk.take(command.cursor, command.limit, () => true)
    // An event whose deliveries fall to two steps is counted in the first.
    let counted = command.cursor?.split('-')[0]
    for (const entry of looked) {
      if (entry.isErased || !isOf(entry.event)) continue
      if (entry.event.key !== counted) count.event(entry.event)
      counted = entry.event.key
      count.delivery(entry.state === 'pending')
      if (!command.isDryRun) this.#erase(entry, command.atMs)
    }
    return count.result(looked.length === command.limit ? looked.at(-1)?.id : undefined)
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
    const deliveries = page.map((entry) => recordOf(entry, this.#queue, query.withContent === true))
    return Promise.resolve(
      found.length > query.limit && last !== undefined
        ? { deliveries, next: last.sequence.toString(36) }
        : { deliveries },
    )
  }

  get(id: string, withContent?: true): Promise<DeliveryRecord | undefined> {
    const entry = this.#entries.get(id)
    const isShown = entry !== undefined && !entry.isErased
    return Promise.resolve(isShown ? recordOf(entry, this.#queue, withContent === true) : undefined)
  }

  health(): OutboxHealth {
    return { isWritable: true, detail: '' }
  }

  counts(): OutboxCounts {
    const { delivered, dead } = this.#ended
    const { size, oldestAcceptedAtMs } = this.#pending
    const counts = { pending: size, delivered: delivered.size, dead: dead.size, bytes: this.#bytes }
    return oldestAcceptedAtMs === undefined ? counts : { ...counts, oldestAcceptedAtMs }
  }

  pendingOf(webhook: string): number {
    return this.#pending.countOf(webhook)
  }

  overdue(dueBeforeMs: number): Promise<readonly string[]> {
    return Promise.resolve(this.#pending.overdue(dueBeforeMs))
  }

  pendingByWebhook(): Iterable<readonly [string, number]> {
    return this.#pending.counts()
  }

  /** Nothing becomes claimable by itself: all is in memory. */
  listen(): void {
    return
  }

  watch(onPending: PendingWatcher): void {
    this.#onPending = onPending
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #acceptOne(event: AcceptedEvent): AcceptVerdict {
    const digest = this.#seen.digestOf(event)
    if (this.#seen.has(digest, event.acceptedAtMs)) return 'duplicate'
    const wanted = this.#pending.size + this.#ended.dead.size + event.deliveries.length
    if (wanted > this.#capacity) return 'full'
    this.#seen.add(digest, event.acceptedAtMs)
    for (const [index, delivery] of event.deliveries.entries()) this.#add(event, delivery, deliveryId(event.key, index))
    return 'accepted'
  }

  #add(event: AcceptedEvent, delivery: NewDelivery, id: string): void {
    const entry: Entry = {
      id,
      webhook: delivery.webhook,
      account: event.account,
      sequence: ++this.#sequence,
      orderedCall: delivery.ordered ? event.subject : '',
      event,
      state: 'pending',
      isLeased: false,
      isOrphan: false,
      isErased: false,
      attempts: 0,
      crashes: 0,
      dueMs: delivery.dueMs,
      waitsSinceMs: delivery.dueMs,
      endedAtMs: 0,
      reason: undefined,
      records: [],
      age: undefined,
      heapIndex: -1,
      previous: undefined,
      next: undefined,
      isQueued: false,
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
    if (entry.isErased) {
      this.#end(entry, 'dead', undefined, settlement.atMs)
      this.#forget(entry)
      return
    }
    if (settlement.record !== undefined) {
      entry.records.push(ownRecord(settlement.record))
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
      this.#pending.released(entry)
      this.#queue.requeue(entry)
    }
  }

  #control(command: ControlCommand): number {
    switch (command.kind) {
      case 'retry': {
        const entry = this.#entries.get(command.id)
        if (entry === undefined || entry.isErased) return 0
        if (entry.state === 'pending') this.#move(entry, command.atMs)
        else this.#revive(entry, command.atMs)
        return 1
      }
      case 'purge': {
        const chosen = first(
          this.#ended[command.state],
          command.limit,
          ({ endedAtMs }) => endedAtMs < command.endedBeforeMs,
        )
        for (const entry of chosen) this.#forget(entry)
        return chosen.length
      }
      case 'expire':
        return this.#expire(command)
      case 'remove-webhook':
        return this.#removeWebhook(command)
    }
  }

  #expire({ webhook, dueBeforeMs, limit, atMs }: Extract<ControlCommand, { kind: 'expire' }>): number {
    for (let touched = 0; touched < limit; touched += 1) {
      const first = this.#pending.firstWaiting(webhook)
      if (first === undefined || first.dueMs >= dueBeforeMs) return touched
      this.#end(first, 'dead', 'expired', atMs)
    }
    return limit
  }

  #removeWebhook({ webhook, limit, atMs }: Extract<ControlCommand, { kind: 'remove-webhook' }>): number {
    const inFlight = [...this.#pending.inFlightOf(webhook)]
      .filter(({ isErased, isOrphan }) => !isErased && !isOrphan)
      .sort((a, b) => (isDueBefore(a, b) ? -1 : 1))
    let orphans = 0
    for (let touched = 0; touched < limit; touched += 1) {
      const waiting = this.#pending.firstWaiting(webhook)
      const leased = inFlight[orphans]
      if (leased !== undefined && (waiting === undefined || isDueBefore(leased, waiting))) {
        leased.isOrphan = true
        orphans += 1
      } else if (waiting !== undefined) {
        this.#end(waiting, 'dead', 'webhook-removed', atMs)
      } else {
        return touched
      }
    }
    return limit
  }

  /** Makes a pending delivery due at `atMs`. */
  #move(entry: Entry, atMs: number): void {
    this.#queue.move(entry, atMs)
    this.#pending.moved(entry)
  }

  #end(entry: Entry, state: 'delivered' | 'dead', reason: DeadReason | undefined, atMs: number): void {
    this.#queue.remove(entry)
    this.#pending.remove(entry)
    this.#onPending(entry.webhook, -1)
    entry.state = state
    entry.reason = reason
    entry.endedAtMs = atMs
    this.#ended[state].push(entry)
    const { delivered } = this.#ended
    if (delivered.size > this.#deliveredKept && delivered.first !== undefined) this.#forget(delivered.first)
  }

  /** Makes an ended delivery pending anew, behind whatever its call still waits for. */
  #revive(entry: Entry, atMs: number): void {
    if (entry.state === 'pending') return
    this.#ended[entry.state].remove(entry)
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
    this.#pending.add(entry)
    this.#onPending(entry.webhook, 1)
  }

  #erase(entry: Entry, atMs: number): void {
    if (entry.isLeased) {
      entry.isErased = true
      entry.records = []
      return
    }
    if (entry.state === 'pending') this.#end(entry, 'dead', undefined, atMs)
    this.#forget(entry)
  }

  #forget(entry: Entry): void {
    if (entry.state !== 'pending') this.#ended[entry.state].remove(entry)
    this.#entries.delete(entry.id)
    this.#bytes -= bytesOf(entry)
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
