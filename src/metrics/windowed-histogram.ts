/**
 * Latencies of the last one to two minutes as an HDR histogram, so that quantiles follow what happens now.
 * Two histograms of different age take every value and the older one is read; every minute the older is given up and the
 * younger takes its place. Reading merges nothing, and what is idle for two minutes holds no memory.
 * Used for endpoints and for invokes, main thread only.
 */
import { build, type Histogram } from 'hdr-histogram-js'

/** How often the younger histogram becomes the one that is read; what is read covers one to two of these. */
export const WINDOW_MS = 60_000

/** Largest latency that is told apart; longer ones count as this: 60 s, six times what an attempt may take. */
export const LATENCY_LIMIT_MS = 60_000

/** Microseconds, the histograms' unit, so that 0.1 ms still has its three digits to within 1 %. */
const UNITS_PER_MS = 1000

/** A histogram with 3 significant digits over a moving window. Times come in as numbers, of a clock that does not go back. */
export class WindowedHistogram {
  #older: Histogram | undefined
  #younger: Histogram | undefined
  /** Minutes of the clock, each of which begins a new younger histogram. */
  #window = Number.NaN

  /** Takes in one latency; what is negative or no number counts as 0. */
  record(latencyMs: number, nowMs: number): void {
    this.#rotate(nowMs)
    const boundedMs = latencyMs > 0 ? Math.min(latencyMs, LATENCY_LIMIT_MS) : 0
    const units = Math.round(boundedMs * UNITS_PER_MS)
    this.#older ??= emptyHistogram()
    this.#younger ??= emptyHistogram()
    this.#older.recordValue(units)
    this.#younger.recordValue(units)
  }

  /**
   * The latency in milliseconds that a share of the window's values does not exceed; `undefined` where it has no values.
   *
   * @param quantile 0 to 1
   */
  quantileMs(quantile: number, nowMs: number): number | undefined {
    this.#rotate(nowMs)
    return this.#older === undefined ? undefined : this.#older.getValueAtPercentile(quantile * 100) / UNITS_PER_MS
  }

  #rotate(nowMs: number): void {
    const window = Math.floor(nowMs / WINDOW_MS)
    if (window === this.#window) return
    this.#older = window === this.#window + 1 ? this.#younger : undefined
    this.#younger = undefined
    this.#window = window
  }
}

/** It grows with the values that come: 8 KB up to 2 ms, 56 KB up to 10 s. */
function emptyHistogram(): Histogram {
  return build({ numberOfSignificantValueDigits: 3, bitBucketSize: 32, autoResize: true, useWebAssembly: false })
}
