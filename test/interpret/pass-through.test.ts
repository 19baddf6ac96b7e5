/** Pass-through data as an object: only where the text means exactly one. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePassThrough } from '../../src/interpret/pass-through.ts'

describe('parsePassThrough', () => {
  test.each([
    { text: 'user_id|90786||step|verify_user', values: { user_id: '90786', step: 'verify_user' } },
    { text: 'step|verify_user', values: { step: 'verify_user' } },
    { text: 'a|', values: { a: '' } },
    { text: 'a|||b|c', values: { a: '', b: 'c' } },
    { text: ' a | b ', values: { ' a ': ' b ' } },
    { text: 'url|https://x.example/?a=1&b=2', values: { url: 'https://x.example/?a=1&b=2' } },
  ])('$text gives $values', ({ text, values }) => {
    expect(parsePassThrough(text)).toEqual(values)
  })

  test.each([
    '',
    'my pass through data',
    '|',
    '||',
    '|b',
    'a|b|c',
    'a|b||',
    '||a|b',
    'a|b||c',
    'a|b||||c|d',
    'a|1||a|2',
  ])('%j gives no object', (text) => {
    expect(parsePassThrough(text)).toBeUndefined()
  })

  test('a key called __proto__ is a key like any other', () => {
    const values = parsePassThrough('__proto__|x')
    expect(Object.entries(values ?? {})).toEqual([['__proto__', 'x']])
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype)
  })

  test('pairs that are joined as the document says come back', () => {
    const word = fc.string().map((text) => text.replaceAll('|', ''))
    const pairs = fc.uniqueArray(
      fc.tuple(
        word.filter((key) => key !== ''),
        word,
      ),
      { minLength: 1, selector: ([key]) => key },
    )
    fc.assert(
      fc.property(pairs, (entries) => {
        const text = entries.map((pair) => pair.join('|')).join('||')
        expect(Object.entries(parsePassThrough(text) ?? {}).sort()).toEqual([...entries].sort())
      }),
    )
  })

  test('an object, where there is one, joins back to the very text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('|', 'a', 'b', ' ') }), (text) => {
        const values = parsePassThrough(text)
        if (values === undefined) return
        expect(
          Object.entries(values)
            .map((pair) => pair.join('|'))
            .join('||'),
        ).toBe(text)
      }),
    )
  })
})
