import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clockText, dayText, utcTime } from '../../src/catalog/time-text.ts'

const INSTANTS = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})

test('UTC is written as the language itself writes it', () => {
  fc.assert(
    fc.property(INSTANTS, (date) => {
      expect(utcTime(date.getTime())).toBe(date.toISOString())
    }),
  )
})

test.each([
  '0000-01-01T00:00:00.000Z',
  '0999-12-31T23:59:59.009Z',
  '1000-01-01T00:00:00.099Z',
  '1969-12-31T23:59:59.999Z',
  '2020-02-29T09:09:09.100Z',
  '9999-12-31T23:59:59.999Z',
])('%s is written with all its zeros', (text) => {
  expect(utcTime(Date.parse(text))).toBe(text)
  expect(dayText(new Date(text))).toBe(text.slice(0, 10))
  expect(clockText(new Date(text))).toBe(text.slice(11, 19))
})
