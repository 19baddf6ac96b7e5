/** Quantiles of the last one to two minutes: as exact as promised, gone when they are old. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LATENCY_LIMIT_MS } from '../../src/metrics/duration-histogram.ts'
import { WINDOW_MS, WindowedHistogram } from '../../src/metrics/windowed-histogram.ts'

const QUANTILES = [0.5, 0.9, 0.99, 0.999]

describe('quantiles', () => {
  test('are within 1 % of those of the sorted list', () => {
    const latencies = fc.array(fc.double({ min: 0.1, max: LATENCY_LIMIT_MS, noNaN: true }), {
      minLength: 1,
      maxLength: 500,
    })
    fc.assert(
      fc.property(latencies, (values) => {
        const histogram = new WindowedHistogram()
        for (const value of values) histogram.record(value, 0)
        const sorted = values.toSorted((a, b) => a - b)
        for (const quantile of QUANTILES) {
          const exact = sorted[Math.ceil(quantile * values.length) - 1] ?? Number.NaN
          const found = histogram.quantileMs(quantile, 0) ?? Number.NaN
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact / 100)
        }
      }),
    )
  })

  test.each([
    { latencyMs: 0, shownMs: 0 },
    { latencyMs: -5, shownMs: 0 },
    { latencyMs: Number.NaN, shownMs: 0 },
    { latencyMs: 0.001, shownMs: 0.001 },
    { latencyMs: LATENCY_LIMIT_MS + 1, shownMs: LATENCY_LIMIT_MS },
    { latencyMs: Number.POSITIVE_INFINITY, shownMs: LATENCY_LIMIT_MS },
  ])('$latencyMs ms are shown as $shownMs ms', ({ latencyMs, shownMs }) => {
    const histogram = new WindowedHistogram()
    histogram.record(latencyMs, 0)
    const foundMs = histogram.quantileMs(0.5, 0) ?? Number.NaN
    expect(Math.abs(foundMs - shownMs)).toBeLessThanOrEqual(shownMs / 200)
  })

  test('there are none without values', () => {
    expect(new WindowedHistogram().quantileMs(0.5, 0)).toBeUndefined()
  })
})

describe('window', () => {
  test.each([
    { readAtMs: 2 * WINDOW_MS - 1, isSeen: true },
    { readAtMs: 2 * WINDOW_MS, isSeen: false },
  ])('a value from the start is seen at $readAtMs ms: $isSeen', ({ readAtMs, isSeen }) => {
    const histogram = new WindowedHistogram()
    histogram.record(5, 0)
    expect(histogram.quantileMs(0.5, readAtMs) !== undefined).toBe(isSeen)
  })

  test('what is seen is never older than two minutes and always reaches back one', () => {
    const gaps = fc.array(fc.nat({ max: 50_000 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(gaps, (gapsMs) => {
        const histogram = new WindowedHistogram()
        const recorded: { readonly timeMs: number; readonly latencyMs: number }[] = []
        let nowMs = 0
        for (const [index, gapMs] of gapsMs.entries()) {
          nowMs += gapMs
          // Earlier values are larger, so the largest one that is seen tells how far back the window reaches.
          const latencyMs = 50_000 * 0.9 ** index
          recorded.push({ timeMs: nowMs, latencyMs })
          histogram.record(latencyMs, nowMs)
          const largestMs = histogram.quantileMs(1, nowMs) ?? 0
          const oldest = recorded.find((value) => Math.abs(value.latencyMs - largestMs) <= largestMs / 100)
          const lastMinute = recorded.find(({ timeMs }) => nowMs - timeMs < WINDOW_MS)
          expect(nowMs - (oldest?.timeMs ?? Number.NEGATIVE_INFINITY)).toBeLessThan(2 * WINDOW_MS)
          expect(oldest?.timeMs).toBeLessThanOrEqual(lastMinute?.timeMs ?? Number.NEGATIVE_INFINITY)
        }
      }),
    )
  })
})
