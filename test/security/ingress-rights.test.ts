/**
 * Every route against every kind of caller: each right alone, another account, no token, an unknown one. The routes are
 * taken from the code, so that a new one fails here until it has its row; a stranger's things must not be told from nothing.
 */
import { describe, expect, test } from 'vitest'
import type { Right } from '../../src/ingress/http/access.ts'
import { startWorld } from '../e2e/world.ts'
import { ROUTES } from './api-routes.ts'

/** What a route answers. `{id}` stands for a webhook, delivery or call of the caller's account, or of another's. */
interface Row {
  readonly right: Right | 'open'
  readonly body?: unknown
  /** Status for a caller who has the right and whose account it is. */
  readonly own: number
  /** Status for a caller of another account with all rights. */
  readonly other: number
}

const ROWS: Readonly<Record<string, Row>> = {
  'POST /v1/events': { right: 'send', body: { type: 'x', account: 'acme' }, own: 202, other: 403 },
  'POST /v1/webhooks/{id}/invoke': { right: 'invoke', body: {}, own: 200, other: 404 },
  'GET /v1/webhooks/{id}/invoke': { right: 'invoke', own: 200, other: 404 },
  'POST /v1/webhooks/{id}/render': { right: 'read', body: { type: 'x' }, own: 200, other: 404 },
  'POST /v1/webhooks/{id}/replay': { right: 'manage', body: {}, own: 202, other: 404 },
  'POST /v1/webhooks/{id}/activate': { right: 'manage', body: {}, own: 200, other: 404 },
  'POST /v1/webhooks/{id}/deactivate': { right: 'manage', body: {}, own: 200, other: 404 },
  'GET /v1/webhooks': { right: 'read', own: 200, other: 200 },
  'GET /v1/webhooks/{id}': { right: 'read', own: 200, other: 404 },
  'PUT /v1/webhooks/{id}': {
    right: 'manage',
    body: { account: 'acme', profile: 'custom', url: 'http://127.0.0.1:9/a' },
    own: 200,
    other: 403,
  },
  // The file has it: its own account is told so, others that there is none.
  'DELETE /v1/webhooks/{id}': { right: 'manage', own: 409, other: 404 },
  'GET /v1/templates': { right: 'read', own: 200, other: 200 },
  'GET /v1/templates/{id}': { right: 'read', own: 200, other: 404 },
  // Templates are for more than one account: changing them takes a token for all.
  'PUT /v1/templates/{id}': { right: 'manage', body: { type: 'json', format: '{}' }, own: 403, other: 403 },
  'DELETE /v1/templates/{id}': { right: 'manage', own: 403, other: 403 },
  'GET /v1/bindings': { right: 'read', own: 200, other: 200 },
  'GET /v1/bindings/{id}': { right: 'read', own: 200, other: 404 },
  'PUT /v1/bindings/{id}': {
    right: 'manage',
    body: { account: 'acme', number: '8005550001', postCall: 'none' },
    own: 200,
    other: 403,
  },
  'DELETE /v1/bindings/{id}': { right: 'manage', own: 409, other: 404 },
  // The configuration is of all accounts together.
  'GET /v1/config': { right: 'manage', own: 403, other: 403 },
  'GET /v1/deliveries': { right: 'read', own: 200, other: 200 },
  'GET /v1/deliveries/{id}': { right: 'read', own: 200, other: 404 },
  'POST /v1/deliveries/{id}/retry': { right: 'manage', own: 202, other: 404 },
  'POST /v1/deliveries/purge': {
    right: 'manage',
    body: { state: 'delivered', before: '2019-03-28T00:05:00Z', webhook: 'acme-crm' },
    own: 200,
    other: 200,
  },
  'POST /v1/erase': { right: 'manage', body: { call: 'c1', account: 'acme' }, own: 200, other: 404 },
  'GET /v1/calls': { right: 'read', own: 200, other: 200 },
  'GET /v1/calls/{subject}': { right: 'read', own: 200, other: 404 },
  'GET /v1/stream': { right: 'read', own: 200, other: 200 },
  'POST /v1/templates/extract': {
    right: 'read',
    body: { type: 'json', format: '{"phone": "%ani%"}' },
    own: 200,
    other: 200,
  },
  'GET /v1/catalog': { right: 'read', own: 200, other: 200 },
  'GET /v1/stats': { right: 'read', own: 200, other: 200 },
  // Metrics are of all accounts together.
  'GET /metrics': { right: 'read', own: 403, other: 403 },
  // So is the log.
  'GET /v1/log': { right: 'read', own: 403, other: 403 },
  'PUT /v1/log': { right: 'manage', body: { level: 'debug' }, own: 403, other: 403 },
  'GET /openapi.json': { right: 'open', own: 200, other: 200 },
  'GET /healthz': { right: 'open', own: 200, other: 200 },
  'GET /readyz': { right: 'open', own: 200, other: 200 },
}

