import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { easternTime } from '../../src/catalog/eastern-time.ts'

const FIRST_YEAR = 1990
const LAST_YEAR = 2040

/** ICU's answer to the same question. */
const NEW_YORK = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/New_York',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})

function icuEasternTime(instantMs: number): string {
  const parts = Object.fromEntries(NEW_YORK.formatToParts(instantMs).map(({ type, value }) => [type, value]))
  const { year, month, day, hour, minute, second } = parts
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`
}

describe('US Eastern time', () => {
  test.each([
    ['in winter', '2019-01-15T12:00:00Z', '2019-01-15 07:00:00'],
    ['in summer', '2019-07-15T12:00:00Z', '2019-07-15 08:00:00'],
    ['on the day before in New York', '2019-03-28T00:05:00Z', '2019-03-27 20:05:00'],
    ['with milliseconds cut off', '2019-03-28T00:05:00.999Z', '2019-03-27 20:05:00'],
    ['in the year before in New York', '2020-01-01T04:59:59Z', '2019-12-31 23:59:59'],
    ['at midnight, which is hour 00', '2020-01-01T05:00:00Z', '2020-01-01 00:00:00'],
    ['the last second before clocks go forward', '2024-03-10T06:59:59Z', '2024-03-10 01:59:59'],
    ['the moment clocks go forward', '2024-03-10T07:00:00Z', '2024-03-10 03:00:00'],
    ['the last second before clocks go back', '2024-11-03T05:59:59Z', '2024-11-03 01:59:59'],
    ['the moment clocks go back', '2024-11-03T06:00:00Z', '2024-11-03 01:00:00'],
    ['the earliest day on which clocks go forward', '2015-03-08T07:00:00Z', '2015-03-08 03:00:00'],
    ['the latest day on which clocks go forward', '2021-03-14T06:59:59Z', '2021-03-14 01:59:59'],
    ['the earliest day on which clocks go back', '2020-11-01T06:00:00Z', '2020-11-01 01:00:00'],
    ['the latest day on which clocks go back', '2021-11-07T05:59:59Z', '2021-11-07 01:59:59'],
    ['in March of the last year of the old rule', '2006-03-20T12:00:00Z', '2006-03-20 07:00:00'],
    ['in March of the first year of the new rule', '2007-03-20T12:00:00Z', '2007-03-20 08:00:00'],
    ['the old rule, last second before', '2006-04-02T06:59:59Z', '2006-04-02 01:59:59'],
    ['the old rule, clocks go forward', '2006-04-02T07:00:00Z', '2006-04-02 03:00:00'],
    ['the old rule, last second of summer', '2006-10-29T05:59:59Z', '2006-10-29 01:59:59'],
    ['the old rule, clocks go back', '2006-10-29T06:00:00Z', '2006-10-29 01:00:00'],
    ['before the epoch', '1969-12-31T23:59:59Z', '1969-12-31 18:59:59'],
    ['in year 1, a day earlier in New York', '0001-01-01T00:00:00Z', '0000-12-31 19:00:00'],
    ['at the end of year 9999', '9999-12-31T23:59:59.999Z', '9999-12-31 18:59:59'],
  ])('%s', (_when, instant, expected) => {
    expect(easternTime(Date.parse(instant))).toBe(expected)
  })

  test('agrees with ICU at any moment', () => {
    const limits = { min: Date.UTC(FIRST_YEAR, 0, 1), max: Date.UTC(LAST_YEAR + 1, 0, 1) - 1 }
    fc.assert(
      fc.property(fc.integer(limits), (instantMs) => {
        expect(easternTime(instantMs)).toBe(icuEasternTime(instantMs))
      }),
      { numRuns: 5000 },
    )
  })

  test('agrees with ICU on both sides of every switch', () => {
    let switches = 0
    for (let hourMs = Date.UTC(FIRST_YEAR, 0, 1); hourMs < Date.UTC(LAST_YEAR + 1, 0, 1); hourMs += 3_600_000) {
      // Clocks change on a Sunday, at 06:00 or 07:00 UTC.
      const hour = new Date(hourMs)
      if (hour.getUTCDay() !== 0 || (hour.getUTCHours() !== 6 && hour.getUTCHours() !== 7)) continue
      const [before, after] = [easternTime(hourMs - 1), easternTime(hourMs)]
      expect([before, after]).toEqual([icuEasternTime(hourMs - 1), icuEasternTime(hourMs)])
      if (Date.parse(`${after}Z`) - Date.parse(`${before}Z`) !== 1000) switches += 1
    }
    expect(switches).toBe((LAST_YEAR - FIRST_YEAR + 1) * 2)
  })
})
