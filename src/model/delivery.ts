/**
 * Deliveries: the durable intent to bring one event to one webhook, and what is remembered of each attempt.
 * Plain values with all ids and times inside, so that a log of them rebuilds the same state anywhere.
 */
import type { OutcomeResult, Phases } from './attempt.ts'
import type { Reason } from './decision.ts'

/** Why a delivery lies in the dead letters: an attempt's reason, or one that only deliveries know. */
export type DeadReason = Reason | 'webhook-removed' | 'expired'

/** `pending` until it is `delivered` or `dead`; replay and retry make it pending again. */
export type DeliveryState = 'pending' | 'delivered' | 'dead'

/** A delivery as an accepted event asks for it; its id is {@link deliveryId} of the event's key and its place. */
export interface NewDelivery {
  readonly webhook: string
  /** When attempt 1 is due, milliseconds since the epoch. */
  readonly dueMs: number
  /** True: waits for the call's earlier deliveries to the same webhook. */
  readonly ordered: boolean
}

/** An event as the outbox keeps it: the payload once, with every delivery that it triggers. */
export interface AcceptedEvent {
  /** Unique and in the order of acceptance: 26 hexadecimal digits of an `IdSource`. */
  readonly key: string
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  readonly account: string
  /** False: never a duplicate of another. */
  readonly hasOwnId: boolean
  readonly acceptedAtMs: number
  /** W3C trace context of the event, sent on with a new span an attempt. */
  readonly traceparent: string
  /** The data points as JSON text. */
  readonly payload: string
  /** The call's context at acceptance as JSON text; empty where there was none. */
  readonly context: string
  readonly deliveries: readonly NewDelivery[]
}

/** The id of an event's delivery at `index`, sent as `webhook-id` with every attempt: from it alone both are found again. */
export function deliveryId(eventKey: string, index: number): string {
  return `${eventKey}-${index}`
}

/** One attempt, as it is shown to people. */
export interface AttemptRecord {
  /** From 1; probes of an open circuit carry the number that the delivery stands at and use none up. */
  readonly attempt: number
  readonly startedAtMs: number
  readonly durationMs: number
  readonly result: OutcomeResult
  readonly status: number
  /** Empty on success. */
  readonly reason: Reason | ''
  readonly detail: string
  /** First 1 KiB of the answer as text. */
  readonly excerpt: string
  readonly phases: Phases
}

/**
 * Why a pending delivery can not go out now:
 * - `inactive`: its webhook is deactivated
 * - `ordered`: an earlier delivery of its call to the same webhook is pending
 * - `circuit-open`: its endpoint keeps failing
 * - `recovering`: its endpoint is back online, the backlog returns at a rising rate
 * - `concurrency`, `rate`: as many as its webhook may have in flight, or send a second
 * - `endpoint-busy`: as many deliveries as one endpoint may have in flight
 * - `account-share`: its account has its share of all that may be in flight
 */
export const HOLD_REASONS = [
  'inactive',
  'ordered',
  'circuit-open',
  'recovering',
  'concurrency',
  'rate',
  'endpoint-busy',
  'account-share',
] as const

/** One of {@link HOLD_REASONS}. */
export type HoldReason = (typeof HOLD_REASONS)[number]

/** What keeps a pending delivery from going out, and until when where only time has to pass before it is tried again. */
export interface Hold {
  readonly reason: HoldReason
  readonly untilMs?: number
}

/** A delivery with its history. */
export interface DeliveryRecord {
  readonly id: string
  readonly webhook: string
  readonly account: string
  readonly event: { readonly id: string; readonly source: string; readonly type: string; readonly subject: string }
  readonly state: DeliveryState
  readonly acceptedAtMs: number
  /** When the next attempt is due; absent unless pending. */
  readonly dueMs?: number
  /** When it was delivered or died; absent while pending. */
  readonly endedAtMs?: number
  /** Absent unless dead. */
  readonly reason?: DeadReason
  /** Present where it is pending behind an earlier delivery of its ordered call. */
  readonly isBehind?: true
  /** Present where it is claimed and not yet settled. */
  readonly isInFlight?: true
  /** The latest attempts, oldest first; as many as {@link KEPT_ATTEMPTS}. */
  readonly attempts: readonly AttemptRecord[]
  /** What its requests are rendered from; only where it is asked for. */
  readonly content?: DeliveryContent
}

/** What a delivery's event carried: data points and the call's context at acceptance as JSON text; empty where there was none. */
export interface DeliveryContent {
  readonly payload: string
  readonly context: string
}

/** Attempts kept with a delivery; the default schedule has 8, probes add to them. */
export const KEPT_ATTEMPTS = 20
