/**
 * An HDR histogram of durations with the sum of each doubling beside it, so that a quantile is found in some two hundred steps
 * instead of thousands: a scrape asks for thousands of quantiles. Two significant digits: a quantile is within half a percent of
 * the value in the sorted list, at any size. Used for windows of latencies.
 */
import { Int32Histogram } from 'hdr-histogram-js'

/** Longest duration that is told apart, in milliseconds; longer ones count as this: 60 s, six times what an attempt may take. */
export const LATENCY_LIMIT_MS = 60_000

/** Microseconds are what is counted, so that 0.1 ms still has its two digits. */
const UNITS_PER_MS = 1000

const SIGNIFICANT_DIGITS = 2

/** See the head of this file. 10 KB. */
export class DurationHistogram {
  readonly #histogram = new Int32Histogram(1, LATENCY_LIMIT_MS * UNITS_PER_MS, SIGNIFICANT_DIGITS)
  /** Values in a doubling: `subBucketHalfCount` indexes each. */
  readonly #sums = new Uint32Array(Math.ceil(this.#histogram.countsArrayLength / this.#histogram.subBucketHalfCount))

  /** Takes in a duration; what is negative or no number counts as 0. */
  record(durationMs: number): void {
    const boundedMs = durationMs > 0 ? Math.min(durationMs, LATENCY_LIMIT_MS) : 0
    const units = Math.round(boundedMs * UNITS_PER_MS)
    this.#histogram.recordValue(units)
    const doubling = Math.trunc(this.#histogram.countsArrayIndex(units) / this.#histogram.subBucketHalfCount)
    this.#sums[doubling] = (this.#sums[doubling] ?? 0) + 1
  }

  /**
   * The durations in milliseconds that these shares of all do not exceed, in their order; empty where there are none.
   *
   * @param quantiles 0 to 1
   */
  quantilesMs(quantiles: readonly number[]): readonly number[] {
    const count = this.#histogram.totalCount
    if (count === 0) return []
    return quantiles.map((quantile) => {
      const units = this.#histogram.valueFromIndex(this.#indexAt(Math.max(1, Math.ceil(quantile * count))))
      return this.#histogram.medianEquivalentValue(units) / UNITS_PER_MS
    })
  }

  /** Where the value is counted that has this place, from 1, when all are sorted. */
  #indexAt(place: number): number {
    let left = place
    let index = 0
    for (const sum of this.#sums) {
      if (left <= sum) break
      left -= sum
      index += this.#histogram.subBucketHalfCount
    }
    for (; index < this.#histogram.countsArrayLength - 1; index += 1) {
      left -= this.#histogram.getCountAtIndex(index)
      if (left <= 0) break
    }
    return index
  }
}
