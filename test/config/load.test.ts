import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfigFile } from '../../src/config/load.ts'
import { load, mistakesIn, warningsIn } from './check.ts'

const EXAMPLE = new URL('../../examples/switchhook.yaml', import.meta.url).pathname

describe('defaults', () => {
  test('complete an empty configuration', () => {
    expect(load('')).toMatchObject({
      listen: { host: '127.0.0.1', port: 8080, keepAliveMs: 75_000 },
      tokens: [],
      accounts: [],
      dataPoints: [],
      store: {
        engine: 'embedded',
        path: resolve('data'),
        minFreeBytes: 536_870_912,
        backlog: { perEndpoint: 1_000_000, total: 10_000_000 },
        retention: { deliveredMs: 86_400_000, deadMs: 2_592_000_000, bytes: 53_687_091_200 },
      },
      log: { level: 'info' },
      tracing: { enabled: false },
      workers: 'auto',
      network: { allow: [], connections: { send: 128, invoke: 1024 } },
      templates: [],
      webhooks: [],
      bindings: [],
    })
  })

  test('complete a webhook', () => {
    const [webhook] = load('webhooks: [ { id: a, profile: custom, url: "https://x.example.com:8443/p" } ]').webhooks
    expect(webhook).toEqual({
      id: 'a',
      name: 'a',
      account: 'default',
      active: true,
      profile: 'custom',
      endpoint: { id: 'https://x.example.com:8443', origin: 'https://x.example.com:8443', allow: [] },
      request: {
        method: 'POST',
        url: { text: 'https://x.example.com:8443/p', syntax: 'percent' },
        query: [],
        body: { kind: 'none' },
        headers: [],
      },
      answer: { kind: 'status' },
      success: [200, 201, 202, 203, 204],
      trigger: { on: [], unbound: true },
      connectTimeoutMs: 5000,
      responseTimeoutMs: 5000,
      scheduleMs: [0, 5000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000],
      jitter: 0.2,
      ordered: false,
      secrets: [],
      circuit: { failures: 6, withinMs: 60_000, probeMs: 1000 },
    })
  })

  test('complete a token: all accounts', () => {
    const text = 'auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [send] } ] }'
    expect(load(text).tokens).toEqual([{ name: 'a', secret: 'token-secret', may: ['send'], accounts: 'all' }])
  })
})

