/** Parameters: order, groups, encodings, default content types. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import { describe, expect, test } from 'vitest'
import type { Param, ParamGroup } from '../../src/model/request-spec.ts'
import { issues, points, rendered, template, text } from './rendering.ts'

function form(groups: readonly ParamGroup[], data = {}, context = {}): string | null {
  return rendered({ body: { kind: 'form', groups } }, data, context).body
}

describe('parameters', () => {
  const values: readonly Param[] = [
    { name: '10', value: { kind: 'point', path: 'ani' } },
    { name: '9', value: { kind: 'text', ...text('static & text', 'none') } },
    { name: 'a b&=é', value: { kind: 'text', ...text('to %ani%!', 'percent') } },
    { name: 'gone', value: { kind: 'point', path: 'nobody_knows' } },
    { name: 'null', value: { kind: 'point', path: 'nothing' } },
    { name: 'tags', value: { kind: 'point', path: 'tags' } },
    { name: 'flag', value: { kind: 'point', path: 'ivr_completed' } },
  ]
  const data = { ani: "1+1 ~'()*", nothing: null, tags: [{ a: 1 }], ivr_completed: true }

  test('are form-encoded in a form, in the order written', () => {
    expect(form([{ params: values }], data)).toBe(
      '10=1%2B1+%7E%27%28%29*&9=static+%26+text&a+b%26%3D%C3%A9=to+1%2B1+%7E%27%28%29*%21&gone=&null=' +
        '&tags=%5B%7B%22a%22%3A1%7D%5D&flag=True',
    )
  })

  test('are percent-encoded in a query', () => {
    expect(rendered({ query: [{ params: values.slice(0, 3) }] }, data).path).toBe(
      "/hook?10=1%2B1%20~'()*&9=static%20%26%20text&a%20b%26%3D%C3%A9=to%201%2B1%20~'()*!",
    )
  })

  test('in literal text are not searched for tokens', () => {
    expect(form([{ params: [{ name: 'a', value: { kind: 'text', ...text('%ani%', 'none') } }] }], data)).toBe(
      'a=%25ani%25',
    )
  })
})

describe('a group for calls with a prefix', () => {
  const groups = [
    { params: points({ st_rank: 'st_rank' }), onlyWithPrefix: 'st_' },
    { params: points({ ani: 'ani' }) },
    { params: points({ st_pid: 'st_pid' }), onlyWithPrefix: 'st_' },
  ]
  test.each([
    ['no such data point', { ani: 1 }, {}, 'ani=1'],
    ['one of the event', { ani: 1, st_pid: 2 }, {}, 'st_rank=&ani=1&st_pid=2'],
    ['one of the context', { ani: 1 }, { st_rank: 3 }, 'st_rank=3&ani=1&st_pid='],
    ['one that is empty, as a switch sends that knows no value', { ani: 1, st_x: '' }, {}, 'ani=1'],
    ['a name that only contains it', { ani: 1, first_x: 1 }, {}, 'ani=1'],
  ])('with %s', (_, data, context, expected) => {
    expect(form(groups, data, context)).toBe(expected)
    expect(rendered({ query: groups }, data, context).path).toBe(`/hook?${expected}`)
  })

  test('leaves no separator behind when all are left out', () => {
    const query = [{ params: points({ st_rank: 'st_rank' }), onlyWithPrefix: 'st_' }]
    expect(rendered({ query }).path).toBe('/hook')
    expect(rendered({ query }, { st_rank: '', st_pid: null }).path).toBe('/hook')
    expect(rendered({ query }, { st_rank: '', st_pid: 0 }).path).toBe('/hook?st_rank=')
    expect(rendered({ query, url: text('https://h.example/x?a=1', 'none') }).path).toBe('/x?a=1')
    expect(form(query)).toBe('')
  })
})

test.each([
  ['form', { kind: 'form', groups: [] }, 'application/x-www-form-urlencoded'],
  ['form text', template('form', 'a=1'), 'application/x-www-form-urlencoded'],
  ['members', { kind: 'json-object', members: [] }, 'application/json'],
  ['JSON', template('json', '{}'), 'application/json'],
  ['XML', template('xml', '<a/>'), 'application/xml'],
  ['text', template('text', 'hello'), 'text/plain; charset=utf-8'],
] as const)('a %s body brings its content type unless one is configured', (_, body, contentType) => {
  expect(rendered({ body }).headers).toEqual(['content-type', contentType])
  const headers = [{ name: 'content-type', value: text('text/x-own', 'none') }]
  expect(rendered({ body, headers }).headers).toEqual(['content-type', 'text/x-own'])
})

describe('templates of type form and text', () => {
  test('form keeps static text and encodes values', () => {
    const format = template('form', 'a=%C3%A9+1&%ani%=%ani%&b=%4x%question%')
    expect(rendered({ body: format }, { ani: 'é&=+ ', question: 1 }).body).toBe(
      'a=%C3%A9+1&%C3%A9%26%3D%2B+=%C3%A9%26%3D%2B+&b=%4x1',
    )
  })

  test('form does not let a value complete an escape', () => {
    expect(rendered({ body: template('form', 'a=%2${x}', { syntax: 'dollar' }) }, { x: '6' }).body).toBe('a=%2526')
  })

  test('text takes values as they are, but for lone surrogates', () => {
    const data = { ani: 'a"<&\r\n\ud800', tags: { a: 1 } }
    expect(rendered({ body: template('text', 'x %ani% %tags% 100%') }, data).body).toBe('x a"<&\r\n\ufffd {"a":1} 100%')
  })

  test('have no fields', () => {
    expect(issues({ body: template('text', 'a %anii%', { fields: { a: 'ani' } }) })).toEqual([
      'body 1:3 unknown token %anii%: did you mean %ani%?',
      'fields.a 1:1 a text body has no fields: put tokens into its text',
    ])
  })
})

test('wrong parameters are refused with their names', () => {
  const params: readonly Param[] = [
    { name: 'qos', value: { kind: 'point', path: '' } },
    { name: 'to', value: { kind: 'text', ...text('call\n%callr_id%') } },
  ]
  const expected = [
    'params.qos 1:1 names no data point: write one, or { value: text }',
    'params.to 2:1 unknown token %callr_id%: did you mean %caller_id%?',
  ]
  expect(issues({ query: [{ params }] })).toEqual(expected)
  expect(issues({ body: { kind: 'form', groups: [{ params }] } })).toEqual(expected)
})
