/**
 * The custom profile: any method, parameters, body or template, tokens in either syntax, and each kind of answer, for servers
 * that no platform's document describes.
 */
import { describe, expect, test } from 'vitest'
import {
  type Data,
  decide,
  formOf,
  QUICK_RETRY,
  queryOf,
  requestTo,
  send,
  settledDeliveries,
  startPlatform,
  startReceiver,
} from './platform-world.ts'

const custom = (url: string, settings: Data = {}) => ({
  id: 'own',
  profile: 'custom',
  url,
  retry: QUICK_RETRY,
  ...settings,
})

const DATA = { ani: '777 673&4736', answered_time: 29, tags: { Region: 'south' }, campaign_name: '"Ü" <b>' }

/** What the server of one webhook sees of one call. */
async function askedFor(settings: Data, path = '/', more: Data = {}) {
  const receiver = await startReceiver()
  const world = await startPlatform({ webhooks: [custom(`${receiver.origin}${path}`, settings)], ...more })
  expect(await decide(world, 'own', DATA)).toEqual({ kind: 'continue' })
  return await requestTo(receiver)
}

const refusalOf = async (settings: Data, url = 'http://127.0.0.1:9/'): Promise<string> =>
  String(await startPlatform({ webhooks: [custom(url, settings)] }).catch((error: unknown) => error))

describe('methods and parameters', () => {
  const params = {
    phone: 'ani',
    seconds: 'answered_time',
    tags: 'tags',
    from: { value: 'switch 1' },
    none: 'vehicle_vin',
  }
  const pairs = [
    ['phone', '777 673&4736'],
    ['seconds', '29'],
    ['tags', '{"Region":"south"}'],
    ['from', 'switch 1'],
    ['none', ''],
  ]

  test.each(['GET', 'DELETE'])('%s carries parameters in the query, behind static ones', async (method) => {
    const request = await askedFor({ method, params }, '/x?k=1')
    expect([request.method, request.body]).toEqual([method, ''])
    expect(queryOf(request)).toEqual([['k', '1'], ...pairs])
  })

  test.each(['POST', 'PUT', 'PATCH'])('%s carries parameters in a form body', async (method) => {
    const request = await askedFor({ method, params }, '/x?k=1')
    expect([request.method, request.url]).toEqual([method, '/x?k=1'])
    expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(formOf(request)).toEqual(pairs)
  })

  test('POST is the default', async () => {
    expect((await askedFor({})).method).toBe('POST')
  })

  test.each(['GET', 'DELETE'])('%s has no body', async (method) => {
    expect(await refusalOf({ method, body: '%ani%' })).toContain('webhooks.0.body')
  })
})

describe('bodies', () => {
  test.each(['percent', 'dollar'])('JSON with %s tokens', async (tokens) => {
    const token = (name: string): string => (tokens === 'percent' ? `%${name}%` : `$\{${name}}`)
    const body = `{"a": "${token('ani')}", "n": ${token('answered_time')}, "t": "${token('tags')}", "c": "<${token('campaign_name')}>"}`
    const request = await askedFor({ tokens, body })
    expect(request.headers['content-type']).toBe('application/json')
    expect(JSON.parse(request.body)).toEqual({ a: '777 673&4736', n: 29, t: { Region: 'south' }, c: '<"Ü" <b>>' })
  })

  test('a form', async () => {
    const request = await askedFor({ body: 'phone=%ani%&c=%campaign_name%' })
    expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(formOf(request)).toEqual([
      ['phone', '777 673&4736'],
      ['c', '"Ü" <b>'],
    ])
  })

  test('XML, with tokens in text, attributes and CDATA', async () => {
    const body = '<c a="%campaign_name%">%campaign_name%<![CDATA[%campaign_name%]]></c>'
    const request = await askedFor({ body, contentType: 'xml' })
    expect(request.headers['content-type']).toBe('application/xml')
    expect(request.body).toMatch(
      /^<c a="&quot;Ü&quot; &lt;b(&gt;|>)">("|&quot;)Ü("|&quot;) &lt;b(&gt;|>)<!\[CDATA\["Ü" <b>\]\]><\/c>$/,
    )
  })

  test('plain text', async () => {
    const request = await askedFor({ body: 'Call from %ani%', contentType: 'text' })
    expect(request.headers['content-type']).toMatch(/^text\/plain\b/)
    expect(request.body).toBe('Call from 777 673&4736')
  })

  test('a template', async () => {
    const templates = [{ id: 'lead', type: 'json', format: '{"phone": ""}', fields: { phone: 'ani' } }]
    expect(JSON.parse((await askedFor({ template: 'lead' }, '/', { templates })).body)).toEqual({
      phone: '777 673&4736',
    })
  })

  test('the carrier’s own data points are known', async () => {
    const dataPoints = [{ name: 'queue_depth', description: 'Callers waiting', example: 7 }]
    expect((await askedFor({ body: '{"n": %queue_depth%}' }, '/', { dataPoints })).body).toBe('{"n": null}')
    expect(await refusalOf({ body: '{"n": %queue_depth%}' })).toContain('queue_depth')
  })
})

