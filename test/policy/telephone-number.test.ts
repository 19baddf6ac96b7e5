/** When a value is a telephone number. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DataValue } from '../../src/model/data.ts'
import { compileNumberMatch, holdsNumber } from '../../src/policy/telephone-number.ts'

function isNumber(number: string, value: DataValue): boolean {
  const match = compileNumberMatch(number)
  if (match === undefined) throw new Error(`${number} is no telephone number`)
  return match(value)
}

const SAME: readonly (readonly [number: string, value: DataValue])[] = [
  ['5551234567', '5551234567'],
  ['5551234567', '(555) 123-4567'],
  ['5551234567', '555.123.4567'],
  ['(555) 123-4567', '5551234567'],
  ['5551234567', 5551234567],
  ['+15551234567', '+15551234567'],
  ['+15551234567', '15551234567'],
  ['+15551234567', '5551234567'],
  ['+1 555 123 4567', '0015551234567'],
  ['+1 555 123 4567', '01115551234567'],
  ['0015551234567', '5551234567'],
  ['+49 30 901820', '030 901820'],
  ['+49 (0)30 901820', '+4930901820'],
  ['+49 30 901820', '004930901820'],
  ['+353 1 407 1111', '01 407 1111'],
  ['+7 495 123 45 67', '4951234567'],
  ['5551234567', 'tel:555-123-4567;phone-context=+1'],
  ['+15551234567', 'sip:+15551234567@10.1.2.3:5060;transport=tls'],
  ['+15551234567', '<sips:5551234567@example.com>'],
  ['5551234567', { parties: [{ numbers: ['1', '555 123 4567'] }] }],
  ['12345', '12345'],
]

const OTHER: readonly (readonly [number: string, value: DataValue])[] = [
  ['5551234567', '+15551234567'],
  ['5551234567', '15551234567'],
  ['5551234567', '05551234567'],
  ['5551234567', '55512345678'],
  ['5551234567', '555123456'],
  ['+15551234567', '+445551234567'],
  ['+15551234567', '+4915551234567'],
  ['+4930901820', '+493090182'],
  ['+4930901820', '+130901820'],
  ['5551234567', 'the caller is 5551234567, the queue 7'],
  ['5551234567', null],
  ['5551234567', true],
  ['5551234567', ''],
  ['5551234567', ['555', '123', '4567']],
  ['5551234567', { 5551234567: 'a name is no value' }],
  ['12345', 123450],
]

describe('a telephone number', () => {
  test.each(SAME)('%s is %j', (number, value) => {
    expect(isNumber(number, value)).toBe(true)
  })

  test.each(OTHER)('%s is not %j', (number, value) => {
    expect(isNumber(number, value)).toBe(false)
  })

  test.each([
    ['12345', true],
    ['1234', false],
    ['123456789012345678', true],
    ['1234567890123456789', false],
    ['+12345', true],
    ['+1234', false],
    ['', false],
    ['anonymous', false],
    ['555-CALL-NOW', false],
    ['5551234567x12', false],
  ])('%j can be one: %j', (number, isOne) => {
    expect(compileNumberMatch(number) !== undefined).toBe(isOne)
  })

  test.each([
    ['+33 1 2345', ['12345', '012345', '3312345']],
    ['+33 1 234', ['331234']],
  ])('%s without its country code counts only where enough is left', (number, values) => {
    const all = ['12345', '012345', '3312345', '1234', '01234', '331234']
    expect(all.filter((value) => isNumber(number, value))).toEqual(values)
  })

  test('is found in JSON text as in the value that it stands for', () => {
    const number = compileNumberMatch('+15551234567') ?? (() => false)
    expect(holdsNumber('{"a":[{"b":"555-123-4567"}]}', number)).toBe(true)
    expect(holdsNumber('', number)).toBe(false)
    expect(holdsNumber('{"a":"555', number)).toBe(false)
  })

  test('is what has its digits and no other, in whatever marks they are written', () => {
    const digits = fc.stringMatching(/^[1-9]\d{4,14}$/)
    const marks = fc.constantFrom('', ' ', '-', '.', '/', ') ', ' (')
    fc.assert(
      fc.property(digits, digits, fc.array(marks, { minLength: 15, maxLength: 15 }), (number, other, between) => {
        const written = [...other].map((digit, index) => digit + between[index]).join('')
        expect(isNumber(number, written)).toBe(number === other)
      }),
    )
  })
})
