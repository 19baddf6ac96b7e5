/** The backlog's way back: limits that double every second until there are none, whatever the clock does. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { advanceRamp, RAMP_STEPS, type Ramp, rampLimits, startRamp } from '../../src/policy/ramp.ts'

/** The limits so long after recovery, asked for once. */
function limitsAfter(passedMs: number) {
  return rampLimits(advanceRamp(startRamp(5000), 5000 + passedMs))
}

describe('limits', () => {
  test.each([
    { passedMs: 0, inFlight: 2, ratePerSecond: 20 },
    { passedMs: 999, inFlight: 2, ratePerSecond: 20 },
    { passedMs: 1000, inFlight: 4, ratePerSecond: 40 },
    { passedMs: 1999, inFlight: 4, ratePerSecond: 40 },
    { passedMs: 2000, inFlight: 8, ratePerSecond: 80 },
    { passedMs: 9999, inFlight: 1024, ratePerSecond: 10_240 },
    { passedMs: 10_000, inFlight: Number.POSITIVE_INFINITY, ratePerSecond: Number.POSITIVE_INFINITY },
    { passedMs: 9_000_000, inFlight: Number.POSITIVE_INFINITY, ratePerSecond: Number.POSITIVE_INFINITY },
  ])('$passedMs ms after recovery: $inFlight in flight, $ratePerSecond a second', ({ passedMs, ...limits }) => {
    expect(limitsAfter(passedMs)).toEqual(limits)
  })

  test('how often it is asked makes no difference', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2500 }), { maxLength: 30 }), (stepsMs) => {
        let nowMs = 5000
        let ramp: Ramp = startRamp(nowMs)
        for (const stepMs of stepsMs) {
          nowMs += stepMs
          ramp = advanceRamp(ramp, nowMs)
        }
        expect(rampLimits(ramp)).toEqual(limitsAfter(nowMs - 5000))
      }),
    )
  })

  test('within a step the ramp stays the same object', () => {
    const ramp = startRamp(0)
    expect(advanceRamp(ramp, 999)).toBe(ramp)
  })
})

describe('a clock set back', () => {
  test('begins the step anew and keeps what was reached', () => {
    const ramp = advanceRamp(startRamp(3_600_000), 3_602_500)
    const back = advanceRamp(ramp, 500)
    expect(rampLimits(back)).toEqual(rampLimits(ramp))
    expect(rampLimits(advanceRamp(back, 1499))).toEqual(rampLimits(ramp))
    expect(rampLimits(advanceRamp(back, 1500)).inFlight).toBe(2 * rampLimits(ramp).inFlight)
  })

  test('neither lowers a limit nor frees it early, and ten more steady seconds end any ramp', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50_000, max: 900 }), { maxLength: 100 }), (stepsMs) => {
        let nowMs = 0
        let forwardMs = 0
        let ramp = startRamp(nowMs)
        for (const stepMs of stepsMs) {
          nowMs += stepMs
          forwardMs += Math.max(0, stepMs)
          const next = advanceRamp(ramp, nowMs)
          expect(rampLimits(next).inFlight).toBeGreaterThanOrEqual(rampLimits(ramp).inFlight)
          expect(rampLimits(next).inFlight).toBeLessThanOrEqual(limitsAfter(forwardMs).inFlight)
          ramp = next
        }
        expect(advanceRamp(advanceRamp(ramp, nowMs), nowMs + RAMP_STEPS * 1000).kind).toBe('unlimited')
      }),
    )
  })
})