describe('tokens in URL and headers', () => {
  test.each(['percent', 'dollar'])('with %s', async (tokens) => {
    const token = tokens === 'percent' ? '%ani%' : `$\{ani}`
    const headers = { 'X-Caller': `tel ${token}` }
    const request = await askedFor({ tokens, headers, method: 'GET' }, `/calls/${token}?from=${token}`)
    expect(request.url).toBe('/calls/777%20673%264736?from=777%20673%264736')
    expect(request.headers['x-caller']).toBe('tel 777 673&4736')
  })

  test('a value never adds a header', async () => {
    const receiver = await startReceiver()
    const webhook = custom(receiver.origin, { headers: { 'X-Caller': '%ani%' } })
    const world = await startPlatform({ webhooks: [webhook] })
    await decide(world, 'own', { ani: '1\r\nX-Evil: yes\r\n\r\nGET / HTTP/1.1' })
    const { headers } = await requestTo(receiver)
    expect(headers).not.toHaveProperty('x-evil')
    expect(headers['x-caller']).toBe('1  X-Evil: yes    GET / HTTP/1.1')
    expect(receiver.received).toHaveLength(1)
  })

  test('a token in scheme, host or port is a mistake', async () => {
    for (const url of ['http://%ani%/', 'http://example.com:%ani%/', '%ani%://example.com/']) {
      expect(await refusalOf({}, url)).toContain('webhooks.0.url')
    }
  })

  test.each(['Host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'webhook-id'])(
    'the header %s is not configured',
    async (name) => {
      expect(await refusalOf({ headers: [{ name, value: 'x' }] })).toContain('webhooks.0.headers.0')
    },
  )
})

describe('each kind of answer', () => {
  const GUID = '5a9e9d0d-6d65-4494-ad7e-0ee7bc7aa064'

  test.each([
    ['message', {}, 'text/html', '<p>Hello</p>', { kind: 'speak', text: 'Hello' }],
    [
      'next-action',
      {},
      'text/xml',
      '<action><app>vr</app><parameters><id>3</id></parameters></action>',
      { kind: 'next-action', app: 'vr', parameters: { id: '3' } },
    ],
    ['variables', {}, 'application/json', '{"a": {"b": 1}}', { kind: 'set-variables', variables: { a_b: 1 } }],
    ['variables', {}, 'text/x-ini', 'a=1', { kind: 'set-variables', variables: { a: '1' } }],
    ['variables', { setVariable: 'v' }, 'text/plain', '12 ', { kind: 'set-variables', variables: { v: '12' } }],
    ['redirect', {}, 'text/plain', GUID, { kind: 'redirect', ivr: GUID }],
    ['redirect', {}, 'text/plain', '', { kind: 'disconnect' }],
    ['status', {}, 'text/plain', 'whatever', { kind: 'continue' }],
  ])('%s %j: %s %s', async (answer, settings, type, body, decision) => {
    const receiver = await startReceiver((_, response) => response.setHeader('content-type', type).end(body))
    const world = await startPlatform({ webhooks: [custom(receiver.origin, { answer, ...settings })] })
    expect(await decide(world, 'own', DATA)).toEqual(decision)
  })

  test.each(['message', 'next-action', 'variables', 'redirect', 'status'])('%s: 500 is backup', async (answer) => {
    const receiver = await startReceiver((_, response) => response.writeHead(500).end())
    const world = await startPlatform({ webhooks: [custom(receiver.origin, { answer, backup: { to: 'menu' } })] })
    expect(await decide(world, 'own')).toEqual({
      kind: 'backup',
      reason: 'status',
      detail: expect.any(String),
      backup: { to: 'menu' },
    })
  })

  test('status is the default, and there is no sixth kind', async () => {
    expect(await refusalOf({ answer: 'text' })).toContain('webhooks.0.answer')
  })

  test('status looks at the status line only, whatever the body', async () => {
    const receiver = await startReceiver((_, response) => response.writeHead(202).end('x'.repeat(1_000_000)))
    const world = await startPlatform({ webhooks: [custom(receiver.origin, { successCodes: [202] })] })
    expect(await decide(world, 'own')).toEqual({ kind: 'continue' })
  })

  test.each([
    ['message', 'text/plain', 'Hello'],
    ['next-action', 'text/xml', '<action><app>hangup</app></action>'],
    ['variables', 'application/json', '{"a": 1}'],
    ['redirect', 'text/plain', GUID],
  ])('%s is read up to 65,536 bytes and is backup beyond', async (answer, type, body) => {
    const receiver = await startReceiver(({ headers }, response) =>
      response.setHeader('content-type', type).end(body.padEnd(Number(headers['x-bytes']), ' ')),
    )
    const world = await startPlatform({
      webhooks: [custom(receiver.origin, { answer, headers: { 'X-Bytes': '%dialed_time%' } })],
    })
    expect((await decide(world, 'own', { dialed_time: 65_536 })).kind).not.toBe('backup')
    expect(await decide(world, 'own', { dialed_time: 65_537 })).toMatchObject({
      kind: 'backup',
      reason: 'response-too-large',
    })
  })
})

describe('events', () => {
  test('a webhook is sent on the event types that it names, and on no other', async () => {
    const receiver = await startReceiver()
    const settings = { on: ['call.end', 'agent.login'], body: '{"ani": "%ani%"}' }
    const world = await startPlatform({ workers: 1, webhooks: [custom(receiver.origin, settings)] })
    expect(await send(world, 'call.begin', DATA)).toBe(0)
    expect(await send(world, 'agent.login', DATA)).toBe(1)
    expect(await send(world, 'call.end', DATA)).toBe(1)
    await requestTo(receiver, 2)
    expect(receiver.received.map(({ body }) => body)).toEqual(Array(2).fill('{"ani": "777 673&4736"}'))
  })

  test('what can not be sent safely goes to the dead letters', async () => {
    const receiver = await startReceiver()
    const world = await startPlatform({ webhooks: [custom(`${receiver.origin}/%ani%/x`, { on: ['call.end'] })] })
    await send(world, 'call.end', { ani: '..' })
    expect(await settledDeliveries(world, 1)).toMatchObject([{ state: 'dead', reason: 'invalid-request' }])
    expect(receiver.received).toHaveLength(0)
  })
})

describe('any webhook can be invoked, whatever its job', () => {
  test.each([
    ['dialogtech-post-call', { params: { who: 'ani' } }],
    ['dialogtech-transcription', {}],
    ['autoid', { template: 'lead' }],
    ['vcc-live-ivr', { sendOnHangup: true }],
  ])('%s', async (profile, settings) => {
    const receiver = await startReceiver()
    const world = await startPlatform({
      templates: [{ id: 'lead', type: 'json', format: '{}' }],
      webhooks: [{ id: 'own', profile, url: receiver.origin, ...settings }],
    })
    expect(await decide(world, 'own', DATA)).toEqual({ kind: 'continue' })
    expect(receiver.received).toHaveLength(1)
  })
})
