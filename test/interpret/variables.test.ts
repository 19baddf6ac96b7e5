/** VCC Live: JSON, x-ini and text become variables; each limit of the document at its last good and first bad value. */
import { describe, expect, test } from 'vitest'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import type { Decision } from '../../src/model/decision.ts'
import { answerOf } from './answers.ts'

const JSON_TYPE = 'application/json'
const INI_TYPE = 'text/x-ini'

function decide(body: string, contentType: string, setVariable?: string): Decision {
  const spec = { kind: 'variables', ...(setVariable === undefined ? {} : { setVariable }) } as const
  return interpretAnswer(spec, answerOf(body, contentType), [200])
}

function set(variables: Record<string, string | number | boolean>): Decision {
  return { kind: 'set-variables', variables }
}

function refused(detail: string): Decision {
  return { kind: 'backup', reason: 'invalid-response', detail }
}

/** `key1` to `keyN`, each with a value made by `makeValue`. */
function keys<Value>(count: number, makeValue: (number: number) => Value): [string, Value][] {
  return Array.from({ length: count }, (_, index) => [`key${index + 1}`, makeValue(index + 1)])
}

describe('the examples of the document', () => {
  test('JSON with key1 to key100', () => {
    const body = JSON.stringify(
      { key1: 'value', key2: 123, ...Object.fromEntries(keys(100, () => 'value').slice(2)) },
      null,
      3,
    )
    expect(decide(body, 'application/JSON')).toMatchObject({ variables: { key1: 'value', key2: 123, key100: 'value' } })
  })

  test('x-ini with key1 to key100: all values are text', () => {
    const values = { ...Object.fromEntries(keys(100, (number) => `value${number}`)), key2: '123', key3: 'true' }
    const body = Object.entries(values)
      .map((pair) => pair.join('='))
      .join('\n')
    expect(decide(body, INI_TYPE)).toEqual(set(values))
  })

  test.each(['4711', 'Hello Ann'])('a single number or string, %s, goes into the variable that was set up', (body) => {
    expect(decide(body, 'text/plain', 'vcc_variable')).toEqual(set({ vcc_variable: body }))
  })
})

describe('content types', () => {
  test.each(['application/json', 'Application/JSON; charset=UTF-8', 'text/JSON', ' text/json ;x=y'])(
    '%s is JSON',
    (type) => {
      expect(decide('{"a":1}', type, 'v')).toEqual(set({ a: 1 }))
    },
  )

  test.each(['text/x-ini', 'TEXT/X-INI;charset=utf-8'])('%s is x-ini', (type) => {
    expect(decide('a=1', type, 'v')).toEqual(set({ a: '1' }))
  })

  test.each(['', 'text/plain', 'text/html', 'application/vnd.api+json', 'nonsense'])('%j is text', (type) => {
    expect(decide(' {"a":1}\r\n', type, 'v')).toEqual(set({ v: '{"a":1}' }))
  })

  test('text without a variable to go into is ignored', () => {
    expect(decide('x'.repeat(300), 'text/plain')).toEqual({ kind: 'continue' })
  })
})

describe('JSON', () => {
  test.each([
    { body: '{}', variables: {} },
    {
      body: '{"s":"","t":"x","b":true,"c":false,"f":1.5,"i":-7}',
      variables: { s: '', t: 'x', b: true, c: false, f: 1.5, i: -7 },
    },
    { body: '{"a":{"b":{"c":1},"d":2},"e":{}}', variables: { a_b_c: 1, a_d: 2 } },
    { body: '{"a":{"1":"x"}}', variables: { a_1: 'x' } },
    { body: '{"_":1,"constructor":2,"__proto__":3}', variables: JSON.parse('{"_":1,"constructor":2,"__proto__":3}') },
    { body: '{"i":9007199254740992}', variables: { i: 9007199254740992 } },
    { body: '{"i":9007199254740993}', variables: { i: '9007199254740993' } },
    { body: '{"i":-12345678901234567890}', variables: { i: '-12345678901234567890' } },
    { body: '\uFEFF{"a":1}', variables: { a: 1 } },
  ])('$body sets $variables', ({ body, variables }) => {
    expect(decide(body, JSON_TYPE)).toEqual(set(variables))
  })

  test.each([
    { body: '', detail: 'the body is not usable JSON: line 1, column 1: a value was expected' },
    { body: '{"a":1', detail: 'the body is not usable JSON: line 1, column 7: a comma or } was expected' },
    { body: '[1]', detail: 'the JSON body is an array, not an object' },
    { body: 'null', detail: 'the JSON body is null, not an object' },
    { body: '"text"', detail: 'the JSON body is a string, not an object' },
    { body: '{"a":null}', detail: 'the value of "a" is null, not text, a number or a boolean' },
    { body: '{"a":{"b":[1]}}', detail: 'the value of "a_b" is an array, not text, a number or a boolean' },
    {
      body: '{"a":{"b":{"c":{"d":1}}}}',
      detail: 'the body is not usable JSON: line 1, column 16: it is nested deeper than 3 levels',
    },
    { body: '{"a":1,"a":1}', detail: 'the body is not usable JSON: line 1, column 8: the name "a" stands twice' },
    { body: '{"a":{"b":1},"a_b":1}', detail: '"a_b" is set twice' },
    { body: '{"a":{"b_c":1},"a_b":{"c":1}}', detail: '"a_b_c" is set twice' },
  ])('$body is refused: $detail', ({ body, detail }) => {
    expect(decide(body, JSON_TYPE)).toEqual(refused(detail))
  })
})

