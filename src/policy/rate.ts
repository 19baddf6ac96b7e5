/**
 * A webhook's `rate` as a token bucket, kept as one number: the time at which the requests let out so far are paid off
 * (the "generic cell rate" form of the bucket). Over any span of t seconds no more than the bucket's size + rate × t go out.
 * A clock set back neither stops the bucket for longer than it takes to fill nor fills it. Called by the engine's scheduler.
 */

/** A bucket; {@link FULL_BUCKET} to begin with. */
export interface Bucket {
  /** When the bucket is full again, in milliseconds. */
  readonly fullAtMs: number
}

/** What came of asking for one request. */
export interface Taken {
  /** Keep this one in the place of the bucket asked. */
  readonly state: Bucket
  /** 0: go ahead. Else nothing was taken: ask again after so many milliseconds, a whole number from 1. */
  readonly waitMs: number
}

/** A bucket from which nothing was taken yet. */
export const FULL_BUCKET: Bucket = Object.freeze({ fullAtMs: Number.NEGATIVE_INFINITY })

/**
 * The bucket holds what its rate gives in 50 ms, one request at least: enough to make up for a late timer, too little to
 * be felt as a burst (at 100/s any second sees 105 at most).
 */
export const BUCKET_SIZE_MS = 50

/**
 * Takes one request out of the bucket.
 *
 * @param ratePerSecond above 0; may be below 1, and may differ from one call to the next
 * @param bucketSizeMs how much the bucket holds, as the time in which its rate gives that
 */
export function takeAt(
  state: Bucket,
  ratePerSecond: number,
  nowMs: number,
  bucketSizeMs: number = BUCKET_SIZE_MS,
): Taken {
  const intervalMs = 1000 / ratePerSecond
  const sizeMs = Math.max(intervalMs, bucketSizeMs)
  // Debt beyond a whole bucket comes from a clock set back, or from a rate that was lower.
  const fullAtMs = Math.min(Math.max(state.fullAtMs, nowMs), nowMs + sizeMs)
  const earliestMs = fullAtMs - (sizeMs - intervalMs)
  if (nowMs < earliestMs) return { state: { fullAtMs }, waitMs: Math.ceil(earliestMs - nowMs) }
  return { state: { fullAtMs: fullAtMs + intervalMs }, waitMs: 0 }
}
