/** Erasing a caller's data over the API. */
import { describe, expect, test } from 'vitest'
import { post, problemOf, run } from './recording.ts'

const TOKENS = [
  { name: 'acme', secret: 'acme-secret', may: ['manage'], accounts: ['acme', 'other'] },
  { name: 'all', secret: 'all-secret', may: ['manage'], accounts: 'all' },
] as const

async function erase(body: unknown, token = 'all', contentType = 'application/json') {
  await using server = await run({ tokens: TOKENS })
  const headers = { authorization: `Bearer ${token}-secret` }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await post(`${server.url}/v1/erase`, contentType, text, headers)
  const json: unknown = response.ok ? await response.json() : await problemOf(response)
  return { status: response.status, json, erasures: server.engine.erasures }
}

const OF_NUMBER = { of: { kind: 'number', number: '+1 555 123 4567' }, isDryRun: false }

describe('erase', () => {
  test.each([
    [{ call: 'call-1' }, 'all', { of: { kind: 'call', subject: 'call-1' }, isDryRun: false }],
    [{ number: '+1 555 123 4567' }, 'all', OF_NUMBER],
    [{ number: '+1 555 123 4567', account: 'any' }, 'all', { ...OF_NUMBER, accounts: ['any'] }],
    [{ number: '+1 555 123 4567' }, 'acme', { ...OF_NUMBER, accounts: ['acme', 'other'] }],
    [{ number: '+1 555 123 4567', account: 'acme' }, 'acme', { ...OF_NUMBER, accounts: ['acme'] }],
    [{ number: '+1 555 123 4567', dryRun: true }, 'all', { ...OF_NUMBER, isDryRun: true }],
  ])('of %j by %s is carried out as far as one request does', async (body, token, expected) => {
    const { status, json, erasures } = await erase(body, token)
    expect({ status, erasures }).toEqual({ status: 200, erasures: [expected] })
    expect(json).toEqual({ events: 2, deliveries: 3, pending: 1, dryRun: expected.isDryRun, next: 'more' })
  })

  test('goes on from where the request before ended', async () => {
    const { json, erasures } = await erase({ call: 'call-1', cursor: 'more' })
    expect(erasures).toMatchObject([{ cursor: 'more' }])
    expect(json).toMatchObject({ next: null })
  })

  test('takes a form', async () => {
    const { erasures } = await erase('call=call-1&dryRun=true', 'all', 'application/x-www-form-urlencoded')
    expect(erasures).toEqual([{ of: { kind: 'call', subject: 'call-1' }, isDryRun: true }])
  })

  test.each([
    [{}, ['call', 'number']],
    [{ call: '', number: '' }, ['call', 'number']],
    [{ call: 'call-1', number: '5551234567' }, ['call', 'number']],
    [{ number: '1234' }, ['number']],
    [{ number: 'my number' }, ['number']],
    [{ number: 5551234567 }, ['number']],
    [{ call: 'x'.repeat(1025) }, ['call']],
    [{ call: 'call-1', dryRun: 'perhaps' }, ['dryRun']],
    [{ call: 'call-1', subject: 'call-1' }, ['subject']],
  ])('of %j is refused at %j', async (body, paths) => {
    const errors = paths.map((path) => ({ path }))
    expect(await erase(body)).toMatchObject({ status: 422, json: { errors }, erasures: [] })
  })

  test('of an account that the token is not for is refused', async () => {
    expect(await erase({ call: 'call-1', account: 'beta' }, 'acme')).toMatchObject({ status: 404, erasures: [] })
  })
})