describe('x-ini', () => {
  test.each([
    { body: '', variables: {} },
    { body: 'a=1\r\nb=2\rc=3\n', variables: { a: '1', b: '2', c: '3' } },
    { body: '; comment\n# comment\n\n  ; indented\na=1', variables: { a: '1' } },
    { body: ' a = x = y ', variables: { a: 'x = y' } },
    { body: 'a=\nb="q"\nc=x ; y', variables: { a: '', b: '"q"', c: 'x ; y' } },
    { body: 'big=12345678901234567890\nzip=00123', variables: { big: '12345678901234567890', zip: '00123' } },
  ])('$body sets $variables', ({ body, variables }) => {
    expect(decide(body, INI_TYPE)).toEqual(set(variables))
  })

  test.each([
    { body: 'a=1\nb', detail: 'line 2 is not key=value: "b"' },
    { body: '[section]\na=1', detail: 'line 1 is not key=value: "[section]"' },
    { body: '[a=b]', detail: 'line 1 is not key=value: "[a=b]"' },
    { body: 'a=1\na=1', detail: 'line 2: "a" is set twice' },
    { body: '\n=1', detail: 'line 2: the name "" is not made of a-z, 0-9 and _, or begins with a digit' },
    { body: 'uuid=1', detail: "line 1: uuid is a system variable and can't be set" },
  ])('$body is refused: $detail', ({ body, detail }) => {
    expect(decide(body, INI_TYPE)).toEqual(refused(detail))
  })
})

describe('names', () => {
  test.each(['a', '_', 'a1', 'vcc_variable', '_9', 'source2'])('%s may be set', (name) => {
    expect(decide(`{"${name}":1}`, JSON_TYPE)).toEqual(set({ [name]: 1 }))
  })

  test.each(['', '1a', 'A', 'aB', 'a-b', 'a.b', 'ä', 'a ', ' a', 'a\u0000'])('%j may not', (name) => {
    const shown = name.replace('\u0000', ' ')
    expect(decide(JSON.stringify({ [name]: 1 }), JSON_TYPE)).toEqual(
      refused(`the name "${shown}" is not made of a-z, 0-9 and _, or begins with a digit`),
    )
  })

  test.each(['customer', 'projectid', 'source', 'destination', 'uuid', 'vccsys_shortid'])(
    '%s is the system’s',
    (name) => {
      const problem = refused(`${name} is a system variable and can't be set`)
      expect(decide(`{"${name}":"x"}`, JSON_TYPE)).toEqual(problem)
      expect(decide('x', 'text/plain', name)).toEqual(problem)
    },
  )

  test('a system variable can’t be set by joining keys either', () => {
    expect(decide('{"vccsys":{"shortid":1}}', JSON_TYPE)).toEqual(
      refused("vccsys_shortid is a system variable and can't be set"),
    )
  })
})

describe('limits', () => {
  test('100 variables are set, 101 are not', () => {
    const problem = 'more than 100 variables are set'
    expect(decide(JSON.stringify(Object.fromEntries(keys(100, Number))), JSON_TYPE)).toEqual(
      set(Object.fromEntries(keys(100, Number))),
    )
    expect(decide(JSON.stringify(Object.fromEntries(keys(101, Number))), JSON_TYPE)).toEqual(refused(problem))
    expect(
      decide(
        keys(101, Number)
          .map((pair) => pair.join('='))
          .join('\n'),
        INI_TYPE,
      ),
    ).toEqual(refused(`line 101: ${problem}`))
  })

  test('keys are counted after joining', () => {
    const half = Object.fromEntries(keys(50, Number))
    expect(decide(JSON.stringify({ a: half, b: half }), JSON_TYPE).kind).toBe('set-variables')
    expect(decide(JSON.stringify({ a: half, b: half, c: { d: 1 } }), JSON_TYPE).kind).toBe('backup')
  })

  test.each([
    { what: 'letters', good: 'x'.repeat(256), bad: 'x'.repeat(257) },
    { what: 'characters beyond U+FFFF', good: '😀'.repeat(256), bad: '😀'.repeat(257) },
    { what: 'a mix of both', good: `${'😀'.repeat(255)}x`, bad: `${'😀'.repeat(255)}xy` },
    { what: 'digits', good: '9'.repeat(256), bad: '9'.repeat(257) },
  ])('256 $what are a value, 257 are not', ({ good, bad }) => {
    const problem = 'the value of "v" is longer than 256 characters'
    expect(decide(JSON.stringify({ v: good }), JSON_TYPE)).toEqual(set({ v: good }))
    expect(decide(JSON.stringify({ v: bad }), JSON_TYPE)).toEqual(refused(problem))
    expect(decide(`v=${good}`, INI_TYPE)).toEqual(set({ v: good }))
    expect(decide(`v=${bad}`, INI_TYPE)).toEqual(refused(`line 1: ${problem}`))
    expect(decide(` ${good}\n`, 'text/plain', 'v')).toEqual(set({ v: good }))
    expect(decide(bad, 'text/plain', 'v')).toEqual(refused(problem))
  })

  test('a bare integer of 256 digits is a value, one of 257 is not', () => {
    expect(decide(`{"v":${'9'.repeat(256)}}`, JSON_TYPE)).toEqual(set({ v: '9'.repeat(256) }))
    expect(decide(`{"v":${'9'.repeat(257)}}`, JSON_TYPE)).toEqual(
      refused('the value of "v" is longer than 256 characters'),
    )
  })
})
