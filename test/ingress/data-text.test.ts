/**
 * The text of an event's data points that goes on to the outbox and the threads: the sender's own where it means the same as what
 * was read, and written anew where it might not.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8Decoder } from '../../src/ingress/body/charset.ts'
import { parseJson } from '../../src/ingress/body/json-text.ts'
import { readStructured } from '../../src/ingress/events/structured-event.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import { type CallEvent, textOfData } from '../../src/model/event.ts'
import { parseExactJson } from '../../src/model/exact-json.ts'
import { hasEscapedName, surveyJson } from '../../src/model/json-survey.ts'
import { parseOwnJson } from '../../src/model/own-json.ts'

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 3000), seed: Number(process.env['FUZZ_SEED'] ?? 20_190_328) }
const RULES = { accountFor: () => 'default', defaultType: 't', traceparent: undefined }
const READING = { bounds: DEFAULT_LIMITS.json, decode: utf8Decoder(() => undefined) }

function read(text: string): CallEvent | undefined {
  const result = readStructured(text, RULES, READING)
  return result.kind === 'event' ? result.event : undefined
}

describe('the text of data points', () => {
  const long = 'x'.repeat(60)
  test.each<readonly [what: string, text: string, kept: string | undefined]>([
    ['the last member', `{"type":"t","data":{"a":"${long}"}}`, `{"a":"${long}"}`],
    ['the first member', `{"data":{"a":"${long}"},"type":"t"}`, `{"a":"${long}"}`],
    ['white space', `{"data" : { "a" : "${long}" } , "type":"t"}`, ` { "a" : "${long}" } `],
    ['escapes in values', `{"data":{"a":"\\u00e9\\/\\ud800\\"}${long}"}}`, `{"a":"\\u00e9\\/\\ud800\\"}${long}"}`],
    [
      'another member called data within',
      `{"data":{"data":{"data":1},"a":"${long}"}}`,
      `{"data":{"data":1},"a":"${long}"}`,
    ],
    ['one before it', `{"ext":{"data":{"b":1}},"data":{"a":"${long}"}}`, `{"a":"${long}"}`],
    ['text that looks like it', `{"id":"\\"data\\":{}","data":{"a":"${long}"}}`, `{"a":"${long}"}`],
    ['the name __proto__', `{"data":{"__proto__":{"a":"${long}"}}}`, `{"__proto__":{"a":"${long}"}}`],
    ['the last exact integer', `{"data":{"a":"${long}","n":9007199254740991}}`, `{"a":"${long}","n":9007199254740991}`],
    ['the first that is not', `{"data":{"a":"${long}","n":9007199254740992}}`, undefined],
    ['a number too large', `{"data":{"a":"${long}","n":1e400}}`, undefined],
    ['minus zero', `{"data":{"a":"${long}","n":[-0]}}`, undefined],
    ['an escape in a name', `{"data":{"a":"${long}","\\u0062":1}}`, undefined],
    ['an escape in a name beside it', `{"data":{"a":"${long}"},"\\u0062":1}`, undefined],
    ['half a surrogate that is not escaped', `{"data":{"a":"${long}\ud800"}}`, undefined],
    ['no data', `{"type":"t","data":null}`, undefined],
    ['encoded data', `{"data_base64":"${Buffer.from(`{"a":"${long}"}`).toString('base64')}"}`, undefined],
    [
      'just more than half of the event',
      `{"data":{},"a":"1"}`.replace('{}', `{"a":"1234567890"}`),
      `{"a":"1234567890"}`,
    ],
    ['half of the event', `{"data":{},"a":"12"}`.replace('{}', `{"a":"1234567890"}`), undefined],
  ])('is kept or written anew: %s', (_what, text, kept) => {
    const event = read(text)
    expect(event?.dataText).toBe(kept)
    if (event !== undefined) expect(textOfData(event)).toBe(kept ?? JSON.stringify(event.data))
  })

  test('means what the data points written anew mean, however the sender wrote them', () => {
    fc.assert(
      fc.property(eventTexts(), (text) => {
        const event = read(text)
        if (event === undefined) return
        const written = JSON.stringify(event.data)
        const [anew, kept] = [parseOwnJson(written), parseOwnJson(textOfData(event))]
        expect(isDeepStrictEqual(kept, anew)).toBe(true)
        expect(JSON.stringify(kept)).toBe(JSON.stringify(anew))
        if (event.dataText === undefined) return
        expect(2 * event.dataText.length).toBeGreaterThan(text.length)
        expect(Buffer.from(event.dataText).toString()).toBe(event.dataText)
      }),
      RUNS,
    )
  })
})

describe('reading JSON in the fast way', () => {
  test('gives what the exact parser gives', () => {
    fc.assert(
      fc.property(eventTexts(), (text) => {
        const fast = parseJson(text, DEFAULT_LIMITS.json, 'data')
        const exact = parseExactJson(text, { maxDepth: DEFAULT_LIMITS.json.depth })
        expect(fast.kind).toBe(exact.kind === 'value' ? 'value' : 'malformed')
        if (fast.kind !== 'value' || exact.kind !== 'value') return
        expect(isDeepStrictEqual(fast.value, exact.value)).toBe(true)
      }),
      RUNS,
    )
  })

  test('tells escaped names by backslashes as by looking at everything', () => {
    const unbounded = { depth: Number.POSITIVE_INFINITY, values: Number.POSITIVE_INFINITY }
    fc.assert(
      fc.property(eventTexts(), (text) => {
        const survey = surveyJson(text, unbounded, '')
        expect(typeof survey === 'string' || survey.hasEscapedName === hasEscapedName(text)).toBe(true)
      }),
      RUNS,
    )
  })
})

type MemberParts = readonly [before: string, name: string, behind: string, colon: string, value: string, end: string]

/** Events as senders may write them: any white space, escapes where none is needed, numbers in any form, now and then a name twice. */
function eventTexts(): fc.Arbitrary<string> {
  const space = fc.constantFrom('', '', '', ' ', '\n', '\t\r ')
  const plain = fc.oneof(
    fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' }).map((each) => JSON.stringify(each).slice(1, -1)),
    fc.constantFrom(':', '{', '}', '[', ',', 'data'),
  )
  const escaped = fc.constantFrom('\\"', '\\\\', '\\/', '\\n', '\\u0061', '\\u0000', '\\ud83d\\ude00', '\\ud800')
  const stringOf = (character: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.array(character, { maxLength: 12 }).map((each) => `"${each.join('')}"`)
  const string = stringOf(fc.oneof(plain, plain, escaped))
  const name = rarely(
    string,
    fc.constantFrom('"a"', '"b"', '"c"', '"data"', '"type"', '"0"', '"17"', '"__proto__"', '"é"'),
  )
  const exact = fc.oneof(
    fc.double({ noNaN: true, min: -1e9, max: 1e9 }).map((each) => String(each + 0)),
    fc.maxSafeInteger().map(String),
    fc.constantFrom('0', '0.0', '1.50', '1e3', '1E+2', '1e-400', '1e-7', '-1000'),
  )
  const inexact = fc.oneof(
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
    fc.constantFrom('-0', '-0.0', '-0e5', '-1e-400', '1e400', '1e22', '9007199254740992', '9007199254740993'),
  )
  const scalar = fc.oneof(string, rarely(inexact, exact), fc.constantFrom('true', 'false', 'null'))
  const { value, object } = fc.letrec<{ value: string; object: string }>((tie) => {
    const items = fc.array(fc.tuple(tie('value'), space), { maxLength: 4 })
    return {
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        scalar,
        fc.tuple(space, items).map(([before, all]) => `[${before}${all.map((each) => each.join('')).join(',')}]`),
        tie('object'),
      ),
      object: membersOf(fc.tuple(space, name, space, space, tie('value'), space), 8).map(objectText),
    }
  })
  const others = membersOf(
    fc.tuple(space, fc.constantFrom('"ext"', '"5"', '"more"'), space, space, rarely(value, scalar), space),
    2,
  )
  const data = fc.tuple(space, fc.constant('"data"'), space, space, object, space)
  return fc.tuple(others, data, others).map(([before, own, after]) => objectText([...before, own, ...after]))
}

function rarely(seldom: fc.Arbitrary<string>, often: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 1, arbitrary: seldom }, { weight: 30, arbitrary: often })
}

function membersOf(member: fc.Arbitrary<MemberParts>, maxLength: number): fc.Arbitrary<readonly MemberParts[]> {
  return fc.oneof(
    { weight: 30, arbitrary: fc.uniqueArray(member, { maxLength, selector: ([, name]) => name }) },
    { weight: 1, arbitrary: fc.array(member, { maxLength }) },
  )
}

function objectText(members: readonly MemberParts[]): string {
  const texts = members.map(
    ([before, name, behind, colon, value, end]) => `${before}${name}${behind}:${colon}${value}${end}`,
  )
  return `{${texts.join(',')}}`
}
