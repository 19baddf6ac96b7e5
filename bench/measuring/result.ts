/**
 * What a bench gives: tables for people, ratios for gates, controls that tell how noisy it was, and latencies to be drawn.
 * Plain data, as `--json` writes it.
 */

/** Values of one quantity, one a round. */
export interface Series {
  readonly name: string
  /** `µs`, `ns`, `events/s` …; empty for a ratio. */
  readonly unit: string
  readonly values: readonly number[]
}

/** A table; its cells are texts, or series that are shown with their spread. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | Series)[])[]
}

/** A ratio that has a gate, one value a round; its name is the gate's. */
export interface MeasuredRatio {
  readonly gate: string
  readonly values: readonly number[]
}

/** Latencies of one contender over percentiles, to be drawn beside those of others. */
export interface LatencyLine {
  readonly name: string
  readonly points: readonly LatencyPoint[]
}

/** So many percent of requests took at most so long. */
export interface LatencyPoint {
  readonly percentile: number
  readonly latencyMs: number
}

/** What came of one bench. */
export interface BenchResult {
  readonly tables: readonly Table[]
  readonly ratios: readonly MeasuredRatio[]
  readonly controls: readonly Series[]
  readonly latencies: readonly LatencyLine[]
}
