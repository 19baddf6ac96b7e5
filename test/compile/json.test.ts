/** JSON templates: what a token becomes in each place, field maps, and what is refused. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import { describe, expect, test } from 'vitest'
import { FORMAT_DEPTH_LIMIT } from '../../src/compile/format.ts'
import type { DataValue } from '../../src/model/data.ts'
import { body, issues, template } from './rendering.ts'

describe('a token', () => {
  test.each<[value: DataValue | undefined, whole: string, within: string, bare: string]>([
    ['text', '"text"', '"a text b"', '"text"'],
    ['', '""', '"a  b"', '""'],
    ['"\\\n\u0001é😀', '"\\"\\\\\\n\\u0001é😀"', '"a \\"\\\\\\n\\u0001é😀 b"', '"\\"\\\\\\n\\u0001é😀"'],
    ['\ud800', '"\\ud800"', '"a \\ud800 b"', '"\\ud800"'],
    ['36', '"36"', '"a 36 b"', '"36"'],
    [36, '"36"', '"a 36 b"', '36'],
    [1e21, '"1e+21"', '"a 1e+21 b"', '1e+21'],
    [-0.5, '"-0.5"', '"a -0.5 b"', '-0.5'],
    [Number.POSITIVE_INFINITY, '"Infinity"', '"a Infinity b"', 'null'],
    [true, '"true"', '"a true b"', 'true'],
    [false, '"false"', '"a false b"', 'false'],
    [null, '""', '"a  b"', 'null'],
    [undefined, '""', '"a  b"', 'null'],
    [{ a: ['"'] }, '{"a":["\\""]}', '"a {\\"a\\":[\\"\\\\\\"\\"]} b"', '{"a":["\\""]}'],
    [[], '[]', '"a [] b"', '[]'],
  ])('with %j is %s as a whole string, %s within one, %s bare', (value, whole, within, bare) => {
    const data = value === undefined ? {} : { question: value }
    expect(body(template('json', '"%question%"'), data)).toBe(whole)
    expect(body(template('json', '"a %question% b"'), data)).toBe(within)
    expect(body(template('json', '%question%'), data)).toBe(bare)
    expect(body(template('json', '{"n": %question% , "m":[%question%]}'), data)).toBe(`{"n": ${bare} , "m":[${bare}]}`)
  })

  test.each<[first: DataValue, second: DataValue, rendered: string]>([
    ['a', 'b', '["a","b"]'],
    ['a', [1], '["a",[1]]'],
    [{ x: 1 }, 'b', '[{"x":1},"b"]'],
    [{ x: 1 }, [1], '[{"x":1},[1]]'],
  ])('with %j beside one with %j takes no quotes but its own', (first, second, rendered) => {
    expect(body(template('json', '["%question%","%tags%"]'), { question: first, tags: second })).toBe(rendered)
  })

  test('with a flag is a number where it stands bare', () => {
    expect(body(template('json', '[%repeat_caller%, "%repeat_caller%"]'), { repeat_caller: true })).toBe('[1, "1"]')
  })

  test('walks into nested values, also by names with spaces', () => {
    const data = { responses: { 1: '5' }, tags: { 'My Region': ['south'] } }
    expect(body(template('json', '["%responses.1%", "%tags.My Region.0%", "%tags.x.y%"]'), data)).toBe(
      '["5", "south", ""]',
    )
  })

  test('in dollar syntax has any name', () => {
    const format = template('json', '{"a": ${digits}, "b": "%ani% ${user.name}"}', { syntax: 'dollar' })
    expect(body(format, { digits: 5, user: { name: 'Jo' }, ani: 1 })).toBe('{"a": 5, "b": "%ani% Jo"}')
  })
})

describe('text that is no token stays', () => {
  test.each(['"100%"', '"5%20%"', '"% %"', '"%%"', '"%a b%"', '"\\u0025ani\\u0025"', '"${ani}"', '"a\\"%\\"b%"'])(
    '%s',
    (format) => {
      expect(body(template('json', format), { ani: 'x' })).toBe(format)
    },
  )

  test('byte by byte, layout included', () => {
    const format = ' \t{\r\n "a" :[ 1.50e+3 ,-0,true,false,null,"\\u00e9\\/" ] , "":{} }\n'
    expect(body(template('json', format))).toBe(format)
  })
})

describe('a field map', () => {
  const format = '{"contact": {"phones": ["", 5], "tags": {"x": "%ani%"}}, "ok": false}'

  test('makes a string of a pasted string, and a typed value of anything else', () => {
    const fields = {
      'contact.phones.0': 'dialed_time',
      'contact.phones.1': 'dialed_time',
      'contact.tags': 'tags',
      ok: 'question',
    }
    const data = { dialed_time: 36, tags: ['a'] }
    expect(body(template('json', format, { fields }), data)).toBe(
      '{"contact": {"phones": ["36", 36], "tags": ["a"]}, "ok": null}',
    )
  })

  test('takes the path of a data point, and any name beside variables', () => {
    expect(body(template('json', '{"a": ""}', { fields: { a: 'responses.1' } }), { responses: { 1: 2 } })).toBe(
      '{"a": "2"}',
    )
    expect(body(template('json', '{"a": ""}', { fields: { a: 'own_name' }, syntax: 'dollar' }), { own_name: 2 })).toBe(
      '{"a": "2"}',
    )
  })

  test.each<[fields: Record<string, string>, issues: string[]]>([
    [{ oK: 'ani' }, ['fields.oK 1:1 the format has no field oK: did you mean ok?']],
    [
      { other: 'ani' },
      ['fields.other 1:1 the format has no field other: it has contact.phones.0, contact.phones.1, contact.tags.x, ok'],
    ],
    [{ ok: 'anii' }, ['fields.ok 1:1 unknown data point anii: did you mean ani?']],
    [{ ok: '%ani%' }, ['fields.ok 1:1 unknown data point %ani%: did you mean ani?']],
    [{ ok: 'zzzzz' }, ['fields.ok 1:1 unknown data point zzzzz: neither the catalogue nor dataPoints has it']],
    [{ ok: '' }, ['fields.ok 1:1 names no data point']],
    [
      { 'contact.tags': 'tags', 'contact.tags.x': 'ani' },
      ['fields.contact.tags.x 1:1 contact.tags.x lies in contact.tags, which is mapped as a whole: map one of the two'],
    ],
  ])('%j is refused', (fields, expected) => {
    expect(issues({ body: template('json', format, { fields }) })).toEqual(expected)
  })

  test('is refused where a path means two fields', () => {
    expect(issues({ body: template('json', '{"a.b": 1, "a": {"b": 2}}', { fields: { 'a.b': 'ani' } }) })).toEqual([
      'fields.a.b 1:1 2 fields of the format have the path a.b: put a %token% into the format instead',
    ])
  })
})

describe('a JSON format is refused', () => {
  const key = 'a token can stand in a value only, not in a key'
  test.each([
    ['', 'body 1:1 unexpected end of the text: a value must stand here, such as "text" or "%token%"'],
    ['{"a": 1,}', 'body 1:8 a comma before "}": leave it out'],
    ['[1,\n 2,\n]', 'body 2:3 a comma before "]": leave it out'],
    ['[1 2]', 'body 1:4 unexpected "2": "," or "]" must stand here'],
    ['{"a": 1', 'body 1:8 unexpected end of the text: "," or "}" must stand here'],
    ['{"a" 1}', 'body 1:6 unexpected "1": ":" must stand here'],
    ['{a: 1}', 'body 1:2 unexpected "a": a key in double quotes must stand here'],
    ["{'a': 1}", `body 1:2 unexpected "'": a key in double quotes must stand here`],
    ["['a']", "body 1:2 ' is no quote of JSON: strings stand in double quotes"],
    ['// x\n1', 'body 1:1 JSON has no comments: leave it out'],
    ['[01]', 'body 1:3 unexpected "1": numbers, true, false and null stand alone, text stands in double quotes'],
    ['[truex]', 'body 1:6 unexpected "x": numbers, true, false and null stand alone, text stands in double quotes'],
    ['[%ani%x]', 'body 1:7 unexpected "x": a token without quotes stands alone, text stands in double quotes'],
    ['[%ani%%ani%]', 'body 1:7 unexpected "%": a token without quotes stands alone, text stands in double quotes'],
    ['"a', 'body 1:1 this string has no closing quote'],
    ['"a\nb"', 'body 1:3 unexpected U+000A in a string: write it as an escape such as \\n'],
    ['"\\x"', 'body 1:2 no escape of JSON: \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hex digits are'],
    ['"\\%ani%"', 'body 1:2 no escape of JSON: \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hex digits are'],
    ['1 2', 'body 1:3 unexpected "2" after the end: a format is one JSON value'],
    ['\ufeff1', 'body 1:1 unexpected U+FEFF: a value must stand here, such as "text" or "%token%"'],
    ['{"a": 1, "\\u0061": 2}', 'body 1:10 the key "a" stands twice in this object'],
    ['{"%ani%": 1}', `body 1:3 ${key}`],
    ['{"a %ani%": 1}', `body 1:5 ${key}`],
    ['{%ani%: 1}', `body 1:2 ${key}`],
    ['{\r\n\r"%callr_id%": "%caller_id%"}', 'body 3:2 unknown token %callr_id%: did you mean %caller_id%?'],
    ['["%Ani%"]', 'body 1:3 unknown token %Ani%: did you mean %ani%?'],
    ['["%tag.Region%", "%tagz.Region%"]', 'body 1:19 unknown token %tagz.Region%: did you mean %tags.Region%?'],
  ])('%j: %s', (format, issue) => {
    expect(issues({ body: template('json', format) })).toEqual([issue])
  })

  test('with all that is wrong, in the order of the text', () => {
    const format = '{"a": "%anii%", "a": 1,\n "%ani%": 2, "b": }, %zzzzz%'
    expect(issues({ body: template('json', format, { fields: { nothing: 'nothing' } }) })).toEqual([
      'body 1:8 unknown token %anii%: did you mean %ani%?',
      'body 1:17 the key "a" stands twice in this object',
      `body 2:3 ${key}`,
      'body 2:19 unexpected "}": a value must stand here, such as "text" or "%token%"',
      'body 2:22 unknown token %zzzzz%: neither the catalogue nor dataPoints has it',
    ])
  })

  test('where it nests too deeply, and not before', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`
    expect(issues({ body: template('json', nested(FORMAT_DEPTH_LIMIT)) })).toEqual([])
    expect(issues({ body: template('json', nested(FORMAT_DEPTH_LIMIT + 1)) })).toEqual([
      'body 1:101 nested deeper than 100',
    ])
    expect(issues({ body: template('json', '['.repeat(200_000)) })).toEqual(['body 1:101 nested deeper than 100'])
  })
})
