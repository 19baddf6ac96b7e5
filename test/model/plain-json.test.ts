/** The platform's parser where it can be trusted: whatever it reads, the exact one reads the same, and else it reads nothing. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseExactJson } from '../../src/model/exact-json.ts'
import { surveyJson } from '../../src/model/json-survey.ts'
import { parsePlainJson } from '../../src/model/plain-json.ts'

const BOUNDS = { depth: 64, values: 4000 }

function plain(text: string): unknown {
  const survey = surveyJson(text, BOUNDS, '')
  return typeof survey === 'string' ? undefined : parsePlainJson(text, survey)
}

describe('parsePlainJson', () => {
  test.each([
    { text: '{"a":1,"b":{"c":[true,null,"x"]}}', value: { a: 1, b: { c: [true, null, 'x'] } } },
    { text: '9007199254740991', value: 9_007_199_254_740_991 },
    { text: '{"a":"\\"","b":"x"}', value: { a: '"', b: 'x' } },
  ])('reads $text', ({ text, value }) => {
    expect(plain(text)).toEqual(value)
  })

  test.each([
    '{"a":1,"a":1}',
    '{"a":{"b":1,"b":2}}',
    '{"\\u0061":1}',
    '9007199254740992',
    '-9007199254740993',
    '1e400',
    '-0',
    '{"a":1',
    '',
  ])('leaves %s to the exact parser', (text) => {
    expect(plain(text)).toBeUndefined()
  })

  test('never reads what the exact parser reads otherwise', () => {
    const noise = fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"\\n"', '1', '-0', '9007199254740993'))
    const texts = fc.oneof(
      fc.json(),
      noise.map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const value = plain(text)
        if (value !== undefined) expect(parseExactJson(text, { maxDepth: 64 })).toEqual({ kind: 'value', value })
      }),
    )
  })
})
