/**
 * Latencies of the last one to two minutes as a histogram, so that quantiles follow what happens now.
 * Two histograms of different age take every value and the older one is read; every minute the older is given up and the
 * younger takes its place. Reading merges nothing, and what is idle for two minutes holds no memory.
 * Used for endpoints and for invokes, main thread only.
 */
import { DurationHistogram } from './duration-histogram.ts'

/** How often the younger histogram becomes the one that is read; what is read covers one to two of these. */
export const WINDOW_MS = 60_000

/** A histogram over a moving window. Times come in as numbers, of a clock that does not go back. */
export class WindowedHistogram {
  #older: DurationHistogram | undefined
  #younger: DurationHistogram | undefined
  /** Minutes of the clock, each of which begins a new younger histogram. */
  #window = Number.NaN

  /** Takes in one latency; what is negative or no number counts as 0. */
  record(latencyMs: number, nowMs: number): void {
    this.#rotate(nowMs)
    this.#older ??= new DurationHistogram()
    this.#younger ??= new DurationHistogram()
    this.#older.record(latencyMs)
    this.#younger.record(latencyMs)
  }

  /** See {@link DurationHistogram.quantilesMs}; empty where the window has no values. */
  quantilesMs(quantiles: readonly number[], nowMs: number): readonly number[] {
    this.#rotate(nowMs)
    return this.#older === undefined ? [] : this.#older.quantilesMs(quantiles)
  }

  /** One of them; undefined where the window has no values. */
  quantileMs(quantile: number, nowMs: number): number | undefined {
    return this.quantilesMs([quantile], nowMs)[0]
  }

  #rotate(nowMs: number): void {
    const window = Math.floor(nowMs / WINDOW_MS)
    if (window === this.#window) return
    this.#older = window === this.#window + 1 ? this.#younger : undefined
    this.#younger = undefined
    this.#window = window
  }
}
