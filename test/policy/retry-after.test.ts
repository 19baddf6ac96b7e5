/** `Retry-After` as strangers send it: seconds, the three formats of RFC 9110, and everything that is neither. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRetryAfterMs, RETRY_AFTER_LIMIT_MS } from '../../src/policy/retry-after.ts'

/** The moment of RFC 9110's own examples, section 5.6.7. */
const EXAMPLE_MS = Date.UTC(1994, 10, 6, 8, 49, 37)
const NOW_MS = Date.UTC(2025, 5, 1, 12, 0, 0)
const DAY_MS = 86_400_000

/** A moment in the obsolete format of RFC 850. */
function rfc850(timeMs: number): string {
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(timeMs).toUTCString().split(/,? /)
  const longDay = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'].find((name) =>
    name.startsWith(day),
  )
  return `${longDay}, ${date}-${month}-${year.slice(2)} ${time} GMT`
}

/** A moment in the obsolete format of asctime. */
function asctime(timeMs: number): string {
  const [day, date = '', month, year, time] = new Date(timeMs).toUTCString().split(/,? /)
  return `${day} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}`
}

describe('seconds', () => {
  test.each([
    ['0', 0],
    ['1', 1000],
    ['120', 120_000],
    [' 120\t', 120_000],
    ['007', 7000],
    ['86399', DAY_MS - 1000],
    ['86400', DAY_MS],
    ['86401', DAY_MS],
    ['99999999999999999999999999', DAY_MS],
    ['9'.repeat(400), DAY_MS],
  ])('%j is a wait of %i ms', (field, waitMs) => {
    expect(parseRetryAfterMs(field, NOW_MS)).toBe(waitMs)
  })
})

describe('dates', () => {
  test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
    '%j is a moment',
    (field) => {
      expect(parseRetryAfterMs(field, EXAMPLE_MS - 5000)).toBe(5000)
      expect(parseRetryAfterMs(field, EXAMPLE_MS)).toBe(0)
      expect(parseRetryAfterMs(field, EXAMPLE_MS + 1)).toBeUndefined()
      expect(parseRetryAfterMs(field, EXAMPLE_MS - DAY_MS)).toBe(DAY_MS)
      expect(parseRetryAfterMs(field, EXAMPLE_MS - DAY_MS - 1)).toBe(DAY_MS)
    },
  )

  test.each([
    ['Sat, 29 Feb 2020 00:00:00 GMT', Date.UTC(2020, 1, 29)],
    ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
    ['Thu, 31 Dec 2015 23:59:59 GMT', Date.UTC(2015, 11, 31, 23, 59, 59)],
    ['Wed Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 37)],
  ])('%j exists', (field, timeMs) => {
    expect(parseRetryAfterMs(field, timeMs - 1)).toBe(1)
  })

  test.each([
    { year: '25', now: Date.UTC(2025, 0, 1), fullYear: 2025 },
    { year: '75', now: Date.UTC(2025, 11, 31), fullYear: 2075 },
    { year: '00', now: Date.UTC(2099, 11, 31), fullYear: 2100 },
  ])('the year $year is $fullYear where that is at most 50 years ahead', ({ year, now, fullYear }) => {
    const dateMs = Date.UTC(fullYear, 5, 15, 0, 0, 0)
    const field = `Monday, 15-Jun-${year} 00:00:00 GMT`
    expect(parseRetryAfterMs(field, now)).toBe(Math.min(dateMs - now, RETRY_AFTER_LIMIT_MS))
  })

  test.each([
    { year: '76', now: Date.UTC(2025, 0, 1) },
    { year: '75', now: Date.UTC(2025, 0, 1) },
    { year: '24', now: Date.UTC(2025, 0, 1) },
  ])('the year $year lies in the past where it would be more than 50 years ahead of $now', ({ year, now }) => {
    expect(parseRetryAfterMs(`Monday, 15-Jun-${year} 00:00:00 GMT`, now)).toBeUndefined()
  })

  test('every second of the next day is understood in all three formats', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.integer({ min: 0, max: 86_400 }), (second, ahead) => {
        const nowMs = second * 1000
        const thenMs = nowMs + ahead * 1000
        const fields = [new Date(thenMs).toUTCString(), rfc850(thenMs), asctime(thenMs)]
        for (const field of fields) expect(parseRetryAfterMs(field, nowMs)).toBe(ahead * 1000)
      }),
    )
  })
})

describe('anything else is no wait', () => {
  test.each([
    '',
    ' ',
    '-1',
    '+5',
    '1.5',
    '1e3',
    '0x10',
    '5 s',
    '5, 10',
    '٥',
    'soon',
    'Infinity',
    'NaN',
    '2099-01-01T00:00:00Z',
    'Mon, 06 Nov 2099 08:49:37',
    'Mon, 06 Nov 2099 08:49:37 UTC',
    'Mon, 06 Nov 2099 08:49:37 +0000',
    'Mon, 6 Nov 2099 08:49:37 GMT',
    'mon, 06 nov 2099 08:49:37 gmt',
    'Xyz, 06 Nov 2099 08:49:37 GMT',
    'Mon, 06 Nov 2099 24:00:00 GMT',
    'Mon, 06 Nov 2099 08:60:00 GMT',
    'Mon, 06 Nov 2099 08:49:61 GMT',
    'Mon, 31 Apr 2099 08:49:37 GMT',
    'Mon, 29 Feb 2099 08:49:37 GMT',
    'Mon, 00 Jan 2099 08:49:37 GMT',
    'Mon, 06-Nov-99 08:49:37 GMT',
    'Mon Nov 006 08:49:37 2099',
  ])('%j', (field) => {
    expect(parseRetryAfterMs(field, NOW_MS)).toBeUndefined()
  })

  test('whatever the field holds, the wait is absent or from 0 to 24 h', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (field, nowMs) => {
        const waitMs = parseRetryAfterMs(field, nowMs) ?? 0
        expect(waitMs).toBeGreaterThanOrEqual(0)
        expect(waitMs).toBeLessThanOrEqual(RETRY_AFTER_LIMIT_MS)
      }),
    )
  })
})
