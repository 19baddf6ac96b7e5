/** The server around the routes: state, errors of every kind as problems, connections, and shutdown. */
import { once } from 'node:events'
import { Agent, get, request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { SwitchhookError } from '../../src/errors.ts'
import { Lateness } from '../setup/lateness.ts'
import { INVOKED, post, problemOf, run, sendRaw } from './recording.ts'

describe('state', () => {
  test('shows catalogue, figures, metrics and health', async () => {
    await using server = await run()
    const read = async (path: string) => {
      const response = await fetch(server.url + path)
      return [response.status, response.headers.get('content-type'), await response.text()]
    }
    const json = 'application/json; charset=utf-8'
    expect(await read('/v1/catalog')).toEqual([
      200,
      json,
      '{"platforms":[{"id":"autoid","title":"AutoID","categories":[]}]}',
    ])
    expect(await read('/v1/stats')).toEqual([200, json, '{"pending":3}'])
    expect(await read('/metrics')).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'switchhook_events_total 1\n',
    ])
    expect(await read('/healthz')).toEqual([200, json, '{"status":"alive"}'])
    expect(await read('/readyz')).toEqual([200, json, '{"status":"ready","checks":[{"name":"store","ready":true}]}'])
  })

  test('is not ready while one check is not', async () => {
    await using server = await run()
    server.engine.checks = [
      { name: 'store', ready: true, detail: 'open' },
      { name: 'workers', ready: false, detail: '1 of 2 up' },
    ]
    const response = await fetch(`${server.url}/readyz`)
    expect(await problemOf(response)).toMatchObject({
      status: 503,
      detail: 'Not ready: workers',
      checks: [
        { name: 'store', ready: true },
        { name: 'workers', ready: false },
      ],
    })
  })

  test('is counted by route, method and status', async () => {
    await using server = await run()
    await fetch(`${server.url}/healthz`)
    await fetch(`${server.url}/healthz`, { method: 'HEAD' })
    await fetch(`${server.url}/v1/webhooks/nope/invoke?x=1`)
    await fetch(`${server.url}/v1/nothing`)
    await sendRaw(server.url, 'nonsense\r\n\r\n')
    expect(server.metrics.requests).toEqual([
      'GET /healthz 200',
      'HEAD /healthz 200',
      'GET /v1/webhooks/{id}/invoke 404',
      'GET unmatched 404',
      'unparsed unparsed 400',
    ])
  })
})

