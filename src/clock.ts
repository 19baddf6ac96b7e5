/**
 * Time as a dependency: what needs the time is given a clock, so that tests can hand it one of their own.
 * Policy takes times as plain numbers and never asks a clock itself.
 */

/** Two readings of time, which must not be mixed: one to show and to store, one to measure with. */
export interface Clock {
  /** Wall time in milliseconds since the epoch; can jump. */
  nowMs(): number
  /** Milliseconds since an arbitrary moment, with fractions; never goes back. */
  monotonicMs(): number
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}