describe('a webhook', () => {
  const read = (keys: string) =>
    load(`network: { allow: [10.0.0.0/8] }\nwebhooks: [ { id: a, profile: custom, url: "https://x/", ${keys} } ]`)
      .webhooks[0]

  test('has all its limits and secrets', () => {
    const keys =
      'concurrency: 4, rate: 30/m, ordered: true, circuit: off, signing: { secrets: [{ env: SIGNING }, { env: TOKEN }] }'
    expect(read(keys)).toMatchObject({
      concurrency: 4,
      ratePerSecond: 0.5,
      ordered: true,
      circuit: 'off',
      secrets: ['whsec_c2VjcmV0', 'token-secret'],
    })
  })

  test('gets its backup back as it stands', () => {
    const backup = { route: [1, '2', { deep: null }], '10': true }
    expect(read(`backup: ${JSON.stringify(backup)}`)?.backup).toEqual(backup)
  })

  test('has a fallback of its own endpoint with the same request', () => {
    expect(
      read('fallback: { url: "https://y/b", after: 800ms }, params: { a: ani }, method: GET')?.fallback,
    ).toMatchObject({
      endpoint: { id: 'https://y', allow: ['10.0.0.0/8'] },
      request: { method: 'GET', url: { text: 'https://y/b' }, query: [{ params: [{ name: 'a' }] }] },
      afterMs: 800,
      budgetMs: 10_000,
    })
  })

  test('shares its endpoint with others of the same origin, unless it may reach more', () => {
    const same = read('network: { allow: [10.0.0.0/8] }')?.endpoint
    const more = read('network: { allow: [127.0.0.0/8] }')?.endpoint
    expect(same?.id).toBe('https://x')
    expect(more?.id).toMatch(/^https:\/\/x#[0-9a-f]{8}$/)
    expect(more?.allow).toEqual(['10.0.0.0/8', '127.0.0.0/8'])
  })
})

describe('parameters', () => {
  test('keep the order in which a mapping was written, names like 10 and __proto__ too', () => {
    const text =
      'webhooks: [ { id: a, profile: custom, method: GET, url: "https://x/", params: { b: ani, 10: ani, __proto__: ani, 2: ani } } ]'
    const names = load(text).webhooks[0]?.request.query[0]?.params.map(({ name }) => name)
    expect(names).toEqual(['b', '10', '__proto__', '2'])
  })
})

describe('warnings', () => {
  const tokens = 'auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [send] } ] }'

  test('tell that there are no tokens', () => {
    expect(warningsIn('workers: 0')).toEqual(['f:1:1 auth: there are no tokens: only this machine may call the API'])
    expect(warningsIn(tokens)).toEqual([])
  })

  test('tell of http: URLs, of a fallback too', () => {
    const text = `${tokens}\nwebhooks: [ { id: a, profile: custom, url: "http://x/", fallback: { url: "HTTP://y/" } } ]`
    const message = 'http: sends call data that everybody on the way can read: https: is expected'
    expect(warningsIn(text)).toEqual([
      `f:2:44 webhooks.0.url: ${message}`,
      `f:2:74 webhooks.0.fallback.url: ${message}`,
    ])
  })

  test('tell of webhooks that no event can trigger', () => {
    const text = [
      tokens,
      'templates: [ { id: t, type: json, format: "{}" } ]',
      'webhooks:',
      '  - { id: a, profile: autoid, url: "https://x/", template: t }',
      '  - { id: b, profile: dialogtech-post-call, url: "https://x/", scope: configured-numbers }',
      '  - { id: c, profile: dialogtech-post-call, url: "https://x/" }',
      '  - { id: d, profile: dialogtech-ivr, url: "https://x/" }',
      '  - { id: e, profile: custom, url: "https://x/" }',
    ].join('\n')
    expect(warningsIn(text)).toEqual([
      'f:4:5 webhooks.0: no event can trigger a: no binding (by campaign, treatment, dniCampaign) names it',
      'f:5:5 webhooks.1: no event can trigger b: no binding (by number, pool, adGroup) names it',
    ])
    expect(warningsIn(`${text}\nbindings: [ { campaign: x, end: [a] }, { pool: y, postCall: [b] } ]`)).toEqual([])
  })

  test('tell of data points that are not known when a call begins', () => {
    const text = [
      tokens,
      'templates: [ { id: t, type: json, format: \'{"a": "%ani% %ring_count%"}\' } ]',
      'webhooks: [ { id: a, profile: autoid, url: "https://x/", template: t } ]',
    ].join('\n')
    expect(warningsIn(`${text}\nbindings: [ { campaign: x, begin: [a] } ]`)).toEqual([
      'f:4:36 bindings.0.begin.0: a uses ring_count, which is known only when the call ends: bind it to end',
    ])
    expect(warningsIn(`${text}\nbindings: [ { campaign: x, end: [a] } ]`)).toEqual([])
  })
})

describe('a file', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'switchhook-config-'))
    await writeFile(join(folder, 'good.secret'), 'from-a-file\n')
    await writeFile(join(folder, 'empty.secret'), '\n')
  })
  afterAll(() => rm(folder, { recursive: true }))

  const withSecret = async (path: string) => {
    const file = join(folder, 'switchhook.yaml')
    await writeFile(file, `auth: { tokens: [ { name: a, secret: { file: ${path} }, may: [send] } ] }`)
    return loadConfigFile(file, {})
  }

  test('names secrets by paths that count from its own folder', async () => {
    const result = await withSecret('./good.secret')
    expect(result.kind === 'loaded' && result.config.tokens[0]?.secret).toBe('from-a-file')
  })

  test.each([
    ['./empty.secret', './empty.secret is empty: a secret is expected'],
    ['./no.secret', "./no.secret can't be read: ENOENT"],
  ])('is refused when the secret %s is not there', async (path, message) => {
    const result = await withSecret(path)
    expect(result.kind === 'refused' && result.issues[0]?.message.startsWith(message)).toBe(true)
  })

  test('that is not there is a mistake like any other', async () => {
    const result = await loadConfigFile(join(folder, 'none.yaml'), {})
    expect(result.kind === 'refused' && result.issues[0]?.message.startsWith("can't be read: ENOENT")).toBe(true)
  })

  test('may be JSON', () => {
    expect(mistakesIn('{ "webhooks": [ { "id": "a", "profile": "custom",\n  "url": 5 } ] }')).toEqual([
      'f:2:10 webhooks.0.url: a text of 1 to 8192 characters is expected, not 5 (put it in quotes)',
    ])
  })

  test('of the examples loads without mistakes, with webhooks of all profiles', async () => {
    const result = await loadConfigFile(EXAMPLE, {})
    expect(result.kind === 'refused' ? result.issues : []).toEqual([])
    const webhooks = result.kind === 'loaded' ? result.config.webhooks : []
    expect(new Set(webhooks.map(({ profile }) => profile)).size).toBe(7)
    expect(new Set(webhooks.map(({ endpoint }) => endpoint.id))).toEqual(new Set(['http://127.0.0.1:9080']))
  })
})
