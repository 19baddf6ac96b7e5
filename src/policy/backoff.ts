/**
 * When the next attempt of a delivery is due, and for how long a delivery may be held.
 * Pure: randomness comes in as a number, so that a replayed settlement is due at the same time everywhere.
 * Called by the engine where a delivery is accepted, has failed, or is held.
 */

/** Waits before attempt 1, 2, … in milliseconds, unless a webhook has its own `retry.schedule` (contract, section 1). */
export const DEFAULT_SCHEDULE_MS: readonly number[] = [
  0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000,
]

/** Share of a wait by which it may be shorter or longer, unless a webhook has its own `retry.jitter` (contract, section 1). */
export const DEFAULT_JITTER = 0.2

/** A delivery may be held for this long at least, however short its schedule is: 24 h (contract, section 6). */
export const SHORTEST_HOLD_LIMIT_MS = 86_400_000

/**
 * The wait before an attempt, in whole milliseconds: the schedule's entry, made shorter or longer by up to `jitter` of
 * itself. `undefined` where the schedule has no such attempt: the delivery is dead.
 *
 * @param scheduleMs wait before attempt 1, 2, …; counted from acceptance for the first, from the end of the last attempt else
 * @param attempt from 1
 * @param jitter 0 (exactly on schedule) to 1
 * @param random from 0 up to but not including 1; 0.5 gives the schedule's entry itself
 */
export function delayBeforeMs(
  scheduleMs: readonly number[],
  attempt: number,
  jitter: number,
  random: number,
): number | undefined {
  const waitMs = scheduleMs[attempt - 1]
  return waitMs === undefined ? undefined : Math.round(waitMs * (1 + jitter * (2 * random - 1)))
}

/**
 * For how long in all a delivery may be held (inactive webhook, open circuit) before it is dead as `expired`, in
 * milliseconds: as long as its schedule would have lasted without jitter, {@link SHORTEST_HOLD_LIMIT_MS} at least.
 */
export function holdLimitMs(scheduleMs: readonly number[]): number {
  return Math.max(
    SHORTEST_HOLD_LIMIT_MS,
    scheduleMs.reduce((sumMs, waitMs) => sumMs + waitMs, 0),
  )
}
