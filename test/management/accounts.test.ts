/** Whose is what: tokens with accounts see and change what is theirs, and of the rest hear as of nothing. */
import { describe, expect, test } from 'vitest'
import { type Asked, feed, startManaged } from './management-world.ts'

const SECRETS = { ACME: 'acme-secret', BETA: 'beta-secret', BOTH: 'both-secret', ALL: 'all-secret' }
const [acme, beta, both, all] = Object.values(SECRETS).map((token) => ({ token }))
const CONFIG = `
auth:
  tokens:
    - { name: acme, secret: { env: ACME }, may: [manage], accounts: [acme] }
    - { name: beta, secret: { env: BETA }, may: [manage], accounts: [beta] }
    - { name: both, secret: { env: BOTH }, may: [manage], accounts: [acme, beta] }
    - { name: all, secret: { env: ALL }, may: [manage] }
accounts: [{ id: acme, groups: [dealers] }]
templates:
  - { id: dealers-only, group: dealers, type: json, format: '{}' }
  - { id: everybodys, type: json, format: '{}' }
webhooks:
  - { id: acme-crm, account: acme, profile: autoid, url: 'http://127.0.0.1:9', template: dealers-only }
  - { id: beta-crm, account: beta, profile: autoid, url: 'http://127.0.0.1:9', template: everybodys }
bindings:
  - { account: acme, campaign: Sales, begin: [acme-crm] }
  - { account: beta, campaign: Sales, begin: [beta-crm] }
`
const OWN = feed('http://127.0.0.1:9')
const WRONG_CRM = { profile: 'autoid', url: 'http://127.0.0.1:9', template: 'everybodys' }

const start = () => startManaged(CONFIG, SECRETS)

describe('a list', () => {
  test.each([
    ['webhooks', acme, '', ['acme-crm']],
    ['webhooks', beta, '', ['beta-crm']],
    ['webhooks', both, '', ['acme-crm', 'beta-crm']],
    ['webhooks', all, '', ['acme-crm', 'beta-crm']],
    ['webhooks', all, '?account=beta', ['beta-crm']],
    ['webhooks', both, '?account=beta', ['beta-crm']],
    ['webhooks', acme, '?account=beta', []],
    ['bindings', acme, '', ['acme:campaign:Sales']],
    ['templates', acme, '', ['dealers-only', 'everybodys']],
    ['templates', beta, '', ['everybodys']],
    ['templates', all, '', ['dealers-only', 'everybodys']],
    ['templates', all, '?account=beta', ['everybodys']],
  ])('of %s for %j%s has what may be seen', async (kind, asked, query, ids) => {
    const { ask } = await start()
    const { json } = await ask('GET', `/v1/${kind}${query}`, undefined, asked)
    expect(json[kind].map(({ id }: { id: string }) => id)).toEqual(ids)
  })

  test('comes in pages, each beginning after the one before, whatever changes meanwhile', async () => {
    const { ask } = await start()
    for (const id of ['b', 'd', 'a', 'c']) await ask('PUT', `/v1/webhooks/${id}`, { ...OWN, account: 'acme' }, all)
    const first = await ask('GET', '/v1/webhooks?limit=2', undefined, all)
    expect(first.json).toMatchObject({ webhooks: [{ id: 'a' }, { id: 'acme-crm' }], next: 'acme-crm' })
    await ask('DELETE', '/v1/webhooks/a', undefined, all)
    await ask('PUT', '/v1/webhooks/bb', { ...OWN, account: 'beta' }, all)
    const second = await ask('GET', '/v1/webhooks?limit=2&cursor=acme-crm', undefined, all)
    expect(second.json).toMatchObject({ webhooks: [{ id: 'b' }, { id: 'bb' }], next: 'bb' })
    const rest = await ask('GET', '/v1/webhooks?limit=3&cursor=bb', undefined, all)
    expect(rest.json).toMatchObject({ webhooks: [{ id: 'beta-crm' }, { id: 'c' }, { id: 'd' }], next: null })
  })

  test.each([
    ['limit=1', 200],
    ['limit=1000', 200],
    ['limit=0', 422],
    ['limit=1001', 422],
    ['limit=x', 422],
    ['page=2', 422],
  ])('asked with ?%s is answered %i', async (query, status) => {
    const { ask } = await start()
    expect((await ask('GET', `/v1/bindings?${query}`, undefined, all)).status).toBe(status)
  })
})

