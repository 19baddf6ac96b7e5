/** Purging ended deliveries over the API. */
import { describe, expect, test } from 'vitest'
import { post, problemOf, run } from './recording.ts'

const TOKENS = [
  { name: 'acme', secret: 'acme-secret', may: ['manage'], accounts: ['acme'] },
  { name: 'beta', secret: 'beta-secret', may: ['manage'], accounts: ['beta'] },
  { name: 'all', secret: 'all-secret', may: ['manage'], accounts: 'all' },
  { name: 'reader', secret: 'reader-secret', may: ['read'], accounts: 'all' },
] as const
const BEFORE = '2026-01-01T00:00:00Z'
const DEAD_BEFORE = { state: 'dead', before: BEFORE } as const

async function purge(body: unknown, token = 'all') {
  await using server = await run({ tokens: TOKENS })
  const headers = { authorization: `Bearer ${token}-secret` }
  const response = await post(`${server.url}/v1/deliveries/purge`, 'application/json', JSON.stringify(body), headers)
  const json: unknown = response.ok ? await response.json() : await problemOf(response)
  return { status: response.status, json, purges: server.engine.purges }
}

describe('purge', () => {
  test.each([
    [DEAD_BEFORE, 'all', { state: 'dead', endedBeforeMs: Date.UTC(2026, 0) }],
    [
      { ...DEAD_BEFORE, state: 'delivered', webhook: 'crm' },
      'all',
      { state: 'delivered', endedBeforeMs: Date.UTC(2026, 0), webhook: 'crm' },
    ],
    [DEAD_BEFORE, 'acme', { state: 'dead', endedBeforeMs: Date.UTC(2026, 0), accounts: ['acme'] }],
    [
      { ...DEAD_BEFORE, webhook: 'gone-long-ago' },
      'beta',
      { state: 'dead', endedBeforeMs: Date.UTC(2026, 0), webhook: 'gone-long-ago', accounts: ['beta'] },
    ],
  ])('of %j by %s is carried out and counted', async (body, token, expected) => {
    expect(await purge(body, token)).toEqual({ status: 200, json: { purged: 1 }, purges: [expected] })
  })

  test('takes how long ago it was', async () => {
    const beforeMs = Date.now()
    const { purges } = await purge({ state: 'dead', before: '7d' })
    const ageMs = beforeMs - (purges[0]?.endedBeforeMs ?? 0)
    expect(ageMs).toBeLessThanOrEqual(7 * 86_400_000)
    expect(ageMs).toBeGreaterThan(7 * 86_400_000 - 60_000)
  })

  test.each([
    [{}, ['state', 'before']],
    [{ before: BEFORE }, ['state']],
    [{ state: 'dead' }, ['before']],
    [{ ...DEAD_BEFORE, state: 'pending' }, ['state']],
    [{ ...DEAD_BEFORE, before: 'always' }, ['before']],
    [{ ...DEAD_BEFORE, webhook: 'x'.repeat(1025) }, ['webhook']],
    [{ ...DEAD_BEFORE, webhook: ['crm'] }, ['webhook']],
    [{ ...DEAD_BEFORE, webhooks: 'crm' }, ['webhooks']],
  ])('of %j is refused at %j', async (body, paths) => {
    const errors = paths.map((path) => ({ path }))
    expect(await purge(body)).toMatchObject({ status: 422, json: { errors }, purges: [] })
  })

  test.each([
    ['reader', 403],
    ['nobody', 401],
  ])('by %s is refused with %i', async (token, status) => {
    expect(await purge(DEAD_BEFORE, token)).toMatchObject({ status, purges: [] })
  })

  test('finds nothing of another account, and does not tell its webhook from one that nobody has', async () => {
    const [other, nobody] = [
      await purge({ ...DEAD_BEFORE, webhook: 'crm' }, 'beta'),
      await purge({ ...DEAD_BEFORE, webhook: 'xyz' }, 'beta'),
    ]
    expect(other).toMatchObject({ status: 200, purges: [{ webhook: 'crm', accounts: ['beta'] }] })
    expect({ ...other, purges: [] }).toEqual({ ...nobody, purges: [] })
  })
})
