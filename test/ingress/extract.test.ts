/** Fields of pasted formats over the API: what they are, and what is said of formats that can't be read. */
import { describe, expect, test } from 'vitest'
import { BODY_LIMIT } from '../../src/profiles/body.ts'
import { post, problemOf, run } from './recording.ts'

async function extract(body: unknown, contentType = 'application/json') {
  await using server = await run()
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await post(`${server.url}/v1/templates/extract`, contentType, text)
  const json: unknown = response.ok ? await response.json() : await problemOf(response)
  return { status: response.status, json }
}

const field = (path: string, token: string | null = null) => ({ path, token })

describe('the fields of a format', () => {
  test.each([
    ['json', '{"first": "", "phone": "%ani%"}', [field('first'), field('phone', 'ani')]],
    ['json', '{"contact": {"phones": ["", "%ani%"]}}', [field('contact.phones.0'), field('contact.phones.1', 'ani')]],
    [
      'xml',
      '<lead id="%sid%"><name/><phone>%ani%</phone></lead>',
      [field('lead.@id', 'sid'), field('lead.name'), field('lead.phone', 'ani')],
    ],
    ['json', '{}', [field('')]],
  ])('in %s of %s are told by path', async (type, format, fields) => {
    expect(await extract({ type, format })).toEqual({ status: 200, json: { fields } })
  })

  test('can be asked for with a form', async () => {
    const form = new URLSearchParams({ type: 'json', format: '{"a": "%ani%"}' }).toString()
    const { json } = await extract(form, 'application/x-www-form-urlencoded')
    expect(json).toEqual({ fields: [field('a', 'ani')] })
  })

  test.each([
    ['json', '{"a": "",\n "b": }', 2, 7],
    ['xml', '<lead>\n<name></lead>', 2, 7],
    ['xml', '<!DOCTYPE lead><lead/>', 1, 1],
    ['json', '{"%ani%": ""}', 1, 3],
  ])('that is %s of %j and can not be read is refused with its place', async (type, format, line, column) => {
    const detail = expect.stringContaining(`line ${line}, column ${column}: `)
    expect(await extract({ type, format })).toMatchObject({
      status: 422,
      json: { name: 'invalid-request', errors: [{ path: 'format', line, column, detail }] },
    })
  })

  test.each([
    [{}, ['type', 'format']],
    [{ type: 'yaml', format: '{}' }, ['type']],
    [{ type: 1, format: '{}' }, ['type']],
    [{ type: 'json', format: '' }, ['format']],
    [{ type: 'json', format: { first: '' } }, ['format']],
    [{ type: 'json', format: '{}', fields: 'a' }, ['fields']],
  ])('is refused for %j at %j', async (body, paths) => {
    const { status, json } = await extract(body)
    expect(status).toBe(422)
    expect(json).toMatchObject({ errors: paths.map((path) => ({ path })) })
  })

  test('may be as long as a template', async () => {
    const format = (length: number) => `{"a": "${'x'.repeat(length - 9)}"}`
    expect(await extract({ type: 'json', format: format(BODY_LIMIT) })).toMatchObject({ status: 200 })
    expect(await extract({ type: 'json', format: format(BODY_LIMIT + 1) })).toMatchObject({
      status: 422,
      json: { errors: [{ path: 'format' }] },
    })
  })
})
