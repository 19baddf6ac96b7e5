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

  test('is how far the middle half is apart, as a share of the median', () => {
    expect(noiseOf([10, 20, 30, 40, 50])).toBeCloseTo(20 / 30)
    expect(noiseOf([7, 7, 7])).toBe(0)
  })

  test.each([
    { title: 'at the limit it is quiet', values: [87.5, 87.5, 100, 112.5, 112.5], isNoisy: false },
    { title: 'just beyond it is noisy', values: [87, 87, 100, 112.5, 112.5], isNoisy: true },
    { title: 'one stray value is no noise', values: [100, 100, 100, 100, 900], isNoisy: false },
    { title: 'a single value tells nothing of noise', values: [100], isNoisy: false },
  ])('$title', ({ values, isNoisy }) => {
    expect(noisyControls([control(values)], NOISE_LIMIT).length > 0).toBe(isNoisy)
  })

  test('is told with the control and both shares', () => {
    expect(noisyControls([control([10, 20, 30, 40, 50])])).toEqual([
      'bare dispatch: the middle half of its values is 67 % apart, more than 25 %',
    ])
  })
})
