/**
 * How fast a backlog returns to an endpoint that has just come back online: slowly at first, twice as fast every second,
 * after ten seconds without limit. Both limits hold, because a fast server answers thousands a second with two in flight.
 * It carries its step instead of a start time: a clock set back can neither freeze it nor free it early.
 * Called by the engine's scheduler; live calls are not part of a backlog and pass it by.
 */

/** Where a recovering endpoint stands. */
export type Ramp =
  /** `step` from 0 to {@link RAMP_STEPS} - 1, begun at `stepSinceMs`. */
  { readonly kind: 'rising'; readonly step: number; readonly stepSinceMs: number } | { readonly kind: 'unlimited' }

/** What may go out now; both are `Infinity` without limit. */
export interface RampLimits {
  /** Requests in flight at once. */
  readonly inFlight: number
  readonly ratePerSecond: number
}

/** Length of a step, after which the limits double. */
export const RAMP_STEP_MS = 1000

/** Steps until there is no limit: the last one allows 1,024 in flight and 10,240 a second, about what one engine sends. */
export const RAMP_STEPS = 10

const FIRST_IN_FLIGHT = 2
const FIRST_RATE_PER_SECOND = 20

const UNLIMITED: Ramp = Object.freeze({ kind: 'unlimited' })

/** The ramp of an endpoint that is back online since `nowMs`. */
export function startRamp(nowMs: number): Ramp {
  return { kind: 'rising', step: 0, stepSinceMs: nowMs }
}

/**
 * The ramp at `nowMs`, the same object within a step. Where the clock was set back, the current step begins anew.
 */
export function advanceRamp(ramp: Ramp, nowMs: number): Ramp {
  if (ramp.kind === 'unlimited') return ramp
  if (nowMs < ramp.stepSinceMs) return { ...ramp, stepSinceMs: nowMs }
  const stepsPassed = Math.floor((nowMs - ramp.stepSinceMs) / RAMP_STEP_MS)
  if (stepsPassed === 0) return ramp
  const step = ramp.step + stepsPassed
  if (step >= RAMP_STEPS) return UNLIMITED
  return { kind: 'rising', step, stepSinceMs: ramp.stepSinceMs + stepsPassed * RAMP_STEP_MS }
}

/** What `ramp` lets out. */
export function rampLimits(ramp: Ramp): RampLimits {
  if (ramp.kind === 'unlimited') {
    return { inFlight: Number.POSITIVE_INFINITY, ratePerSecond: Number.POSITIVE_INFINITY }
  }
  const factor = 2 ** ramp.step
  return { inFlight: FIRST_IN_FLIGHT * factor, ratePerSecond: FIRST_RATE_PER_SECOND * factor }
}
