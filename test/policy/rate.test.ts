/** The rate of a webhook: exact spacing, a small bucket, no burst and no stop whatever the clock does. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BUCKET_SIZE_MS, type Bucket, FULL_BUCKET, takeAt } from '../../src/policy/rate.ts'

/** How many requests go out at one moment. */
function takenAtOnce(state: Bucket, ratePerSecond: number, nowMs: number): number {
  const { state: next, waitMs } = takeAt(state, ratePerSecond, nowMs)
  return waitMs > 0 ? 0 : 1 + takenAtOnce(next, ratePerSecond, nowMs)
}

/** The bucket when nothing more can be taken. */
function emptied(state: Bucket, ratePerSecond: number, nowMs: number): Bucket {
  const { state: next, waitMs } = takeAt(state, ratePerSecond, nowMs)
  return waitMs > 0 ? state : emptied(next, ratePerSecond, nowMs)
}

describe('takeAt', () => {
  test.each([
    { ratePerSecond: 0.1, size: 1 },
    { ratePerSecond: 1, size: 1 },
    { ratePerSecond: 20, size: 1 },
    { ratePerSecond: 39, size: 1 },
    { ratePerSecond: 40, size: 2 },
    { ratePerSecond: 100, size: 5 },
    { ratePerSecond: 1000, size: 50 },
  ])('a full bucket of $ratePerSecond/s lets $size out at once', ({ ratePerSecond, size }) => {
    expect(takenAtOnce(FULL_BUCKET, ratePerSecond, 1000)).toBe(size)
  })

  test.each([
    { ratePerSecond: 0.1, waitMs: 10_000 },
    { ratePerSecond: 1, waitMs: 1000 },
    { ratePerSecond: 3, waitMs: 334 },
    { ratePerSecond: 100, waitMs: 10 },
    { ratePerSecond: 1000, waitMs: 1 },
  ])(
    'an empty bucket of $ratePerSecond/s has the next one after $waitMs ms, not before',
    ({ ratePerSecond, waitMs }) => {
      const state = emptied(FULL_BUCKET, ratePerSecond, 5000)
      expect(takeAt(state, ratePerSecond, 5000).waitMs).toBe(waitMs)
      expect(takeAt(state, ratePerSecond, 5000 + waitMs - 1).waitMs).toBe(1)
      expect(takeAt(state, ratePerSecond, 5000 + waitMs).waitMs).toBe(0)
    },
  )

  test('a refusal takes nothing', () => {
    const state = emptied(FULL_BUCKET, 100, 0)
    const refused = takeAt(takeAt(state, 100, 1).state, 100, 2)
    expect(refused.waitMs).toBe(8)
    expect(takeAt(refused.state, 100, 10).waitMs).toBe(0)
  })

  test('a rate that was raised holds at once', () => {
    const state = emptied(FULL_BUCKET, 0.001, 0)
    expect(takeAt(state, 100, 0).waitMs).toBeLessThanOrEqual(BUCKET_SIZE_MS)
  })
})

const rates = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0.01, max: 100, noNaN: true }))
const nows = fc.oneof(fc.constant(0), fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }))

describe('properties', () => {
  test('between any two requests no more go out than the bucket and the time between them allow', () => {
    fc.assert(
      fc.property(rates, nows, fc.array(fc.nat({ max: 400 }), { maxLength: 150 }), (rate, startMs, gapsMs) => {
        const intervalMs = 1000 / rate
        const sentMs: number[] = []
        let state: Bucket = FULL_BUCKET
        let nowMs = startMs
        for (const gapMs of gapsMs) {
          nowMs += gapMs
          const taken = takeAt(state, rate, nowMs)
          state = taken.state
          if (taken.waitMs === 0) sentMs.push(nowMs)
        }
        const size = Math.max(1, BUCKET_SIZE_MS / intervalMs)
        for (const [index, fromMs] of sentMs.entries()) {
          const spanMs = (sentMs.at(-1) ?? fromMs) - fromMs
          expect(sentMs.length - index).toBeLessThanOrEqual(size + spanMs / intervalMs + 1e-3)
        }
      }),
    )
  })

  test('waiting as told is enough, and gives the full rate', () => {
    fc.assert(
      fc.property(rates, nows, (rate, startMs) => {
        let state: Bucket = FULL_BUCKET
        let nowMs = startMs
        for (let sent = 0; sent < 20; sent += 1) {
          const asked = takeAt(state, rate, nowMs)
          nowMs += asked.waitMs
          const taken = asked.waitMs === 0 ? asked : takeAt(asked.state, rate, nowMs)
          expect(taken.waitMs).toBe(0)
          state = taken.state
        }
        // Each wait is rounded up to whole milliseconds, which the bucket makes up for where it holds more than one.
        expect(nowMs - startMs).toBeLessThanOrEqual(19 * (1000 / rate + 1))
      }),
    )
  })

  test('a clock set back neither fills the bucket nor stops it for longer than the bucket takes to fill', () => {
    fc.assert(
      fc.property(rates, nows, fc.nat({ max: 100_000_000 }), (rate, nowMs, backMs) => {
        const state = emptied(FULL_BUCKET, rate, nowMs)
        const asked = takeAt(state, rate, nowMs - backMs)
        expect(asked.waitMs).toBeGreaterThan(0)
        expect(asked.waitMs).toBeLessThanOrEqual(Math.ceil(1000 / rate) + BUCKET_SIZE_MS)
        expect(takeAt(asked.state, rate, nowMs - backMs + asked.waitMs).waitMs).toBe(0)
      }),
    )
  })
})
