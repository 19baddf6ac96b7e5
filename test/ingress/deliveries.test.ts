/** Deliveries as the API shows them, filters, and sending one again. */
import { describe, expect, test } from 'vitest'
import type { DeliveryRecord } from '../../src/model/delivery.ts'
import { problemOf, run } from './recording.ts'

const DEAD: DeliveryRecord = {
  id: 'd1',
  webhook: 'crm',
  account: 'acme',
  event: { id: 'e1', source: '/', type: 'call.end', subject: 'c1' },
  state: 'dead',
  acceptedAtMs: 1_553_731_500_000,
  endedAtMs: 1_553_731_560_000,
  reason: 'status',
  attempts: [
    {
      attempt: 1,
      startedAtMs: 1_553_731_501_000,
      durationMs: 5,
      result: 'failure',
      status: 500,
      reason: 'status',
      detail: 'status 500',
      excerpt: 'oops',
      phases: {},
    },
  ],
}
const PENDING: DeliveryRecord = {
  ...{ id: 'd2', webhook: 'crm', account: 'beta', event: DEAD.event, state: 'pending', acceptedAtMs: 0 },
  dueMs: 1000,
  attempts: [],
}
const TOKENS = [
  { name: 'acme', secret: 'acme-secret', may: ['manage'], accounts: ['acme'] },
  { name: 'all', secret: 'all-secret', may: ['manage'], accounts: 'all' },
] as const
const ACME = { headers: { authorization: 'Bearer acme-secret' } }
const ALL = { headers: { authorization: 'Bearer all-secret' } }

test('a delivery is shown with times as text and its attempts', async () => {
  await using server = await run()
  server.engine.page = { deliveries: [DEAD, PENDING], next: 'n1' }
  const response = await fetch(`${server.url}/v1/deliveries`)
  const dead = {
    id: 'd1',
    webhook: 'crm',
    account: 'acme',
    event: DEAD.event,
    state: 'dead',
    reason: 'status',
    acceptedAt: '2019-03-28T00:05:00.000Z',
    endedAt: '2019-03-28T00:06:00.000Z',
    attempts: [
      {
        ...{ time: '2019-03-28T00:05:01.000Z', attempt: 1, durationMs: 5, result: 'failure', status: 500, phases: {} },
        ...{ reason: 'status', error: 'status 500', answer: 'oops' },
      },
    ],
  }
  expect(await response.json()).toEqual({
    deliveries: [
      dead,
      {
        ...{ id: 'd2', webhook: 'crm', account: 'beta', event: DEAD.event, state: 'pending' },
        ...{ acceptedAt: '1970-01-01T00:00:00.000Z', dueAt: '1970-01-01T00:00:01.000Z', attempts: [] },
      },
    ],
    next: 'n1',
  })
  expect(await (await fetch(`${server.url}/v1/deliveries/d1`)).json()).toEqual(dead)
})

test.each([
  ['an end that is known', { reason: 'rate', untilMs: 1_553_731_560_000 }, { until: '2019-03-28T00:06:00.000Z' }],
  ['no such end', { reason: 'concurrency' }, {}],
] as const)('a pending delivery tells what holds it, with %s', async (_, hold, until) => {
  await using server = await run()
  server.engine.page = { deliveries: [{ ...PENDING, isBehind: true }, DEAD] }
  server.engine.holds.set('d2', hold)
  const { reason } = hold
  const shown = await (await fetch(`${server.url}/v1/deliveries/d2`)).json()
  expect(shown).toMatchObject({ id: 'd2', held: { reason, ...until } })
  expect(shown).not.toHaveProperty('isBehind')
  const { deliveries } = (await (await fetch(`${server.url}/v1/deliveries`)).json()) as { deliveries: unknown[] }
  expect(deliveries[0]).toEqual(shown)
  expect(deliveries[1]).not.toHaveProperty('held')
})

describe('the filter', () => {
  test.each([
    ['', { limit: 100 }],
    [
      '?webhook=crm&state=dead&event=e%201&limit=7&cursor=abc',
      { webhook: 'crm', state: 'dead', event: 'e 1', limit: 7, cursor: 'abc' },
    ],
    ['?limit=1', { limit: 1 }],
    ['?limit=1000', { limit: 1000 }],
    ['?webhook=&state=&event=&limit=&cursor=', { limit: 100 }],
    [`?event=${'x'.repeat(1024)}`, { limit: 100, event: 'x'.repeat(1024) }],
    ['?subject=call-1&limit=5', { limit: 5, subject: 'call-1' }],
  ])('%s is read', async (query, expected) => {
    await using server = await run()
    const response = await fetch(`${server.url}/v1/deliveries${query}`)
    expect([response.status, await response.json()]).toEqual([200, { deliveries: [], next: null }])
    expect(server.engine.queries).toEqual([expected])
  })

  test('reports all mistakes at once', async () => {
    await using server = await run()
    const response = await fetch(`${server.url}/v1/deliveries?state=gone&limit=0&page=2&event=${'x'.repeat(1025)}`)
    expect(await problemOf(response)).toMatchObject({
      status: 422,
      errors: [{ path: 'query.page' }, { path: 'query.state' }, { path: 'query.event' }, { path: 'query.limit' }],
    })
  })

  test.each(['1001', '-1', '1.5', 'x', '99999999'])('refuses the limit %s', async (limit) => {
    await using server = await run()
    const response = await fetch(`${server.url}/v1/deliveries?limit=${limit}`)
    const detail = 'must be a whole number from 1 to 1000'
    expect(await problemOf(response)).toMatchObject({ status: 422, errors: [{ path: 'query.limit', detail }] })
  })

  test('is narrowed to the accounts of the token', async () => {
    await using server = await run({ tokens: TOKENS })
    await fetch(`${server.url}/v1/deliveries`, ACME)
    await fetch(`${server.url}/v1/deliveries`, ALL)
    expect(server.engine.queries).toEqual([{ limit: 100, accounts: ['acme'] }, { limit: 100 }])
  })
})

describe('a delivery of another account', () => {
  test('does not exist, neither to see nor to retry', async () => {
    await using server = await run({ tokens: TOKENS })
    server.engine.page = { deliveries: [DEAD, PENDING] }
    expect((await fetch(`${server.url}/v1/deliveries/d2`, ACME)).status).toBe(404)
    expect((await fetch(`${server.url}/v1/deliveries/d2/retry`, { method: 'POST', ...ACME })).status).toBe(404)
    expect((await fetch(`${server.url}/v1/deliveries/d2`, ALL)).status).toBe(200)
    expect(server.engine.retried).toEqual([])
  })
})

describe('retry', () => {
  test.each([
    [{ kind: 'retried' }, 202, { id: 'd1', state: 'pending' }],
    [{ kind: 'not-found' }, 404, { type: 'urn:switchhook:problem:not-found' }],
    [
      { kind: 'refused', detail: 'it is in flight' },
      409,
      { type: 'urn:switchhook:problem:conflict', detail: 'it is in flight' },
    ],
  ] as const)('that ends %j answers %i', async (result, status, body) => {
    await using server = await run()
    server.engine.page = { deliveries: [DEAD] }
    server.engine.retryResult = result
    const response = await fetch(`${server.url}/v1/deliveries/d1/retry`, { method: 'POST' })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject(body)
    expect(server.engine.retried).toEqual(['d1'])
  })

  test('of an unknown delivery is not found', async () => {
    await using server = await run()
    const response = await fetch(`${server.url}/v1/deliveries/nope/retry`, { method: 'POST' })
    expect(await problemOf(response)).toMatchObject({ status: 404 })
  })
})
