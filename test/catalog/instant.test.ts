import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochDay, parseInstant } from '../../src/catalog/instant.ts'

describe('an RFC 3339 text names an instant', () => {
  test.each([
    ['2019-03-28T00:05:00Z', '2019-03-28T00:05:00.000Z'],
    ['2019-03-28T00:05:00.000Z', '2019-03-28T00:05:00.000Z'],
    ['2019-03-28t00:05:00z', '2019-03-28T00:05:00.000Z'],
    ['2019-03-28 00:05:00Z', '2019-03-28T00:05:00.000Z'],
    ['2019-03-27T20:05:00-04:00', '2019-03-28T00:05:00.000Z'],
    ['2019-03-28T05:35:00+05:30', '2019-03-28T00:05:00.000Z'],
    ['2019-03-28T00:05:00-00:00', '2019-03-28T00:05:00.000Z'],
    ['2019-03-28T23:59:00+23:59', '2019-03-28T00:00:00.000Z'],
    ['2019-03-28T00:05:00.5Z', '2019-03-28T00:05:00.500Z'],
    ['2019-03-28T00:05:00.12+00:00', '2019-03-28T00:05:00.120Z'],
    ['2019-03-28T00:05:00.999999999Z', '2019-03-28T00:05:00.999Z'],
    ['2020-02-29T12:00:00Z', '2020-02-29T12:00:00.000Z'],
    ['2000-02-29T12:00:00Z', '2000-02-29T12:00:00.000Z'],
    ['2019-04-30T12:00:00Z', '2019-04-30T12:00:00.000Z'],
    ['2019-12-31T23:59:59Z', '2019-12-31T23:59:59.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2016-12-31T18:59:60.9-05:00', '2017-01-01T00:00:00.000Z'],
    ['1969-12-31T23:59:59.500Z', '1969-12-31T23:59:59.500Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s', (text, expected) => {
    expect(new Date(parseInstant(text) ?? Number.NaN).toISOString()).toBe(expected)
  })
})

describe('a text is refused that', () => {
  test.each([
    ['is empty', ''],
    ['is no time', 'yesterday'],
    ['has no offset', '2019-03-28T00:05:00'],
    ['has no seconds', '2019-03-28T00:05Z'],
    ['is a day only', '2019-03-28'],
    ['has month 0', '2019-00-28T00:05:00Z'],
    ['has month 13', '2019-13-28T00:05:00Z'],
    ['has day 0', '2019-03-00T00:05:00Z'],
    ['has day 32', '2019-03-32T00:05:00Z'],
    ['has April 31st', '2019-04-31T00:05:00Z'],
    ['has February 29th of a common year', '2019-02-29T00:05:00Z'],
    ['has February 29th of a century', '1900-02-29T00:05:00Z'],
    ['has hour 24', '2019-03-28T24:00:00Z'],
    ['has minute 60', '2019-03-28T00:60:00Z'],
    ['has second 61', '2016-12-31T23:59:61Z'],
    ['has a leap second at noon', '2019-03-28T12:00:60Z'],
    ['has a leap second in local time only', '2016-12-31T23:59:60-05:00'],
    ['has an offset of 24 hours', '2019-03-28T00:05:00+24:00'],
    ['has an offset of 60 minutes', '2019-03-28T00:05:00+00:60'],
    ['has an offset without colon', '2019-03-28T00:05:00+0000'],
    ['has a point without digits', '2019-03-28T00:05:00.Z'],
    ['has a comma', '2019-03-28T00:05:00,5Z'],
    ['has white space around it', ' 2019-03-28T00:05:00Z'],
    ['ends with a line feed', '2019-03-28T00:05:00Z\n'],
    ['has a sign before the year', '+2019-03-28T00:05:00Z'],
    ['has other digits', '２０１９-03-28T00:05:00Z'],
    ['is before year 1', '0001-01-01T00:00:00+00:01'],
    ['is after year 9999', '9999-12-31T23:59:59-00:01'],
  ])('%s', (_why, text) => {
    expect(parseInstant(text)).toBeUndefined()
  })
})

test('every instant of every offset is read back', () => {
  const limits = { min: new Date('0002-01-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z'), noInvalidDate: true }
  fc.assert(
    fc.property(fc.date(limits), fc.integer({ min: -1439, max: 1439 }), (instant, offsetMinutes) => {
      const local = new Date(instant.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1)
      const minutes = Math.abs(offsetMinutes)
      const sign = offsetMinutes < 0 ? '-' : '+'
      const offset = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
      expect(parseInstant(`${local}${sign}${offset}`)).toBe(instant.getTime())
    }),
  )
})

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect([undefined, Date.parse(text)]).toContain(parseInstant(text))
    }),
  )
})

test('days are counted as the calendar does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 9999 }), fc.integer({ min: 0, max: 365 }), (year, dayOfYear) => {
      const day = new Date(Date.UTC(year, 0, 1 + dayOfYear))
      const expected = day.getTime() / 86_400_000
      expect(epochDay(day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate())).toBe(expected)
    }),
  )
})