const PARAMETER = /\{(?:id|subject)\}/

const RIGHTS = ['send', 'invoke', 'read', 'manage'] as const satisfies readonly Right[]

const CONFIG = `
workers: 0
auth:
  tokens:
${RIGHTS.map((right) => `    - { name: acme-${right}, secret: { env: ACME_${right} }, may: [${right}], accounts: [acme] }`).join('\n')}
    - { name: beta-all, secret: { env: BETA }, may: [send, invoke, read, manage], accounts: [beta] }
    - { name: all, secret: { env: ALL }, may: [send, invoke, read, manage] }
accounts: [ { id: acme, groups: [dealers] } ]
templates:
  - { id: acme-lead, group: dealers, type: json, format: '{}' }
bindings:
  - { id: acme-number, account: acme, number: '8005550001', postCall: account-wide }
webhooks:
  - { id: acme-crm, account: acme, profile: custom, on: [made], url: 'http://127.0.0.1:9/a', body: '{}', circuit: off }
  - { id: beta-crm, account: beta, profile: custom, on: [made], url: 'http://127.0.0.1:9/b', body: '{}', circuit: off }
`
const ENVIRONMENT = {
  ...Object.fromEntries(RIGHTS.map((right) => [`ACME_${right}`, `acme-${right}-secret`])),
  BETA: 'beta-secret',
  ALL: 'all-secret',
}

test('every route has its row, and every row its route', () => {
  expect(ROUTES.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(ROWS).sort())
})

test.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route.right] as const))(
  '%s needs %s',
  (name, right) => {
    expect(ROWS[name]?.right).toBe(right)
  },
)

describe.each(Object.entries(ROWS))('%s', (name, row) => {
  const [method = '', path = ''] = name.split(' ')
  const start = async () => {
    const world = await startWorld(CONFIG, ENVIRONMENT)
    const headers = { authorization: 'Bearer all-secret' }
    for (const account of ['acme', 'beta']) {
      await world.post('/v1/events', { type: 'made', account, subject: `${account}-call` }, headers)
    }
    const listed = await fetch(`${world.url}/v1/deliveries`, { headers })
    const { deliveries }: { deliveries: { id: string; account: string }[] } = JSON.parse(await listed.text())
    const own = deliveries.find(({ account }) => account === 'acme')?.id ?? ''
    const call = async (secret: string | undefined, id: string) => {
      const authorization = secret === undefined ? {} : { authorization: `Bearer ${secret}` }
      const isJson = row.body === undefined ? {} : { 'content-type': 'application/json' }
      const response = await fetch(world.url + path.replace(PARAMETER, id), {
        method,
        headers: { ...authorization, ...isJson },
        body: row.body === undefined ? null : JSON.stringify(row.body),
      })
      // A stream has no end; what goes into it is tested for itself.
      if (response.headers.get('content-type') !== 'text/event-stream') {
        return { status: response.status, text: await response.text() }
      }
      await response.body?.cancel()
      return { status: response.status, text: '' }
    }
    if (path.includes('calls')) return { call, ownId: 'acme-call' }
    if (path.includes('templates')) return { call, ownId: 'acme-lead' }
    if (path.includes('bindings')) return { call, ownId: 'acme-number' }
    return { call, ownId: path.includes('deliveries') ? own : 'acme-crm' }
  }
  const has = (right: Right) =>
    row.right === 'open' || right === row.right || (right === 'manage' && row.right === 'read')

  test.each(RIGHTS)('asked with the right %s alone', async (right) => {
    const { call, ownId } = await start()
    const { status } = await call(`acme-${right}-secret`, ownId)
    expect(status).toBe(has(right) ? row.own : 403)
  })

  test.each([
    ['no token', undefined],
    ['an unknown token', 'nope'],
    ['a part of one', 'acme-manage-secre'],
  ])('asked with %s', async (_name, secret) => {
    const { call, ownId } = await start()
    expect((await call(secret, ownId)).status).toBe(row.right === 'open' ? row.own : 401)
  })

  test('asked for what belongs to another account, or to nobody', async () => {
    const { call, ownId } = await start()
    const other = await call('beta-secret', ownId)
    expect(other.status).toBe(row.other)
    if (name !== 'POST /v1/events' && row.right !== 'open') expect(other.text).not.toMatch(/"account":"acme"/)
    if (!PARAMETER.test(path)) return
    const unknown = ownId.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'))
    const nobody = await call('beta-secret', unknown)
    // Word for word the same, but for the id that was asked for.
    expect(nobody).toEqual({ status: other.status, text: other.text.replaceAll(ownId, unknown) })
  })
})
