/** Fields of pasted formats, and data points that requests read. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import { describe, expect, test } from 'vitest'
import { extractFields } from '../../src/compile/extract-fields.ts'
import { nearMiss } from '../../src/compile/near-miss.ts'
import { pointsUsed } from '../../src/compile/tokens-used.ts'
import { points, requestSpec, template, text } from './rendering.ts'

describe('the fields of a format', () => {
  test.each<[type: 'json' | 'xml', format: string, fields: [path: string, token: string | null][]]>([
    [
      'json',
      '{"first": "", "last": "", "email": ""}',
      [
        ['first', null],
        ['last', null],
        ['email', null],
      ],
    ],
    [
      'json',
      '{"a": "%ani%", "b": %own.path%, "c": "x %ani%"}',
      [
        ['a', 'ani'],
        ['b', 'own.path'],
        ['c', null],
      ],
    ],
    [
      'json',
      '{"a": "${x}", "b": ${y}}',
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
    ],
    [
      'json',
      '{"contact": {"phones": ["", {"n": 1}]}, "e": {}, "f": []}',
      [
        ['contact.phones.0', null],
        ['contact.phones.1.n', null],
        ['e', null],
        ['f', null],
      ],
    ],
    ['json', '"%ani%"', [['', 'ani']]],
    [
      'xml',
      '<lead id="%ani%"><name> %x% </name><a/><b><![CDATA[%y%]]></b></lead>',
      [
        ['lead.@id', 'ani'],
        ['lead.name', 'x'],
        ['lead.a', null],
        ['lead.b', 'y'],
      ],
    ],
    [
      'xml',
      '<l><p t="">1</p><q/><p>2</p></l>',
      [
        ['l.p.0.@t', null],
        ['l.p.0', null],
        ['l.q', null],
        ['l.p.1', null],
      ],
    ],
    ['xml', '<a>${x}</a>', [['a', 'x']]],
  ])('%s %s', (type, format, fields) => {
    expect(extractFields(type, format)).toEqual({
      kind: 'fields',
      fields: fields.map(([path, token]) => ({ path, token })),
    })
  })

  test('are not given for what is not well-formed', () => {
    expect(extractFields('json', '{\n"a": }')).toEqual({
      kind: 'refused',
      issues: [
        {
          part: 'format',
          line: 2,
          column: 6,
          message: 'unexpected "}": a value must stand here, such as "text" or "%token%"',
        },
      ],
    })
    expect(extractFields('xml', '<a>').kind).toBe('refused')
  })
})

test('the data points of a request are listed once each, wherever they stand', () => {
  const spec = requestSpec({
    url: text('https://h.example/%ani%/%C3%A9?x=%ad_group%'),
    query: [
      {
        params: [...points({ a: 'responses.1', b: 'ani' }), { name: 'c', value: { kind: 'text', ...text('%tags%') } }],
      },
    ],
    body: template('json', '{"a": "%call_end_time% %ani%", "b": ""}', { fields: { b: 'dialstatus' } }),
    headers: [
      { name: 'x', value: text('%sid%') },
      { name: 'y', value: text('%sid_not_read%', 'none') },
    ],
  })
  expect(pointsUsed(spec)).toEqual(['ani', 'ad_group', 'responses.1', 'tags', 'call_end_time', 'dialstatus', 'sid'])
  expect(pointsUsed(requestSpec({ url: text('https://h.example/%own%') }), new Set(['own']))).toEqual(['own'])
  const groups = [{ params: points({ a: 'x.y' }) }]
  expect(pointsUsed(requestSpec({ body: { kind: 'form', groups } }))).toEqual(['x.y'])
  const members = [{ name: 'm', path: 'callId' }]
  expect(pointsUsed(requestSpec({ body: { kind: 'json-object', members } }))).toEqual(['callId'])
  expect(pointsUsed(requestSpec({ body: template('text', '${v} %ani%', { syntax: 'dollar' }) }))).toEqual(['v'])
})

describe('a near miss', () => {
  test.each([
    ['anii', 'ani'],
    ['ANI', 'ani'],
    ['ain', 'ani'],
    ['cal_id', 'callid'],
    ['callid_x', 'callid'],
    ['callid_xy', undefined],
    ['anixyz', undefined],
    ['an', 'ani'],
    ['axx', undefined],
    ['', undefined],
  ])('of %s is %s', (name, expected) => {
    expect(nearMiss(name, ['ani', 'callid', 'location_name'])).toBe(expected)
  })
})
