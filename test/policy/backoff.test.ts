/** Waits between attempts: the schedule's entries, their jitter, their end; and how long a delivery may be held. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_JITTER, DEFAULT_SCHEDULE_MS, delayBeforeMs, holdLimitMs } from '../../src/policy/backoff.ts'

const SECOND = 1000
const HOUR = 3_600_000

describe('delayBeforeMs', () => {
  test.each([
    { attempt: 1, waitMs: 0 },
    { attempt: 2, waitMs: 5 * SECOND },
    { attempt: 3, waitMs: 300 * SECOND },
    { attempt: 4, waitMs: HOUR / 2 },
    { attempt: 5, waitMs: 2 * HOUR },
    { attempt: 6, waitMs: 5 * HOUR },
    { attempt: 7, waitMs: 10 * HOUR },
    { attempt: 8, waitMs: 14 * HOUR },
  ])('waits $waitMs ms before attempt $attempt of the default schedule', ({ attempt, waitMs }) => {
    expect(delayBeforeMs(DEFAULT_SCHEDULE_MS, attempt, 0, 0)).toBe(waitMs)
    expect(delayBeforeMs(DEFAULT_SCHEDULE_MS, attempt, DEFAULT_JITTER, 0.5)).toBe(waitMs)
  })

  test.each([
    { schedule: DEFAULT_SCHEDULE_MS, attempt: 9 },
    { schedule: DEFAULT_SCHEDULE_MS, attempt: 0 },
    { schedule: DEFAULT_SCHEDULE_MS, attempt: -1 },
    { schedule: DEFAULT_SCHEDULE_MS, attempt: 1.5 },
    { schedule: [], attempt: 1 },
    { schedule: [7], attempt: 2 },
  ])('has no wait before attempt $attempt of a schedule with $schedule.length entries', ({ schedule, attempt }) => {
    expect(delayBeforeMs(schedule, attempt, 0, 0)).toBeUndefined()
  })

  test.each([
    { jitter: 0.2, random: 0, waitMs: 800 },
    { jitter: 0.2, random: 0.25, waitMs: 900 },
    { jitter: 0.2, random: 0.999_999, waitMs: 1200 },
    { jitter: 1, random: 0, waitMs: 0 },
    { jitter: 1, random: 0.999_999, waitMs: 2000 },
    { jitter: 0, random: 0.999_999, waitMs: 1000 },
  ])('turns 1,000 ms into $waitMs ms with jitter $jitter at $random', ({ jitter, random, waitMs }) => {
    expect(delayBeforeMs([1000], 1, jitter, random)).toBe(waitMs)
  })

  test('stays within the jitter, in whole milliseconds, and is never negative', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 100 * HOUR }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (waitMs, jitter, random) => {
          const delayMs = delayBeforeMs([waitMs], 1, jitter, random) ?? Number.NaN
          expect(Number.isInteger(delayMs)).toBe(true)
          expect(delayMs).toBeGreaterThanOrEqual(Math.floor(waitMs * (1 - jitter)))
          expect(delayMs).toBeLessThanOrEqual(Math.ceil(waitMs * (1 + jitter)))
        },
      ),
    )
  })
})

describe('holdLimitMs', () => {
  test.each([
    { schedule: [], limitMs: 24 * HOUR },
    { schedule: [0, 5 * SECOND], limitMs: 24 * HOUR },
    { schedule: [12 * HOUR, 12 * HOUR - 1], limitMs: 24 * HOUR },
    { schedule: [12 * HOUR, 12 * HOUR], limitMs: 24 * HOUR },
    { schedule: [12 * HOUR, 12 * HOUR + 1], limitMs: 24 * HOUR + 1 },
    { schedule: DEFAULT_SCHEDULE_MS, limitMs: 31.5 * HOUR + 305 * SECOND },
  ])('is $limitMs ms for the schedule $schedule', ({ schedule, limitMs }) => {
    expect(holdLimitMs(schedule)).toBe(limitMs)
  })
})