describe('every error is a problem', () => {
  test.each([
    ['GET', '/nowhere', {}, 404, 'not-found'],
    ['PUT', '/v1/nothing/crm', {}, 404, 'not-found'],
    ['GET', '/openapi.yaml', {}, 404, 'not-found'],
    ['GET', '/v1/webhooks/%zz/invoke', {}, 400, 'malformed-request'],
    ['GET', `/v1/webhooks/${'x'.repeat(1025)}/invoke`, {}, 404, 'not-found'],
    ['GET', '/v1/events', {}, 405, 'method-not-allowed'],
    ['OPTIONS', '/v1/events', {}, 405, 'method-not-allowed'],
    ['DELETE', '/v1/deliveries/x', {}, 405, 'method-not-allowed'],
    ['POST', '/v1/events', { 'content-type': 'text/xml' }, 415, 'unsupported-media-type'],
    ['POST', '/v1/events', { 'content-type': 'nonsense' }, 415, 'unsupported-media-type'],
    ['POST', '/v1/events', { 'content-type': 'application/cloudevents+xml' }, 415, 'unsupported-media-type'],
    ['POST', '/v1/events', { 'content-type': 'application/json; charset=nope' }, 415, 'unsupported-media-type'],
    [
      'POST',
      '/v1/events',
      { 'content-type': 'application/json', 'content-encoding': 'compress' },
      415,
      'unsupported-media-type',
    ],
  ])('%s %s %j: %i %s', async (method, path, headers, status, name) => {
    await using server = await run()
    const body = method === 'POST' ? new Uint8Array([0x7b, 0x7d]) : null
    const response = await fetch(server.url + path, { method, headers, body })
    expect(response.status).toBe(status)
    expect(await problemOf(response)).toMatchObject({ name, title: expect.any(String), detail: expect.any(String) })
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cache-control')).toBe('no-store')
    if (name === 'method-not-allowed')
      expect(response.headers.get('allow')).toBe(method === 'DELETE' ? 'GET, HEAD' : 'POST')
  })

  test('a body without a type is one of unknown type', async () => {
    await using server = await run()
    const response = await fetch(`${server.url}/v1/events`, { method: 'POST', body: new Uint8Array([1]) })
    expect([response.status, response.headers.get('accept')]).toEqual([
      415,
      expect.stringContaining('application/x-ndjson'),
    ])
  })

  test.each([
    ['no HTTP', 'nonsense\r\n\r\n', 400, 'malformed-request'],
    [
      'two lengths',
      'POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
      'malformed-request',
    ],
    [
      'length and chunks',
      'POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
      'malformed-request',
    ],
    [
      'bad chunks',
      'POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      400,
      'malformed-request',
    ],
  ])('%s', async (_name, bytes, status, name) => {
    await using server = await run()
    const answer = await sendRaw(server.url, bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} Bad Request\\r\\n`))
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toContain('content-type: application/problem+json')
    expect(head).toContain(`content-length: ${body.length}`)
    expect(JSON.parse(body)).toMatchObject({ type: `urn:switchhook:problem:${name}`, status })
  })

  test('what breaks here is logged and answered without its inside', async () => {
    const messages: string[] = []
    await using server = await run({
      log: { info: () => undefined, error: (_fields, message) => messages.push(message) },
    })
    server.engine.answerInvoke = async () => {
      throw new TypeError('secret inside')
    }
    const response = await fetch(`${server.url}/v1/webhooks/crm/invoke`)
    expect(await problemOf(response)).toMatchObject({
      status: 500,
      name: 'internal',
      detail: expect.not.stringContaining('secret'),
    })
    expect(messages).toEqual(['a request failed: secret inside'])
  })

  test('ends the connection where an answer breaks that has begun, and logs why', async () => {
    const messages: string[] = []
    await using server = await run({
      log: { info: () => undefined, error: (_fields, message) => messages.push(message) },
    })
    server.metrics.httpRequest = () => {
      throw new TypeError('no room for figures')
    }
    await expect(fetch(`${server.url}/v1/webhooks/crm/invoke`)).rejects.toThrow('fetch failed')
    expect(messages).toEqual(['a request failed: no room for figures'])
  })

  test.each([
    ['not-found', 404],
    ['conflict', 409],
    ['usage', 422],
    ['full', 429],
    ['unavailable', 503],
    ['internal', 500],
  ] as const)('the engine throwing %s gives %i', async (code, status) => {
    await using server = await run()
    server.engine.answerInvoke = async () => {
      throw new SwitchhookError(code, 'told by the engine')
    }
    const response = await fetch(`${server.url}/v1/webhooks/crm/invoke`)
    expect((await problemOf(response))['status']).toBe(status)
  })
})

describe('a connection', () => {
  test('is kept after an error whose body was read or dropped', async () => {
    await using server = await run()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    for (let round = 0; round < 3; round += 1) {
      const asked = request(`${server.url}/v1/webhooks/nope/invoke`, { agent, method: 'POST' })
      asked.end('x'.repeat(100_000))
      const [response] = await once(asked, 'response')
      ports.add(response.socket.localPort)
      response.resume()
      await once(response, 'close')
    }
    expect(ports.size).toBe(1)
    agent.destroy()
  })
})

describe('shutdown', () => {
  test('ends idle connections at once, also one that never asked anything', async () => {
    const server = await run()
    const { hostname, port } = new URL(server.url)
    const silent = connect({ host: hostname, port: Number(port) })
    await once(silent, 'connect')
    const agent = new Agent({ keepAlive: true })
    const [response] = await once(get(`${server.url}/healthz`, { agent }), 'response')
    response.resume()
    await once(response, 'close')
    const closed = once(silent, 'close')
    silent.resume()
    using lateness = new Lateness()
    const startedMs = performance.now()
    await server.ingress.close(20_000)
    await closed
    expect(performance.now() - startedMs).toBeLessThan(5000 + lateness.ms)
    agent.destroy()
  })

  test('answers what is in flight and closes its connection; new requests there get 503', async () => {
    const server = await run()
    const started = Promise.withResolvers<void>()
    const decided = Promise.withResolvers<typeof INVOKED>()
    server.engine.answerInvoke = () => {
      started.resolve()
      return decided.promise
    }
    const invoke = post(`${server.url}/v1/webhooks/crm/invoke`, 'application/json', '{}')
    await started.promise
    const closed = server.ingress.close(20_000)
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
    decided.resolve(INVOKED)
    const response = await invoke
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close'])
    await closed
    expect(server.ingress.close(0)).toBe(server.ingress.close(1))
  })

  test('refuses a request that comes on an open connection', async () => {
    const server = await run()
    const started = Promise.withResolvers<void>()
    const decided = Promise.withResolvers<typeof INVOKED>()
    server.engine.answerInvoke = () => {
      started.resolve()
      return decided.promise
    }
    const { hostname, port } = new URL(server.url)
    const socket = connect({ host: hostname, port: Number(port) })
    let answers = ''
    socket.on('data', (chunk) => {
      answers += String(chunk)
    })
    const head = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`
    socket.write(
      head('/v1/webhooks/crm/invoke').replace('GET', 'POST').replace('\r\n\r\n', '\r\ncontent-length: 0\r\n\r\n'),
    )
    await started.promise
    const closed = server.ingress.close(20_000)
    socket.write(head('/healthz'))
    await expect.poll(() => server.metrics.requests).toContain('GET /healthz 503')
    const ended = once(socket, 'close')
    decided.resolve(INVOKED)
    await Promise.all([closed, ended])
    expect(answers).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('cuts what is not answered by the deadline, which aborts its invoke', async () => {
    const server = await run()
    const started = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<void>()
    server.engine.answerInvoke = ({ signal }) =>
      new Promise(() => {
        signal?.addEventListener('abort', () => aborted.resolve())
        started.resolve()
      })
    const invoke = post(`${server.url}/v1/webhooks/crm/invoke`, 'application/json', '{}')
    const failed = expect(invoke).rejects.toThrow()
    await started.promise
    await server.ingress.close(50)
    await failed
    await aborted.promise
  })
})

describe('an address', () => {
  test('that is taken makes the start fail', async () => {
    await using server = await run()
    const { host, port } = server.ingress.address()
    await expect(run({ listen: { host, port, keepAliveMs: 1000 } })).rejects.toThrow('EADDRINUSE')
  })

  test('of IPv6 is written in brackets', async () => {
    await using server = await run({ listen: { host: '::1', port: 0, keepAliveMs: 1000 } })
    expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })
})
