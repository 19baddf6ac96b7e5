/**
 * One HTTP try and how it ended. An expected ending (an HTTP 500, a timeout) is a value, never a throw.
 * These records cross the thread border and are shown to people, so they hold plain values only.
 */
import type { Reason } from './decision.ts'

/** Where an attempt's time went, in milliseconds; a phase that did not happen (a kept-alive connection, a failure before) is absent. */
export interface Phases {
  /** From being claimed (a delivery, to the millisecond) or asked for (an invoke) to being begun with. */
  readonly queueMs?: number
  /** The request made from data. */
  readonly renderMs?: number
  /** From being handed over to having a connection to use or to make. */
  readonly waitingMs?: number
  readonly dnsMs?: number
  /** TCP handshake. */
  readonly connectMs?: number
  readonly tlsMs?: number
  /** Request written to first byte of the answer. */
  readonly firstByteMs?: number
  /** First byte to last byte. */
  readonly bodyMs?: number
  /** The decision made from the answer: of invokes alone, a delivery looks at the status. */
  readonly interpretMs?: number
}

/** A phase as its member is named. */
export type PhaseName = keyof Phases

/** Reasons for which an exchange itself can fail; the rest of {@link Reason} is decided before or after it. */
export type ExchangeFailureReason = Extract<
  Reason,
  | 'connect-timeout'
  | 'response-timeout'
  | 'connection'
  | 'tls'
  | 'dns'
  | 'address-refused'
  | 'response-too-large'
  | 'invalid-response'
  | 'invalid-request'
  | 'overloaded'
  | 'cancelled'
  | 'internal'
>

/** What came of one request on the wire. */
export type Exchange =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly contentType: string
      /** The field `retry-after` as it came; empty where there was none. */
      readonly retryAfter: string
      /** The body, or its first bytes where the rest was dropped (answers of kind `status` and `ignored`). */
      readonly body: Uint8Array
      /** Body bytes received. */
      readonly bytes: number
      readonly durationMs: number
      readonly phases: Phases
    }
  | {
      readonly kind: 'failed'
      readonly reason: ExchangeFailureReason
      readonly detail: string
      /** The status where the failure came after the status line, else 0. */
      readonly status: number
      readonly bytes: number
      readonly durationMs: number
      readonly phases: Phases
    }

/** How one attempt of a delivery ended: what the main thread needs to settle it and what is kept to be shown. */
export interface Outcome {
  readonly result: OutcomeResult
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number
  readonly durationMs: number
  /** HTTP status, or 0 where none came. */
  readonly status: number
  /** Empty on success, else why. */
  readonly reason: Reason | ''
  readonly detail: string
  /** Seconds or date as the server sent it; empty where it did not. */
  readonly retryAfter: string
  readonly bytes: number
  /** First 1 KiB of the answer as text. */
  readonly excerpt: string
  readonly phases: Phases
}

/**
 * What an outcome means for its delivery: `success`; `failure` (tried and failed, counts as an attempt);
 * `invalid` (can never be sent, goes to the dead letters); `unsettled` (its worker died, not an attempt).
 */
export type OutcomeResult = 'success' | 'failure' | 'invalid' | 'unsettled'
