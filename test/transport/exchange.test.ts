/** What a sound exchange sends and gives back, how connections are kept, and how exchanges and transports end. */
import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../src/model/attempt.ts'
import { Transport } from '../../src/transport/transport.ts'
import { answering, answerOf, exchange, requestTo, startServer, textOf } from './raw-server.ts'

describe('An exchange', () => {
  test('sends method, path, fields and body as given and reads the answer', async () => {
    await using server = await startServer(answering(answerOf('fine', ['Content-Type: text/html', 'Retry-After: 120'])))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = await exchange(transport, server.endpoint, {
      method: 'PUT',
      headers: ['x-name', 'J\xfcrgen'],
      body: 'é',
    })
    expect(result).toMatchObject({
      kind: 'answered',
      status: 200,
      contentType: 'text/html',
      retryAfter: '120',
      bytes: 4,
    })
    expect(textOf(result)).toBe('fine')
    expect(server.requests).toEqual([
      [
        'PUT /hook?a=1 HTTP/1.1',
        `host: 127.0.0.1:${server.port}`,
        'connection: keep-alive',
        'x-name: J\xfcrgen',
        'content-length: 2',
        '',
        Buffer.from('é').toString('latin1'),
      ].join('\r\n'),
    ])
  })

  test.each([
    ['GET', null, undefined],
    ['DELETE', null, undefined],
    ['POST', null, '0'],
    ['POST', '', '0'],
    ['PATCH', 'abc', '3'],
  ])('%s with body %j announces a length of %s', async (method, body, length) => {
    await using server = await startServer(answering(answerOf('')))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(await exchange(transport, server.endpoint, { method, body })).toMatchObject({ kind: 'answered', bytes: 0 })
    expect(/content-length: (\d+)/.exec(server.requests[0] ?? '')?.[1]).toBe(length)
  })

  test.each([301, 302, 307, 308, 404, 500])('gives status %i back and follows nothing', async (status) => {
    const answer = `HTTP/1.1 ${status} X\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n`
    await using server = await startServer(answering(answer))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(await exchange(transport, server.endpoint)).toMatchObject({ kind: 'answered', status })
    expect(server.requests).toHaveLength(1)
  })

  test('is settled after send has returned, even where it fails at once', async () => {
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const endpoint = { id: 'x', origin: 'http://127.0.0.1:9', allow: [] }
    let hasReturned = false
    const result = await new Promise<Exchange>((resolve) => {
      transport.send(requestTo(endpoint), (settled) => {
        expect(hasReturned).toBe(true)
        resolve(settled)
      })
      hasReturned = true
    })
    expect(result).toMatchObject({ kind: 'failed', reason: 'address-refused', status: 0, bytes: 0 })
  })

  test.each([
    ['a path with a space', { path: '/a b' }],
    ['a field with a line break', { headers: ['x-a', 'b\r\nx-c: d'] }],
    ['a field name with a space', { headers: ['x a', 'b'] }],
    ['a transfer-encoding', { headers: ['transfer-encoding', 'chunked'] }],
  ])('with %s is an invalid request and leaves nothing behind', async (_name, changes) => {
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(await exchange(transport, server.endpoint, changes)).toMatchObject({ reason: 'invalid-request' })
    expect(textOf(await exchange(transport, server.endpoint))).toBe('fine')
    expect(server.requests).toHaveLength(1)
  })

  test('measures the phases of a new connection, and only those of a kept one', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const first = await exchange(transport, server.endpoint)
    const second = await exchange(transport, server.endpoint)
    expect(Object.keys(first.phases)).toEqual(['waitingMs', 'connectMs', 'firstByteMs', 'bodyMs'])
    expect(Object.keys(second.phases)).toEqual(['waitingMs', 'firstByteMs', 'bodyMs'])
    for (const { phases, durationMs } of [first, second]) {
      const sumMs = Object.values(phases).reduce((sum, phaseMs) => sum + phaseMs, 0)
      expect(sumMs).toBeLessThanOrEqual(durationMs + 0.001)
    }
  })
})

