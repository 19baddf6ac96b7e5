/** JSON without loss: what is accepted, which digits stay, what is refused and how the message says where. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseExactJson } from '../../src/model/exact-json.ts'

const DEEP = { maxDepth: 100 }

function read(text: string): unknown {
  const json = parseExactJson(text, DEEP)
  return json.kind === 'value' ? json.value : json.detail
}

describe('numbers', () => {
  test.each([
    { text: '9007199254740991', value: 9007199254740991 },
    { text: '9007199254740992', value: 9007199254740992 },
    { text: '9007199254740993', value: '9007199254740993' },
    { text: '-9007199254740992', value: -9007199254740992 },
    { text: '-9007199254740993', value: '-9007199254740993' },
    { text: '12345678901234567890', value: '12345678901234567890' },
    { text: '1e3', value: 1000 },
    { text: '1E400', value: '1E400' },
    { text: '-1e400', value: '-1e400' },
    { text: '1.50', value: 1.5 },
    { text: '123456789012345678.5', value: 123456789012345680 },
    { text: '-0', value: -0 },
  ])('$text is read as $value', ({ text, value }) => {
    expect(read(text)).toBe(value)
    expect(read(`{"a":[${text}]}`)).toEqual({ a: [value] })
  })
})

describe('members', () => {
  test('a member called __proto__ is an own property and changes nothing else', () => {
    const value = read('{"__proto__":{"polluted":true},"constructor":1}')
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  test('a name may stand in two objects, and differ by case', () => {
    expect(read('{"a":{"a":1},"A":2}')).toEqual({ a: { a: 1 }, A: 2 })
  })
})

describe('what is refused', () => {
  test.each([
    { text: '', detail: 'line 1, column 1: a value was expected' },
    { text: '{"a":1,"a":2}', detail: 'line 1, column 8: the name "a" stands twice' },
    { text: '{"a":1,"\\u0061":2}', detail: 'line 1, column 8: the name "a" stands twice' },
    { text: '{\n  "a": 1,\n}', detail: 'line 3, column 1: a member name in double quotes was expected' },
    { text: "{'a':1}", detail: 'line 1, column 2: a member name in double quotes was expected' },
    { text: '{"a" 1}', detail: 'line 1, column 6: a colon was expected' },
    { text: '{"a":1', detail: 'line 1, column 7: a comma or } was expected' },
    { text: '[1 2]', detail: 'line 1, column 4: a comma or ] was expected' },
    { text: '[1,]', detail: 'line 1, column 4: a value was expected' },
    { text: '{} {}', detail: 'line 1, column 4: nothing may follow the value' },
    { text: '01', detail: 'line 1, column 2: nothing may follow the value' },
    { text: '"a', detail: 'line 1, column 1: the string is never closed' },
    { text: '"a\\"', detail: 'line 1, column 1: the string is never closed' },
    { text: '"a\nb"', detail: 'line 1, column 3: a control character in a string must be escaped' },
    { text: '"\\x41"', detail: 'line 1, column 1: an escape in the string is not one' },
    { text: 'NaN', detail: 'line 1, column 1: a value was expected' },
    { text: '\u00a01', detail: 'line 1, column 1: a value was expected' },
  ])('$text is invalid: $detail', ({ text, detail }) => {
    expect(parseExactJson(text, DEEP)).toEqual({ kind: 'invalid', detail })
  })
})

describe('depth', () => {
  test.each(['[[[1]]]', '{"a":{"b":{"c":1}}}', '[{"a":[]}]'])('%s is three levels deep', (text) => {
    expect(parseExactJson(text, { maxDepth: 3 }).kind).toBe('value')
    expect(parseExactJson(text, { maxDepth: 2 })).toMatchObject({
      kind: 'invalid',
      detail: expect.stringContaining('it is nested deeper than 2 levels'),
    })
  })

  test('a million open brackets are refused, not a stack overflow', () => {
    expect(parseExactJson('['.repeat(1_000_000), { maxDepth: 64 }).kind).toBe('invalid')
  })
})

describe('compared with JSON.parse', () => {
  test('every JSON value is read alike, but for integers beyond 2^53', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 3 }), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const withDigits = JSON.parse(text, (_name, member: unknown) =>
          isWrittenBeyondExact(member) ? String(member) : member,
        )
        expect(read(text)).toEqual(withDigits)
      }),
    )
  })

  test('any text is accepted by both or by neither', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '\\u0041',
      'a',
      '1',
      '-',
      '.',
      'e',
      '0',
      'true',
      'null',
      ' ',
      '\n',
      '\t',
    ]
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...pieces, '"a"', '"b":'), fc.string()), { maxLength: 12 }),
        (parts) => {
          const text = parts.join('')
          const json = parseExactJson(text, DEEP)
          if (json.kind === 'invalid' && json.detail.includes('stands twice')) return
          expect(json.kind === 'value').toBe(isJson(text))
        },
      ),
      { numRuns: 3000 },
    )
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Whether a number of JSON.stringify is written as an integer (not with an exponent) that doubles can't tell from others. */
function isWrittenBeyondExact(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(Number(value)) > 2 ** 53 && Math.abs(Number(value)) < 1e21
}
