/**
 * VCC Live's IVR webhook: variables, requests and process parameters, sentence by sentence of its document
 * (vcc-live-ivr-webhook, all but "Response"), as a customer's server sees them.
 */
import { describe, expect, test } from 'vitest'
import {
  type Data,
  decide,
  QUICK_RETRY,
  requestTo,
  send,
  settledDeliveries,
  startPlatform,
  startReceiver,
} from './platform-world.ts'

const vcc = (url: string, settings: Data = {}) => ({
  id: 'vcc',
  profile: 'vcc-live-ivr',
  url,
  retry: QUICK_RETRY,
  ...settings,
})

/** A variable as the document writes it. */
const variable = (name: string): string => `$\{${name}}`

const FORM = `key1=${variable('variable1')}&key2=${variable('variable2')}&key3=string`
const JSON_BODY = `{
   "key1": "${variable('variable1')}",
   "key2": "${variable('variable2')}",
   "key3": "string"
}
`
const VALUES = { variable1: 'value1', variable2: 'value2' }
const HOSTILE = { variable1: 'a b&key3=x', variable2: '"ü"\\\n+%/?#' }

/** What the server of one webhook sees of one call. */
async function askedFor(data: Data, settings: Data, url = '') {
  const receiver = await startReceiver()
  const world = await startPlatform({ webhooks: [vcc(`${receiver.origin}${url}`, settings)] })
  expect(await decide(world, 'vcc', data)).toEqual({ kind: 'continue' })
  return await requestTo(receiver)
}

const refusalOf = async (settings: Data): Promise<string> =>
  String(await startPlatform({ webhooks: [vcc('http://127.0.0.1:9/', settings)] }).catch((error: unknown) => error))

describe('Requests: HTTP method is GET/DELETE', () => {
  test.each(['GET', 'DELETE'])('%s: the variables stand in the URL, the body is empty', async (method) => {
    const request = await askedFor(VALUES, { method }, `?${FORM}`)
    expect(request).toMatchObject({ method, url: '/?key1=value1&key2=value2&key3=string', body: '' })
    expect(request.headers).not.toHaveProperty('content-type')
    expect(request.headers).not.toHaveProperty('transfer-encoding')
  })

  test.each(['GET', 'DELETE'])('%s: a value never adds a key of its own', async (method) => {
    const { url } = await askedFor(HOSTILE, { method }, `?${FORM}`)
    expect(url).toBe('/?key1=a%20b%26key3%3Dx&key2=%22%C3%BC%22%5C%0A%2B%25%2F%3F%23&key3=string')
  })

  test.each(['GET', 'DELETE'])('HTTP Body content can only be used with POST or PUT, not with %s', async (method) => {
    expect(await refusalOf({ method, body: FORM })).toContain(`webhooks.0.body: ${method} is sent without a body`)
  })
})

