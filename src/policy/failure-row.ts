/**
 * The circuit breaker's counting rule: so many failures in a row within so long. Knows nothing of circuits.
 * A row holds the times of its last failures, oldest first; a success ends it (the breaker begins a new one).
 */
import type { CircuitPolicy } from '../model/webhook.ts'

/** Times of failures with no success between them, oldest first, in milliseconds; never later than the last one's. */
export type FailureRow = readonly number[]

/** No failure yet. */
export const NO_FAILURES: FailureRow = Object.freeze([])

/**
 * Failures that a row keeps at least. Webhooks with different policies share a circuit: one that counts to 2 must not cut
 * what another one counts to 6 (or to anything up to this).
 */
const KEPT_FAILURES = 100

/**
 * The row with one more failure, cut to what policies can ask for. Times that lie ahead of `nowMs` - the clock was set
 * back - count as of now: the failures happened, only when is no longer known.
 */
export function withFailure(row: FailureRow, policy: CircuitPolicy, nowMs: number): FailureRow {
  const last = [...row, nowMs].slice(-Math.max(policy.failures, KEPT_FAILURES))
  return last.map((timeMs) => Math.min(timeMs, nowMs))
}

/** Whether the row's last `policy.failures` failures lie within `policy.withinMs`, both ends included. */
export function isTooLong(row: FailureRow, policy: CircuitPolicy): boolean {
  const firstMs = row[row.length - policy.failures]
  const lastMs = row[row.length - 1]
  return firstMs !== undefined && lastMs !== undefined && lastMs - firstMs <= policy.withinMs
}
