/** Replay, activate and deactivate over the API: what is read, what is refused and why, and what is written about it. */
import { describe, expect, test } from 'vitest'
import { SwitchhookError } from '../../src/errors.ts'
import { post, problemOf, type Running, run } from './recording.ts'

const TOKENS = [
  { name: 'acme', secret: 'acme-secret', may: ['manage'], accounts: ['acme'] },
  { name: 'beta', secret: 'beta-secret', may: ['manage'], accounts: ['beta'] },
  { name: 'all', secret: 'all-secret', may: ['manage'], accounts: 'all' },
  { name: 'reader', secret: 'reader-secret', may: ['read', 'send', 'invoke'], accounts: 'all' },
] as const
const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'
const HOUR_MS = 3_600_000

function bearer(name: string): Record<string, string> {
  return { authorization: `Bearer ${name}-secret` }
}

async function command(server: Running, name: string, body = '', token = 'all', type = JSON_TYPE): Promise<Response> {
  return await post(`${server.url}/v1/webhooks/crm/${name}`, body === '' ? '' : type, body, bearer(token))
}

async function replay(body: unknown, token = 'all'): Promise<{ status: number; json: unknown; server: Running }> {
  const server = await run({ tokens: TOKENS })
  try {
    const response = await command(server, 'replay', JSON.stringify(body), token)
    return { status: response.status, json: await response.json(), server }
  } finally {
    await server[Symbol.asyncDispose]()
  }
}

/** What `replay` handed to the engine, its times as hours ago where they are relative. */
function requestOf({ server }: { readonly server: Running }) {
  const [request, ...more] = server.engine.replays
  expect(more).toEqual([])
  return request
}

describe('replay', () => {
  test('without a body sends all dead letters again', async () => {
    await using server = await run({ tokens: TOKENS })
    const beforeMs = Date.now()
    const response = await command(server, 'replay')
    expect([response.status, await response.json()]).toEqual([202, { replayed: 3 }])
    const [request] = server.engine.replays
    expect(request).toEqual({ webhook: 'crm', state: 'dead', sinceMs: 0, untilMs: expect.any(Number) })
    expect(request?.untilMs).toBeGreaterThan(beforeMs)
    expect(request?.untilMs).toBeLessThanOrEqual(Date.now() + 1)
  })

  test.each([
    [{ since: '2026-01-01T00:00:00Z', until: '2026-01-01T01:00:00+01:00' }, 'since'],
    [{ since: '2026-01-01T00:00:00Z', until: '2025-12-31T23:59:59.999Z' }, 'since'],
    [{ since: '2999-01-01T00:00:00Z' }, 'since'],
    [{ since: '1h', until: '1h' }, 'since'],
    [{ since: 'yesterday' }, 'since'],
    [{ since: '2026-02-30T00:00:00Z' }, 'since'],
    [{ since: '2026-01-01' }, 'since'],
    [{ since: 12 }, 'since'],
    [{ since: ['2h'] }, 'since'],
    [{ until: '5' }, 'until'],
    [{ until: '-2h' }, 'until'],
    [{ state: 'pending' }, 'state'],
    [{ state: 'DEAD' }, 'state'],
    [{ state: true }, 'state'],
    [{ state: 'delivered' }, 'since'],
    [{ sinc: '2h' }, 'sinc'],
  ])('of %j is refused at %s', async (body, path) => {
    const { status, json, server } = await replay(body)
    expect({ status, json }).toMatchObject({ status: 422, json: { errors: [{ path }] } })
    expect(server.engine.replays).toEqual([])
  })

  test('tells all mistakes at once, and what would be right', async () => {
    const { json } = await replay({ sinec: '2h', until: 'now', state: 'lost' })
    expect(json).toMatchObject({
      type: 'urn:switchhook:problem:invalid-request',
      errors: [
        { path: 'sinec', detail: 'is not known: did you mean since?' },
        { path: 'state', detail: 'must be one of dead, delivered' },
        { path: 'until', detail: 'must be a time such as 2026-11-21T08:00:00Z, or how long ago it was: 30m, 2h, 7d' },
      ],
    })
  })

  test.each([
    [{ since: '2026-01-01T00:00:00Z', until: '2026-01-01T00:00:00.001Z' }, Date.UTC(2026, 0), Date.UTC(2026, 0) + 1],
    [{ since: '2026-01-01T01:00:00+01:00', until: '2026-01-02T00:00:00z' }, Date.UTC(2026, 0), Date.UTC(2026, 0, 2)],
  ])('takes the times of %j', async (body, sinceMs, untilMs) => {
    expect(requestOf(await replay(body))).toEqual({ webhook: 'crm', state: 'dead', sinceMs, untilMs })
  })

  test('takes times that were so long ago', async () => {
    const beforeMs = Date.now()
    const request = requestOf(await replay({ since: '2h', until: '30m', state: 'delivered' }))
    const afterMs = Date.now()
    expect(request?.state).toBe('delivered')
    expect(request?.sinceMs).toBeGreaterThanOrEqual(beforeMs - 2 * HOUR_MS)
    expect(request?.sinceMs).toBeLessThanOrEqual(afterMs - 2 * HOUR_MS)
    expect((request?.untilMs ?? 0) - (request?.sinceMs ?? 0)).toBe(1.5 * HOUR_MS)
  })

  test('takes longer ago than there is time for the beginning of all', async () => {
    expect(requestOf(await replay({ since: '100000000d' }))).toMatchObject({ sinceMs: 0 })
  })

  test('takes a form, and an empty value for none', async () => {
    await using server = await run({ tokens: TOKENS })
    const response = await command(server, 'replay', 'since=2026-01-01T00%3A00%3A00Z&state=&until=', 'all', FORM_TYPE)
    expect(response.status).toBe(202)
    expect(server.engine.replays).toMatchObject([{ state: 'dead', sinceMs: Date.UTC(2026, 0) }])
  })

  test.each([
    ['[]', JSON_TYPE, 400],
    ['"2h"', JSON_TYPE, 400],
    ['{', JSON_TYPE, 400],
    ['{"since": "1h", "since": "2h"}', JSON_TYPE, 400],
    ['since=1h&since=2h', FORM_TYPE, 422],
    ['since: 2h', 'application/yaml', 415],
    [`{"since": "${'x'.repeat(1_048_576)}"}`, JSON_TYPE, 413],
  ])('of %.40s as %s is refused with %i', async (body, type, status) => {
    await using server = await run({ tokens: TOKENS })
    const response = await command(server, 'replay', body, 'all', type)
    expect(await problemOf(response)).toMatchObject({ status })
    expect(server.engine.replays).toEqual([])
  })

  test('of a token for some accounts leaves out what others made', async () => {
    expect(requestOf(await replay({}, 'acme'))).toMatchObject({ webhook: 'crm', accounts: ['acme'] })
    expect(requestOf(await replay({}, 'all'))).not.toHaveProperty('accounts')
  })

  test('that the engine refuses is a conflict', async () => {
    await using server = await run({ tokens: TOKENS })
    server.engine.replayResult = { kind: 'refused', detail: 'crm is being replayed already' }
    const response = await command(server, 'replay')
    expect(await problemOf(response)).toMatchObject({ status: 409, detail: 'crm is being replayed already' })
  })
})

