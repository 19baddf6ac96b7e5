import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { microseconds, seconds, tenthsOfMinutes, wholeMinutes } from '../../src/catalog/minutes.ts'
import type { DataValue } from '../../src/model/data.ts'

describe('minutes are rounded up', () => {
  test.each<[DataValue, string, number]>([
    [0, '0.0', 0],
    [-0, '0.0', 0],
    [0.000001, '0.1', 1],
    [1, '0.1', 1],
    [6, '0.1', 1],
    [6.000001, '0.2', 1],
    [54, '0.9', 1],
    [59, '1.0', 1],
    [59.999, '1.0', 1],
    [60, '1.0', 1],
    ['60', '1.0', 1],
    ['60.0', '1.0', 1],
    [' 60 ', '1.0', 1],
    ['060', '1.0', 1],
    [60.000001, '1.1', 2],
    [61, '1.1', 2],
    [66, '1.1', 2],
    ['66.0', '1.1', 2],
    // The finest that counts is a microsecond; below it a value is a rounding error of its sender.
    [66.0000001, '1.1', 2],
    [66.0000004, '1.1', 2],
    [66.000001, '1.2', 2],
    [66.01, '1.2', 2],
    [67, '1.2', 2],
    [119.9, '2.0', 2],
    [120, '2.0', 2],
    [121, '2.1', 3],
    [65.9 + 0.1, '1.1', 2],
    [0.1 + 0.2 + 5.7, '0.1', 1],
    [3599, '60.0', 60],
    [3600, '60.0', 60],
    [3601, '60.1', 61],
    [86_400, '1440.0', 1440],
    [1_000_000_000, '16666666.7', 16_666_667],
  ])('%j seconds are %s and %i', (duration, tenths, whole) => {
    const us = microseconds(duration) ?? Number.NaN
    expect(tenthsOfMinutes(us)).toBe(tenths)
    expect(wholeMinutes(us)).toBe(whole)
  })
})

describe('no duration is', () => {
  test.each<[string, DataValue | undefined]>([
    ['nothing', undefined],
    ['null', null],
    ['a negative number', -1],
    ['a slightly negative number', -0.000001],
    ['a negative text', '-1'],
    ['NaN', Number.NaN],
    ['the text NaN', 'NaN'],
    ['infinity', Number.POSITIVE_INFINITY],
    ['the text Infinity', 'Infinity'],
    ['empty text', ''],
    ['white space', '  '],
    ['words', 'two minutes'],
    ['a clock', '01:01'],
    ['a number with a unit', '61s'],
    ['a number in hexadecimal', '0x3d'],
    ['a number with an exponent', '6e1'],
    ['a signed text', '+61'],
    ['a point alone', '.'],
    ['a fraction without its point’s digits', '61.'],
    ['two points', '1.2.3'],
    ['a number in groups', '1,000'],
    ['true', true],
    ['an array', [61]],
    ['an object', { seconds: 61 }],
    ['a microsecond more than a billion seconds', 1_000_000_000.000_001],
    ['a very long text', '9'.repeat(400)],
  ])('%s', (_title, duration) => {
    expect(microseconds(duration)).toBeUndefined()
  })
})

test('seconds come back whole where they are whole', () => {
  expect(seconds(96_000_000)).toBe(96)
  expect(seconds(96_500_000)).toBe(96.5)
  expect(seconds((microseconds(0.1) ?? 0) + (microseconds(0.2) ?? 0))).toBe(0.3)
})

test('a tenth is never less than the time and less than six seconds more, in exact arithmetic', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e15 }), (us) => {
      const [whole = '', tenth = ''] = tenthsOfMinutes(us).split('.')
      const excess = (BigInt(whole) * 10n + BigInt(tenth)) * 6_000_000n - BigInt(us)
      expect(excess >= 0n && excess < 6_000_000n).toBe(true)
      const excessOfWhole = BigInt(wholeMinutes(us)) * 60_000_000n - BigInt(us)
      expect(excessOfWhole >= 0n && excessOfWhole < 60_000_000n).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('numbers and their decimal texts mean the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), (thousandths) => {
      const duration = thousandths / 1000
      expect(microseconds(duration.toFixed(3))).toBe(thousandths * 1000)
      expect(microseconds(duration)).toBe(thousandths * 1000)
    }),
  )
})
