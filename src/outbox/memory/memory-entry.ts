/**
 * A delivery as the outbox in memory keeps it, what it looks like from outside, and which questions and commands concern it.
 */
import type { AcceptedEvent, AttemptRecord, DeadReason, DeliveryRecord, DeliveryState } from '../../model/delivery.ts'
import type { Linked } from '../../model/linked-list.ts'
import type { DeliveryQuery, StepCommand } from '../contract.ts'
import type { DueQueue, Queued } from '../queue/due-queue.ts'
import type { Indexed } from './indexed-heap.ts'
import type { Age } from './memory-ages.ts'

/** About what an entry takes beside its event's texts. */
const ENTRY_BYTES = 500

/** A delivery and all that is known of it; it stands among what waits or is in flight of its webhook, or what ended like it. */
export interface Entry extends Queued, Linked<Entry>, Indexed {
  readonly id: string
  readonly event: AcceptedEvent
  state: DeliveryState
  isLeased: boolean
  /** True: its webhook is gone; it dies when its lease ends. */
  isOrphan: boolean
  /** True: it was erased in flight; it goes when its lease ends, and is not shown before. */
  isErased: boolean
  attempts: number
  crashes: number
  waitsSinceMs: number
  endedAtMs: number
  reason: DeadReason | undefined
  records: AttemptRecord[]
  /** Those that it is pending with; undefined where it has ended. */
  age: Age | undefined
}

/** Whether `a` is due before `b`; of those due at the same time the first accepted is first. */
export function isDueBefore(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.sequence < b.sequence)
}

/** About what it takes in memory. */
export function bytesOf({ event }: Entry): number {
  return ENTRY_BYTES + event.payload.length + event.context.length
}

/** A copy to keep: what it says is part of a text in which the outcomes of other deliveries stand, which it would hold as well. */
export function ownRecord(record: AttemptRecord): AttemptRecord {
  return { ...record, detail: ownText(record.detail), excerpt: ownText(record.excerpt) }
}

function ownText(text: string): string {
  return text === '' ? '' : Buffer.from(text).toString()
}

/** Whether it belongs to the answer of `query`, its place apart. */
export function matches(entry: Entry, query: DeliveryQuery): boolean {
  return (
    !entry.isErased &&
    (query.webhook === undefined || entry.webhook === query.webhook) &&
    (query.state === undefined || entry.state === query.state) &&
    (query.event === undefined || entry.event.id === query.event) &&
    (query.subject === undefined || entry.event.subject === query.subject) &&
    (query.accounts === undefined || query.accounts.includes(entry.event.account))
  )
}

/** Whether a step of `command` touches it, its place apart. */
export function isConcerned({ webhook, state, event, endedAtMs }: Entry, command: StepCommand): boolean {
  if (state !== command.state || (command.webhook !== undefined && webhook !== command.webhook)) return false
  if (command.accounts !== undefined && !command.accounts.includes(event.account)) return false
  return command.kind === 'forget'
    ? endedAtMs < command.endedBeforeMs
    : event.acceptedAtMs >= command.sinceMs && event.acceptedAtMs < command.untilMs
}

/** It as people see it, on request with its event's content. */
export function recordOf(entry: Entry, queue: DueQueue<Entry>, withContent: boolean): DeliveryRecord {
  const { id, source, type, subject, account, acceptedAtMs, payload, context } = entry.event
  const common = {
    id: entry.id,
    webhook: entry.webhook,
    account,
    event: { id, source, type, subject },
    state: entry.state,
    acceptedAtMs,
    attempts: [...entry.records],
    ...(withContent && { content: { payload, context } }),
  }
  if (entry.state === 'pending') {
    return {
      ...common,
      dueMs: entry.dueMs,
      ...(queue.isBehind(entry) && { isBehind: true as const }),
      ...(entry.isLeased && { isInFlight: true as const }),
    }
  }
  const ended = { ...common, endedAtMs: entry.endedAtMs }
  return entry.reason === undefined ? ended : { ...ended, reason: entry.reason }
}