describe('A connection', () => {
  test('serves one exchange after the other', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 8 })
    for (let index = 0; index < 20; index += 1) expect(textOf(await exchange(transport, server.endpoint))).toBe('fine')
    expect(server.accepted()).toBe(1)
    expect(transport.stats()).toEqual({ pools: 1, connections: 1, inFlight: 0 })
  })

  test.each([
    ['connection: close', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nfine'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 4\r\n\r\nfine'],
    ['keep-alive: timeout=1', 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 4\r\n\r\nfine'],
    ['a second answer that nobody asked for', `${answerOf('fine')}${answerOf('evil')}`],
    ['rubbish behind the answer', `${answerOf('fine')}rubbish`],
    ['more bytes than the content-length', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine, thank you'],
  ])('is not used again after %s', async (_name, answer) => {
    await using server = await startServer(answering(answer))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(textOf(await exchange(transport, server.endpoint))).toBe('fine')
    expect(textOf(await exchange(transport, server.endpoint))).toBe('fine')
    expect(server.accepted()).toBe(2)
  })

  test('that the server closed meanwhile is made anew', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    await exchange(transport, server.endpoint)
    for (const socket of server.sockets) socket.end()
    await server.empty()
    const result = await exchange(transport, server.endpoint)
    expect(textOf(result)).toBe('fine')
    expect(result.phases.connectMs).toBeGreaterThan(0)
    expect(server.requests).toHaveLength(2)
  })

  test('that closes after the request was written fails it, which is never sent again', async () => {
    await using server = await startServer({
      onRequest: (socket, index) => void (index === 0 ? socket.write(answerOf('fine')) : socket.end()),
    })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    await exchange(transport, server.endpoint)
    expect(await exchange(transport, server.endpoint)).toMatchObject({
      kind: 'failed',
      reason: 'connection',
      detail: 'the server closed the connection before its answer was there',
    })
    expect(server.requests).toHaveLength(2)
  })

  test('whose server answered without reading the request is not used again', async () => {
    await using server = await startServer({
      onConnection: (socket) => {
        socket.pause()
        socket.write(answerOf('early'))
      },
    })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const body = 'x'.repeat(16 * 1024 * 1024)
    expect(textOf(await exchange(transport, server.endpoint, { body }))).toBe('early')
    expect(textOf(await exchange(transport, server.endpoint, { body }))).toBe('early')
    expect(server.accepted()).toBe(2)
  })

  test('beyond the limit is refused as overloaded, and one is free as soon as an exchange is settled', async () => {
    const waiting: (() => void)[] = []
    await using server = await startServer({
      onRequest: (socket) => void waiting.push(() => socket.write(answerOf('fine'))),
    })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 2 })
    const next = exchange(transport, server.endpoint).then(() => exchange(transport, server.endpoint))
    const second = exchange(transport, server.endpoint)
    expect(transport.stats().inFlight).toBe(2)
    expect(await exchange(transport, server.endpoint)).toMatchObject({
      reason: 'overloaded',
      detail: `all 2 connections to ${server.endpoint.origin} are busy`,
    })
    await server.received(2)
    for (const answer of waiting.splice(0)) answer()
    expect(textOf(await second)).toBe('fine')
    await server.received(3)
    for (const answer of waiting.splice(0)) answer()
    expect(textOf(await next)).toBe('fine')
    expect(server.accepted()).toBe(2)
  })
})

describe('Ending', () => {
  test('an exchange before it is connected cancels it and opens no connection', async () => {
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1, dns: { resolver: () => undefined } })
    const endpoint = { id: 'x', origin: 'http://hooks.test', allow: [] }
    const result = new Promise<Exchange>((resolve) => {
      transport.send(requestTo(endpoint), resolve).abort()
    })
    expect(await result).toMatchObject({ kind: 'failed', reason: 'cancelled' })
    expect(transport.stats()).toEqual({ pools: 1, connections: 0, inFlight: 0 })
  })

  test('an exchange whose request was sent cancels it and closes its connection', async () => {
    await using server = await startServer({ onRequest: () => undefined })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = Promise.withResolvers<Exchange>()
    const pending = transport.send(requestTo(server.endpoint), result.resolve)
    await server.received(1)
    pending.abort()
    pending.abort()
    expect(await result.promise).toMatchObject({ kind: 'failed', reason: 'cancelled' })
    await server.empty()
    expect(transport.stats()).toMatchObject({ connections: 0, inFlight: 0 })
  })

  test('an exchange that has ended changes nothing', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = Promise.withResolvers<Exchange>()
    const pending = transport.send(requestTo(server.endpoint), result.resolve)
    await result.promise
    pending.abort()
    await exchange(transport, server.endpoint)
    expect(server.accepted()).toBe(1)
  })

  test('a transport waits for exchanges in flight and takes no more', async () => {
    const waiting: (() => void)[] = []
    await using server = await startServer({
      onRequest: (socket) => void waiting.push(() => socket.write(answerOf('fine'))),
    })
    const transport = new Transport({ maxConnectionsPerEndpoint: 2 })
    const first = exchange(transport, server.endpoint)
    await server.received(1)
    const closed = transport.close()
    expect(await exchange(transport, server.endpoint)).toMatchObject({
      reason: 'cancelled',
      detail: 'the engine is stopping',
    })
    for (const answer of waiting) answer()
    expect(textOf(await first)).toBe('fine')
    await closed
    await transport.close()
    await server.empty()
    expect(transport.stats()).toEqual({ pools: 0, connections: 0, inFlight: 0 })
  })

  test('a transport cancels what has not ended within its limit', async () => {
    await using server = await startServer({ onRequest: () => undefined })
    const transport = new Transport({ maxConnectionsPerEndpoint: 2 })
    const results = Promise.all([exchange(transport, server.endpoint), exchange(transport, server.endpoint)])
    await server.received(2)
    await transport.close(20)
    expect((await results).map((result) => result.kind === 'failed' && result.reason)).toEqual([
      'cancelled',
      'cancelled',
    ])
    await server.empty()
  })

  test('an idle time closes a pool with its connections', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1, idlePoolMs: 30 })
    await exchange(transport, server.endpoint)
    expect(transport.stats()).toMatchObject({ pools: 1 })
    await server.empty()
    await expect.poll(() => transport.stats()).toEqual({ pools: 0, connections: 0, inFlight: 0 })
    expect(textOf(await exchange(transport, server.endpoint))).toBe('fine')
  })

  test('an idle time does not close a pool that is in use', async () => {
    await using server = await startServer({ onRequest: () => undefined })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1, idlePoolMs: 20 })
    const result = await exchange(transport, server.endpoint, { responseTimeoutMs: 120 })
    expect(result).toMatchObject({ reason: 'response-timeout' })
    expect(transport.stats().pools).toBe(1)
  })
})
