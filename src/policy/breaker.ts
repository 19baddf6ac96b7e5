/**
 * The circuit of an endpoint and account, as a state machine of values: closed, open, half-open. The keys of its policy
 * are those of the webhook that is sent, so a state holds times only and each call brings its own policy.
 * Invariant: an open circuit lets one request through every `probeMs`, or after the wait that the server asked for, at most
 * {@link ASKED_WAIT_LIMIT_MS}, whatever became of the one before, so that a lost probe or a clock set back can never keep it
 * shut. Called by the engine before and after each attempt.
 */
import type { Reason } from '../model/decision.ts'
import type { CircuitPolicy } from '../model/webhook.ts'
import type { CircuitResult } from './circuit-result.ts'
import { type FailureRow, isTooLong, NO_FAILURES, withFailure } from './failure-row.ts'

/** Everything goes through; `failures` are those since the last success. */
export interface ClosedCircuit {
  readonly kind: 'closed'
  readonly failures: FailureRow
  /** Since when it is closed. */
  readonly sinceMs: number
}

/** Nothing goes through until the next probe is due. */
export interface OpenCircuit {
  readonly kind: 'open'
  /** Since when the endpoint is taken for offline; probes that fail do not change it. */
  readonly sinceMs: number
  /** When it opened, or the last probe was let through: the next one is due `probeMs` later, or `askedWaitMs` if that is more. */
  readonly lastProbeMs: number
  /** By the last failure's `Retry-After`, counted from `lastProbeMs`; 0: none. */
  readonly askedWaitMs: number
  /** Of the last failure. */
  readonly reason: Reason | ''
}

/** A probe is under way and has not been answered. */
export interface HalfOpenCircuit extends Omit<OpenCircuit, 'kind'> {
  readonly kind: 'half-open'
}

/** One of the three states. */
export type Circuit = ClosedCircuit | OpenCircuit | HalfOpenCircuit

/** Name of a state. */
export type CircuitKind = Circuit['kind']

/** Whether a request may go out. */
export type Permit =
  /** Yes; the state stays. */
  | { readonly kind: 'go' }
  /** Yes, as the probe; the circuit is from now on in `state`. */
  | { readonly kind: 'probe'; readonly state: HalfOpenCircuit }
  /** No: a delivery waits until `untilMs`, an invoke is `circuit-open`. */
  | { readonly kind: 'held'; readonly untilMs: number }

/**
 * Longest wait for the next probe that a server may ask for by `Retry-After`: 5 minutes. Less than the day that one delivery
 * is put off for, because a circuit holds all that its account sends there, live calls too.
 */
export const ASKED_WAIT_LIMIT_MS: number = 5 * 60_000

const GO: Permit = Object.freeze({ kind: 'go' })

/** A circuit that has seen nothing. */
export function closedCircuit(nowMs: number): ClosedCircuit {
  return { kind: 'closed', failures: NO_FAILURES, sinceMs: nowMs }
}

/**
 * Whether a request may go out now. Asking does not use up the probe: it is taken by putting the permit's `state` in the
 * circuit's place. Webhooks with `off` always go.
 */
export function permit(circuit: Circuit, policy: CircuitPolicy | 'off', nowMs: number): Permit {
  if (circuit.kind === 'closed' || policy === 'off') return GO
  const dueMs = nextProbeMs(circuit, policy)
  const isClockBack = nowMs < circuit.lastProbeMs
  if (nowMs < dueMs && !isClockBack) return { kind: 'held', untilMs: dueMs }
  return { kind: 'probe', state: { ...circuit, kind: 'half-open', lastProbeMs: nowMs, askedWaitMs: 0 } }
}

/** When an open circuit lets its next request through; one that is due already goes with the next that is asked for. */
export function nextProbeMs(circuit: OpenCircuit | HalfOpenCircuit, policy: CircuitPolicy): number {
  return circuit.lastProbeMs + Math.max(policy.probeMs, circuit.askedWaitMs)
}

/**
 * The circuit after an attempt, the same object where nothing changes. Any success closes it, also one that was sent
 * before it opened: the endpoint answers. A failure of a webhook with `off` does not count; its success does.
 *
 * @param reason of a failure, kept to be shown
 * @param retryAfterMs wait that the server asked for with its failure; 0: none
 */
export function onResult(
  circuit: Circuit,
  policy: CircuitPolicy | 'off',
  result: CircuitResult,
  nowMs: number,
  reason: Reason | '' = '',
  retryAfterMs = 0,
): Circuit {
  switch (result) {
    case 'neutral':
      return circuit
    case 'success':
      return afterSuccess(circuit, nowMs)
    case 'failure':
      return policy === 'off' ? circuit : afterFailure(circuit, policy, nowMs, { reason, retryAfterMs })
  }
}

/** Whether the endpoint has just come back online: now its backlog may return, at a rising rate (`ramp.ts`). */
export function hasRecovered(before: Circuit, after: Circuit): boolean {
  return before.kind !== 'closed' && after.kind === 'closed'
}

function afterSuccess(circuit: Circuit, nowMs: number): Circuit {
  if (circuit.kind !== 'closed') return closedCircuit(nowMs)
  return circuit.failures.length === 0 ? circuit : { ...circuit, failures: NO_FAILURES }
}

/** What is remembered of a failure. */
interface Failure {
  readonly reason: Reason | ''
  readonly retryAfterMs: number
}

function afterFailure(circuit: Circuit, policy: CircuitPolicy, nowMs: number, failure: Failure): Circuit {
  const { reason, retryAfterMs } = failure
  switch (circuit.kind) {
    case 'closed': {
      const failures = withFailure(circuit.failures, policy, nowMs)
      if (!isTooLong(failures, policy)) return { ...circuit, failures }
      return { kind: 'open', sinceMs: nowMs, lastProbeMs: nowMs, askedWaitMs: askedWaitMs(retryAfterMs, 0), reason }
    }
    case 'open':
      // Requests from before it opened; they must not put off the next probe.
      return circuit
    case 'half-open':
      return { ...circuit, kind: 'open', askedWaitMs: askedWaitMs(retryAfterMs, nowMs - circuit.lastProbeMs), reason }
  }
}

/** A wait that was asked for `sinceProbeMs` after the probe, counted from the probe. */
function askedWaitMs(retryAfterMs: number, sinceProbeMs: number): number {
  return retryAfterMs === 0 ? 0 : Math.min(retryAfterMs + Math.max(0, sinceProbeMs), ASKED_WAIT_LIMIT_MS)
}
