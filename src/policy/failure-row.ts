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
 * The row with one more failure; no longer than the longest policy that it was counted under asks for. Times that lie ahead of `nowMs` - the clock was set
 * back - count as of now: the failures happened, only when is no longer known.
 */
export function withFailure(row: FailureRow, policy: CircuitPolicy, nowMs: number): FailureRow {
  // Webhooks with different policies share a circuit: a short one must not cut what a longer one still counts.
  const last = [...row, nowMs].slice(-Math.max(row.length, policy.failures, 1))
  return last.map((timeMs) => Math.min(timeMs, nowMs))
}

/** Whether the row's last `policy.failures` failures lie within `policy.withinMs`, both ends included. */
export function isTooLong(row: FailureRow, policy: CircuitPolicy): boolean {
  const firstMs = row[row.length - policy.failures]
  const lastMs = row[row.length - 1]
  return firstMs !== undefined && lastMs !== undefined && lastMs - firstMs <= policy.withinMs
}