describe("another account's", () => {
  test.each([
    ['GET', 'webhooks/acme-crm', undefined],
    ['DELETE', 'webhooks/acme-crm', undefined],
    ['GET', 'bindings/acme:campaign:Sales', undefined],
    ['DELETE', 'bindings/acme:campaign:Sales', undefined],
    ['GET', 'templates/dealers-only', undefined],
    ['PUT', 'webhooks/acme-crm', { profile: 'nope' }],
  ])('%s %s is answered as what is not there', async (method, path, body) => {
    const { ask } = await start()
    const foreign = await ask(method, `/v1/${path}`, body, beta)
    const nothing = await ask(method, `/v1/${path}x`, body, beta)
    const name = path.slice(path.indexOf('/') + 1)
    expect(foreign.status).toBe(nothing.status)
    expect(JSON.stringify(foreign.json)).toBe(JSON.stringify(nothing.json).replaceAll(`${name}x`, name))
  })

  test('id can not be had, and nothing more is told of it', async () => {
    const { ask } = await start()
    const taken = await ask('PUT', '/v1/webhooks/acme-crm', OWN, beta)
    expect(taken).toMatchObject({ status: 409, json: { detail: 'The id "acme-crm" can\'t be had: choose another' } })
    expect(JSON.stringify(taken.json)).not.toContain('usedBy')
    const headers = { 'if-match': '*' }
    expect((await ask('PUT', '/v1/webhooks/acme-crm', OWN, { ...beta, headers })).status).toBe(412)
    expect((await ask('GET', '/v1/webhooks/acme-crm', undefined, acme)).json).toMatchObject({ origin: 'file' })
  })

  test.each([
    ['a webhook that it names', 'bindings/b', { campaign: 'X', begin: ['acme-crm'] }, 'there is no webhook acme-crm'],
    ['one like what it names', 'bindings/b', { campaign: 'X', begin: ['acme-cr'] }, 'there is no webhook acme-cr'],
    [
      'a template that it names',
      'webhooks/w',
      { ...WRONG_CRM, template: 'dealers-only' },
      'there is no template dealers-only',
    ],
  ])('is not told of %s', async (_, path, body, detail) => {
    const { ask } = await start()
    const { status, json } = await ask('PUT', `/v1/${path}`, body, beta)
    expect(status).toBe(422)
    expect(json.errors).toMatchObject([{ detail }])
  })
})

describe('what is put', () => {
  test.each([
    ['a token for one account', acme, undefined, 201, 'acme'],
    ['a token for one account that names it', acme, 'acme', 201, 'acme'],
    ['a token for one account that names another', acme, 'beta', 403, undefined],
    ['a token for two accounts', both, undefined, 422, undefined],
    ['a token for two accounts that names one', both, 'beta', 201, 'beta'],
    ['a token for all accounts', all, undefined, 201, 'default'],
  ])('by %s belongs to whom it says', async (_, asked, account, status, expected) => {
    const { ask } = await start()
    const answer = await ask('PUT', '/v1/webhooks/new', { ...OWN, ...(account !== undefined && { account }) }, asked)
    expect(answer.status).toBe(status)
    const { json } = await ask('GET', '/v1/webhooks/new', undefined, all)
    expect(json.account).toBe(expected)
  })

  test.each(['PUT', 'DELETE'])('templates take a token for all accounts: %s', async (method) => {
    const { ask } = await start()
    const body = method === 'PUT' ? { type: 'json', format: '{}' } : undefined
    for (const id of ['everybodys', 'new']) {
      expect((await ask(method, `/v1/templates/${id}`, body, both)).status).toBe(403)
    }
  })

  test.each([
    ['a token for one account', acme, 403],
    ['a token for all accounts', all, 201],
  ])('opens a range that is not public with %s: %i', async (_, asked, status) => {
    const { ask } = await start()
    const network = { allow: ['10.20.0.0/16', '::/0'] }
    const answer = await ask('PUT', '/v1/webhooks/new', { ...OWN, account: 'acme', network }, asked)
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.json.detail).toContain('10.20.0.0/16, ::/0')
    const { json } = await ask('GET', '/v1/webhooks/new', undefined, all)
    expect(json.config?.network).toEqual(status === 201 ? network : undefined)
  })

  test('keeps or leaves ranges that its webhook was granted, and adds none to them', async () => {
    const { ask } = await start()
    const put = async (asked: Asked | undefined, ...allow: readonly string[]): Promise<number> =>
      (await ask('PUT', '/v1/webhooks/new', { ...OWN, account: 'acme', network: { allow } }, asked)).status
    expect(await put(all, '10.20.0.0/16', '10.30.0.7')).toBe(201)
    expect(await put(acme, '10.30.0.7/32', '10.20.0.0/16')).toBe(200)
    expect(await put(acme, '10.30.0.7', '10.0.0.0/8')).toBe(403)
    expect(await put(acme, '10.30.0.7')).toBe(200)
    expect(await put(acme, '10.30.0.7', '10.20.0.0/16')).toBe(403)
    expect((await ask('GET', '/v1/webhooks/new', undefined, acme)).json.config.network).toEqual({
      allow: ['10.30.0.7'],
    })
  })

  test('configuration and export take one too', async () => {
    const { ask } = await start()
    expect((await ask('GET', '/v1/config', undefined, both)).status).toBe(403)
    expect((await ask('GET', '/v1/config', undefined, all)).json.config).toMatchObject({
      accounts: [{ id: 'acme', groups: ['dealers'] }],
      auth: { tokens: [{ name: 'acme', secret: { env: 'ACME' } }, {}, {}, {}] },
    })
  })
})

test('each change leaves a line in the audit trail, and what changes nothing leaves none', async () => {
  const { ask, logged } = await start()
  await ask('PUT', '/v1/webhooks/new', OWN, acme)
  await ask('PUT', '/v1/webhooks/new', OWN, acme)
  await ask('PUT', '/v1/webhooks/new', { ...OWN, name: 'New' }, acme)
  await ask('PUT', '/v1/webhooks/new', { profile: 'nope' }, acme)
  await ask('DELETE', '/v1/webhooks/new', undefined, beta)
  await ask('DELETE', '/v1/webhooks/new', undefined, acme)
  const lines = logged.filter(({ message }) => message.startsWith('audit: '))
  const who = { by: 'acme', from: '127.0.0.1', webhook: 'new' }
  expect(lines.map(({ fields }) => fields)).toEqual([
    { audit: 'put-webhook', ...who, result: 'created', origin: 'api' },
    { audit: 'put-webhook', ...who, result: 'replaced', origin: 'api' },
    { audit: 'delete-webhook', ...who, result: 'deleted' },
  ])
})