describe('activation', () => {
  test.each([
    ['activate', true],
    ['deactivate', false],
  ])('%s says how the webhook is now', async (name, active) => {
    await using server = await run({ tokens: TOKENS })
    for (const body of ['', '{}']) {
      const response = await command(server, name, body, 'acme')
      expect([response.status, await response.json()]).toEqual([200, { id: 'crm', active }])
    }
    expect(server.engine.activations).toEqual([
      ['crm', active],
      ['crm', active],
    ])
  })

  test('takes no values', async () => {
    await using server = await run({ tokens: TOKENS })
    const response = await command(server, 'deactivate', '{"active": false}')
    expect(await problemOf(response)).toMatchObject({ status: 422, errors: [{ path: 'active' }] })
    expect(server.engine.activations).toEqual([])
  })
})

describe.each(['replay', 'activate', 'deactivate'])('%s', (name) => {
  test('needs the right to manage', async () => {
    await using server = await run({ tokens: TOKENS })
    expect((await command(server, name, '', 'reader')).status).toBe(403)
    expect((await command(server, name, '', 'nobody')).status).toBe(401)
    expect([...server.engine.replays, ...server.engine.activations]).toEqual([])
  })

  test('finds neither an unknown webhook nor one of another account', async () => {
    await using server = await run({ tokens: TOKENS })
    expect(await problemOf(await command(server, name, '', 'beta'))).toMatchObject({ status: 404 })
    const response = await post(`${server.url}/v1/webhooks/nobody/${name}`, '', '', bearer('all'))
    expect(await problemOf(response)).toMatchObject({ status: 404, detail: 'There is no webhook "nobody"' })
    expect([...server.engine.replays, ...server.engine.activations]).toEqual([])
  })

  test('is not for GET', async () => {
    await using server = await run({ tokens: TOKENS })
    const response = await fetch(`${server.url}/v1/webhooks/crm/${name}`, { headers: bearer('all') })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('is answered with 503 while the store can not write', async () => {
    await using server = await run({ tokens: TOKENS })
    server.engine.failure = new SwitchhookError('unavailable', 'the disk is full')
    const response = await command(server, name)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await problemOf(response)).toMatchObject({ status: 503, detail: 'the disk is full' })
  })
})
