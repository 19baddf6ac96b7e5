/**
 * A few totals at one moment, for a console line, and how fast they grew between two such moments.
 * Rates are made of two snapshots by whoever shows them, so that several readers do not disturb each other.
 */

/** Totals since the start; latencies of the last one to two minutes. */
export interface MetricsSnapshot {
  /** When it was taken, in milliseconds of the metrics' own monotonic clock. */
  readonly atMs: number
  /** Events accepted. */
  readonly events: number
  /** HTTP requests to customers. */
  readonly attempts: number
  readonly delivered: number
  /** Attempts that failed and will be made again. */
  readonly retries: number
  readonly dead: number
  readonly invokes: number
  /** Absent where there was no invoke lately. */
  readonly invokeP50Ms?: number
  readonly invokeP99Ms?: number
}

/** Growth by second. */
export interface MetricsRates {
  readonly eventsPerSecond: number
  readonly attemptsPerSecond: number
  readonly retriesPerSecond: number
  readonly invokesPerSecond: number
}

/** How fast the totals grew from `earlier` to `later`; 0 where no time has passed. */
export function ratesBetween(earlier: MetricsSnapshot, later: MetricsSnapshot): MetricsRates {
  const seconds = (later.atMs - earlier.atMs) / 1000
  const rate = (before: number, after: number) => (seconds > 0 ? (after - before) / seconds : 0)
  return {
    eventsPerSecond: rate(earlier.events, later.events),
    attemptsPerSecond: rate(earlier.attempts, later.attempts),
    retriesPerSecond: rate(earlier.retries, later.retries),
    invokesPerSecond: rate(earlier.invokes, later.invokes),
  }
}
