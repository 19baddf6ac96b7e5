/**
 * How long the rules look back and wait. The rules name durations as people on call read them; tests play an outage in
 * seconds, with the same rules on a shorter table.
 */

/** Every duration that rules name. */
export const DURATIONS = ['1m', '2m', '5m', '10m', '15m', '30m', '1h', '6h', '3d'] as const

/** One of {@link DURATIONS}. */
export type Duration = (typeof DURATIONS)[number]

/** What stands in the rules for what they name. */
export interface Timing {
  /** A duration as Prometheus writes it. */
  readonly of: (duration: Duration) => string
  /** How far ahead the rules look that tell when something will be full, in seconds. */
  readonly horizonSeconds: number
}

/** Four hours: enough to find somebody who makes room. */
const HORIZON_SECONDS = 14_400

/** As the rules are deployed. */
export const REAL_TIME: Timing = { of: (duration) => duration, horizonSeconds: HORIZON_SECONDS }