describe('Requests: HTTP method is POST/PUT', () => {
  test.each(['POST', 'PUT'])('%s, content type form: the example, byte by byte', async (method) => {
    const request = await askedFor(VALUES, { method, contentType: 'form', body: FORM })
    expect(request).toMatchObject({ method, url: '/', body: 'key1=value1&key2=value2&key3=string' })
    expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  test.each(['POST', 'PUT'])('%s, content type JSON: the example, byte by byte', async (method) => {
    const request = await askedFor(VALUES, { method, contentType: 'json', body: JSON_BODY })
    expect(request).toMatchObject({
      method,
      url: '/',
      body: '{\n   "key1": "value1",\n   "key2": "value2",\n   "key3": "string"\n}\n',
    })
    expect(request.headers['content-type']).toBe('application/json')
  })

  test('form: a value never adds a key of its own', async () => {
    const { body } = await askedFor(HOSTILE, { contentType: 'form', body: FORM })
    expect([...new URLSearchParams(body)]).toEqual([
      ['key1', HOSTILE.variable1],
      ['key2', HOSTILE.variable2],
      ['key3', 'string'],
    ])
  })

  test('JSON: a value never ends its string', async () => {
    const { body } = await askedFor(HOSTILE, { contentType: 'json', body: JSON_BODY })
    expect(JSON.parse(body)).toEqual({ key1: HOSTILE.variable1, key2: HOSTILE.variable2, key3: 'string' })
  })

  test('variables can stand in URL and body of one request', async () => {
    const settings = { body: `pin=${variable('pin')}` }
    const data = { customer: 'acme & co', pin: 12, uuid: 'u-1' }
    const request = await askedFor(data, settings, `/${variable('customer')}/x?id=${variable('uuid')}`)
    expect([request.url, request.body]).toEqual(['/acme%20%26%20co/x?id=u-1', 'pin=12'])
  })

  test('Content type: form is the default, JSON must be JSON, and there is no third', async () => {
    expect((await askedFor(VALUES, { body: FORM })).headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(await refusalOf({ contentType: 'json', body: FORM })).toContain('webhooks.0.body')
    expect(await refusalOf({ contentType: 'xml', body: '<a/>' })).toContain('webhooks.0.contentType: form or json')
  })

  test('HTTP method: POST, GET, PUT or DELETE, and there is no fifth', async () => {
    expect(await refusalOf({ method: 'PATCH' })).toContain('webhooks.0.method')
  })
})

describe('System Variables', () => {
  test.each([
    ['customer', 'acme', 'acme'],
    ['projectid', 1234, '1234'],
    ['source', '+3612345678', '+3612345678'],
    ['destination', '+3698765432', '+3698765432'],
    ['uuid', '0f9cec2d-1236-e123', '0f9cec2d-1236-e123'],
    ['vccsys_shortid', 'x7', 'x7'],
  ])('%s can be used in the URL and the request body', async (name, value, sent) => {
    const body = `{"it": "${variable(name)}", "text": "<${variable(name)}>"}`
    const request = await askedFor({ [name]: value }, { contentType: 'json', body }, `/?it=${variable(name)}`)
    expect(request.url).toBe(`/?it=${encodeURIComponent(sent)}`)
    expect(JSON.parse(request.body)).toEqual({ it: sent, text: `<${sent}>` })
  })
})

describe('User Variables', () => {
  test('any number typed in during a call is assigned a variable that can be used', async () => {
    const { url } = await askedFor(
      { customer_number: '0012#' },
      { method: 'GET' },
      `/?id=${variable('customer_number')}`,
    )
    expect(url).toBe('/?id=0012%23')
  })

  test('a variable that the call does not have is empty', async () => {
    const { url } = await askedFor({}, { method: 'GET' }, `/?id=${variable('customer_number')}&b=1`)
    expect(url).toBe('/?id=&b=1')
  })

  test('what an answer stored in a variable can be used by the requests that follow in the call', async () => {
    const receiver = await startReceiver((_, response) =>
      response.setHeader('content-type', 'application/json').end('{"balance": 12.5, "name": "Freddy & Co"}'),
    )
    const url = `${receiver.origin}/?balance=${variable('balance')}&name=${variable('name')}`
    const world = await startPlatform({ webhooks: [vcc(url, { method: 'GET' })] })
    const variables = { balance: 12.5, name: 'Freddy & Co' }
    expect(await decide(world, 'vcc', {}, 'call-1')).toEqual({ kind: 'set-variables', variables })
    await decide(world, 'vcc', {}, 'call-1')
    await decide(world, 'vcc', {}, 'call-2')
    await decide(world, 'vcc', { balance: 0 }, 'call-1')
    expect(receiver.received.map((request) => request.url)).toEqual([
      '/?balance=&name=',
      '/?balance=12.5&name=Freddy%20%26%20Co',
      '/?balance=&name=',
      '/?balance=0&name=Freddy%20%26%20Co',
    ])
  })
})

describe('a value can not leave the path segment that it stands in', () => {
  test('a value with slashes stays one segment', async () => {
    const { url } = await askedFor({ customer: '../admin?x#y' }, { method: 'GET' }, `/${variable('customer')}/pin`)
    expect(url).toBe('/..%2Fadmin%3Fx%23y/pin')
  })

  test.each(['.', '..'])('%s alone can not be sent safely: backup, and the server is not asked', async (customer) => {
    const receiver = await startReceiver()
    const url = `${receiver.origin}/${variable('customer')}/pin`
    const world = await startPlatform({ webhooks: [vcc(url, { method: 'GET', backup: { process: 7 } })] })
    expect(await decide(world, 'vcc', { customer })).toEqual({
      kind: 'backup',
      reason: 'invalid-request',
      detail: expect.any(String),
      backup: { process: 7 },
    })
    expect(receiver.received).toHaveLength(0)
  })
})

describe('Send request when call ends', () => {
  const hangup = (url: string, settings: Data = {}) =>
    vcc(url, { sendOnHangup: true, body: `uuid=${variable('uuid')}&balance=${variable('balance')}`, ...settings })

  test('if enabled, data is sent on hang up', async () => {
    const receiver = await startReceiver()
    const world = await startPlatform({ workers: 1, webhooks: [hangup(receiver.origin)] })
    expect(await send(world, 'call.begin', { uuid: 'u-1' })).toBe(0)
    expect(await send(world, 'call.end', { uuid: 'u-1' })).toBe(1)
    expect(await requestTo(receiver)).toMatchObject({ method: 'POST', url: '/', body: 'uuid=u-1&balance=' })
    expect(receiver.received).toHaveLength(1)
  })

  test('if not enabled, nothing is sent on hang up', async () => {
    const world = await startPlatform({ webhooks: [vcc('http://127.0.0.1:9/')] })
    expect(await send(world, 'call.end', { uuid: 'u-1' })).toBe(0)
  })

  test.each([200, 204, 302, 404, 500, 503])(
    'the system disregards the response: %i is as good as any',
    async (status) => {
      const receiver = await startReceiver((_, response) => {
        response.writeHead(status, { 'content-type': 'application/json', location: '/x' }).end('{"balance": 1}')
      })
      const world = await startPlatform({ webhooks: [hangup(receiver.origin)] })
      await send(world, 'call.end', { uuid: 'u-1' }, { subject: 'call-1' })
      expect(await settledDeliveries(world, 1)).toMatchObject([
        { state: 'delivered', attempts: [{ attempt: 1, result: 'success', status }] },
      ])
      expect(receiver.received).toHaveLength(1)
    },
  )

  test('the response sets no variables', async () => {
    const receiver = await startReceiver((_, response) =>
      response.setHeader('content-type', 'application/json').end('{"balance": 1}'),
    )
    const world = await startPlatform({ webhooks: [hangup(receiver.origin)] })
    await send(world, 'call.end', { uuid: 'u-1' }, { subject: 'call-1' })
    await settledDeliveries(world, 1)
    expect(await decide(world, 'vcc', { uuid: 'u-1' }, 'call-1')).toEqual({ kind: 'continue' })
    await send(world, 'call.end', { uuid: 'u-1' }, { subject: 'call-1' })
    const request = await requestTo(receiver, 3)
    expect(request.body).toBe('uuid=u-1&balance=')
  })

  test('variables that the call’s answers have set are sent', async () => {
    const receiver = await startReceiver((_, response) =>
      response.setHeader('content-type', 'text/x-ini').end('balance=12'),
    )
    const ask = { ...vcc(`${receiver.origin}/ask`, { method: 'GET' }), id: 'ask' }
    const world = await startPlatform({ webhooks: [ask, hangup(`${receiver.origin}/end`)] })
    await decide(world, 'ask', {}, 'call-1')
    await send(world, 'call.end', { uuid: 'u-1' }, { subject: 'call-1' })
    expect(await requestTo(receiver, 2)).toMatchObject({ url: '/end', body: 'uuid=u-1&balance=12' })
  })

  test('only silence is retried', async () => {
    const receiver = await startReceiver((_, response) => {
      if (receiver.received.length === 1) response.destroy()
      // The second request is never answered.
      else if (receiver.received.length === 3) response.writeHead(500).end()
    })
    const world = await startPlatform({ webhooks: [hangup(receiver.origin, { timeouts: { response: '100ms' } })] })
    await send(world, 'call.end', { uuid: 'u-1' })
    expect(await settledDeliveries(world, 1)).toMatchObject([
      {
        state: 'delivered',
        attempts: [{ reason: 'connection' }, { reason: 'response-timeout' }, { result: 'success', status: 500 }],
      },
    ])
  })

  test('a webhook bound to a process is sent for its calls, an unbound one for those that no binding names', async () => {
    const receiver = await startReceiver()
    const webhooks = ['one', 'rest'].map((id) => ({ ...hangup(`${receiver.origin}/${id}`), id }))
    const world = await startPlatform({ webhooks, bindings: [{ process: '42', hangup: ['one'] }] })
    expect(await send(world, 'call.end', { projectid: 42 })).toBe(1)
    expect((await requestTo(receiver)).url).toBe('/one')
    expect(await send(world, 'call.end', { projectid: 43 })).toBe(1)
    expect((await requestTo(receiver, 2)).url).toBe('/rest')
  })
})
