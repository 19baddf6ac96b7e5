import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, formatSize, parseDuration, parseRate, parseSize } from '../../src/config/units.ts'

const DURATION = 'a duration such as 800ms, 5s, 5m, 2h or 30d'

describe('durations', () => {
  test.each([
    ['0ms', 0],
    ['0s', 0],
    ['800ms', 800],
    ['5s', 5000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['30d', 2_592_000_000],
    ['007s', 7000],
    ['9007199254740991ms', Number.MAX_SAFE_INTEGER],
  ])('reads %s as %i ms', (text, value) => {
    expect(parseDuration(text)).toEqual({ kind: 'read', value })
  })

  test.each([
    [undefined, `is missing: ${DURATION} is expected`],
    ['', `${DURATION} is expected, not ""`],
    ['-5s', `${DURATION} is expected, not "-5s"`],
    [' 5s', `${DURATION} is expected, not " 5s"`],
    [null, `${DURATION} is expected, not null`],
    [{ s: 5 }, `${DURATION} is expected, not {"s":5}`],
    [5, '5 has no unit: a whole number and one of ms, s, m, h, d is expected'],
    ['5', '5 has no unit: a whole number and one of ms, s, m, h, d is expected'],
    ['1.5s', '1.5s has no known unit: a whole number and one of ms, s, m, h, d is expected'],
    ['5 s', '5 s has no known unit: a whole number and one of ms, s, m, h, d is expected'],
    ['5sec', '5sec has no known unit: a whole number and one of ms, s, m, h, d is expected'],
    ['5S', '5S has no known unit: a whole number and one of ms, s, m, h, d is expected'],
    ['9007199254740992ms', '9007199254740992ms is too large'],
    ['9007199254740991s', '9007199254740991s is too large'],
  ])('refuses %j', (input, message) => {
    expect(parseDuration(input)).toEqual({ kind: 'refused', message })
  })

  test.each([
    [0, '0ms'],
    [999, '999ms'],
    [1000, '1s'],
    [1500, '1500ms'],
    [60_000, '1m'],
    [90_000, '90s'],
    [7_200_000, '2h'],
    [86_400_000, '1d'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  test('are read again as they were written', () => {
    fc.assert(
      fc.property(fc.nat(), (ms) => {
        expect(parseDuration(formatDuration(ms))).toEqual({ kind: 'read', value: ms })
      }),
    )
  })
})

describe('sizes', () => {
  test.each([
    ['512B', 512],
    ['64KiB', 65_536],
    ['1MiB', 1_048_576],
    ['2GiB', 2_147_483_648],
  ])('reads %s as %i bytes and writes it back', (text, value) => {
    expect(parseSize(text)).toEqual({ kind: 'read', value })
    expect(formatSize(value)).toBe(text)
  })

  test.each([
    ['64KB', '64KB has no known unit: a whole number and one of B, KiB, MiB, GiB is expected'],
    [64, '64 has no unit: a whole number and one of B, KiB, MiB, GiB is expected'],
    ['big', 'a size such as 512B, 64KiB or 1MiB is expected, not "big"'],
  ])('refuses %j', (input, message) => {
    expect(parseSize(input)).toEqual({ kind: 'refused', message })
  })
})

describe('rates', () => {
  test.each([
    ['100/s', 100],
    ['30/m', 0.5],
    ['3600/h', 1],
  ])('reads %s as %d a second', (text, value) => {
    expect(parseRate(text)).toEqual({ kind: 'read', value })
  })

  test.each([
    ['100', '100 has no unit: a whole number and one of /s, /m, /h is expected'],
    ['100/d', '100/d has no known unit: a whole number and one of /s, /m, /h is expected'],
    ['fast', 'a rate such as 100/s, 10/m or 5/h is expected, not "fast"'],
  ])('refuses %j', (input, message) => {
    expect(parseRate(input)).toEqual({ kind: 'refused', message })
  })
})
