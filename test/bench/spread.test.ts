/**
 * What a few measurements tell: median, quartiles, ratios of pairs; and when they are too far apart to judge by.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NOISE_LIMIT, noiseOf, noisyControls } from '../../bench/measuring/noise.ts'
import { median, pairedRatios, spreadOf } from '../../bench/measuring/spread.ts'

describe('a spread', () => {
  test.each([
    { values: [3], spread: { median: 3, least: 3, most: 3, quartiles: [3, 3] } },
    { values: [4, 1], spread: { median: 2.5, least: 1, most: 4, quartiles: [1.75, 3.25] } },
    { values: [5, 1, 3, 2, 4], spread: { median: 3, least: 1, most: 5, quartiles: [2, 4] } },
  ])('of $values has its middle and its ends', ({ values, spread }) => {
    expect(spreadOf(values)).toEqual(spread)
  })

  test('of nothing is refused', () => {
    expect(() => spreadOf([])).toThrow('nothing was measured')
  })

  test('has its median between least and most, in whatever order values came', () => {
    const values = fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(values, (all) => {
        const { least, most, quartiles } = spreadOf(all)
        const order = [least, quartiles[0], median(all), quartiles[1], most]
        expect(order).toEqual(order.toSorted((a, b) => a - b))
        expect(spreadOf(all.toReversed())).toEqual(spreadOf(all))
      }),
    )
  })
})

test('each value is divided by the one measured beside it', () => {
  expect(pairedRatios([2, 9], [1, 3])).toEqual([2, 3])
})

describe('noise', () => {
  const control = (values: readonly number[]) => ({ name: 'bare dispatch', unit: 'µs', values })

  test('is how uncertain the median is, as a share of it', () => {
    expect(noiseOf([10, 20, 30, 40, 50])).toBeCloseTo((0.93 * 20) / Math.sqrt(5) / 30)
    expect(noiseOf([7, 7, 7])).toBe(0)
  })

  test('is half as much where four times as many values lie as far apart', () => {
    const five = [10, 20, 30, 40, 50]
    const twenty = five.flatMap((value) => [value, value, value, value])
    expect(spreadOf(twenty).quartiles).toEqual(spreadOf(five).quartiles)
    expect(noiseOf(twenty)).toBeCloseTo(noiseOf(five) / 2)
  })

  test.each([
    { title: 'at the limit it is quiet', values: [88, 88, 100, 112, 112], isNoisy: false },
    { title: 'just beyond it is noisy', values: [87.9, 87.9, 100, 112, 112], isNoisy: true },
    { title: 'one stray value is no noise', values: [100, 100, 100, 100, 900], isNoisy: false },
    { title: 'a single value tells nothing of noise', values: [100], isNoisy: false },
  ])('$title', ({ values, isNoisy }) => {
    expect(noisyControls([control(values)], NOISE_LIMIT).length > 0).toBe(isNoisy)
  })

  test('is told with the control and both shares', () => {
    expect(noisyControls([control([10, 20, 30, 40, 50])])).toEqual([
      'bare dispatch: its median is uncertain by 28 %, more than 10 %',
    ])
  })
})
