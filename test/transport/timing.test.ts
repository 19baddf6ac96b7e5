/** Connect, response and total limits over real sockets: never early, and late only by what the machine itself is late. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { Transport } from '../../src/transport/transport.ts'
import { Lateness } from '../setup/lateness.ts'
import { answering, answerOf, exchange, loopback, startServer } from './raw-server.ts'

/** How late an end may be beside what the machine itself was late: within 50 ms, and what V8 compiles and collects. */
const TOLERANCE_MS = 250

/** A server that writes one byte of `text` every 10 ms. */
const dripping = (text: string) => ({
  onRequest: (socket: Socket) => {
    let sent = 0
    const timer = setInterval(() => {
      socket.write(text.charAt(sent % text.length))
      sent += 1
    }, 10)
    socket.once('close', () => clearInterval(timer))
  },
})

const SILENT = { onRequest: () => undefined }

describe('The response limit', () => {
  test.each([
    ['a server that never answers', SILENT, 0],
    ['a head that drips', dripping('HTTP/1.1 200 OK\r\nx-endless: '), 0],
    [
      'a body that drips',
      {
        onRequest: (socket: Socket) => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n')
          dripping('x').onRequest(socket)
        },
      },
      200,
    ],
    [
      'endless interim answers',
      { onRequest: (socket: Socket) => dripping('HTTP/1.1 102 Processing\r\n\r\n').onRequest(socket) },
      0,
    ],
  ])('ends %s', async (_name, behaviour, status) => {
    using lateness = new Lateness()
    await using server = await startServer(behaviour)
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = await exchange(transport, server.endpoint, { responseTimeoutMs: 200 })
    expect(result).toMatchObject({ kind: 'failed', reason: 'response-timeout', status })
    expect(result.durationMs).toBeGreaterThanOrEqual(200)
    expect(result.durationMs).toBeLessThan(200 + TOLERANCE_MS + lateness.ms)
    await server.empty()
  })

  test('of 5 s ends after 5 s', async () => {
    using lateness = new Lateness()
    await using server = await startServer(SILENT)
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = await exchange(transport, server.endpoint, { responseTimeoutMs: 5000 })
    expect(result).toMatchObject({ reason: 'response-timeout', detail: 'no answer within 5000 ms' })
    expect(result.durationMs).toBeGreaterThanOrEqual(5000)
    expect(result.durationMs).toBeLessThan(5000 + TOLERANCE_MS + lateness.ms)
  })

  test('holds on a kept connection too', async () => {
    using lateness = new Lateness()
    await using server = await startServer({
      onRequest: (socket, index) => void (index === 0 && socket.write(answerOf('fine'))),
    })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    await exchange(transport, server.endpoint)
    const result = await exchange(transport, server.endpoint, { responseTimeoutMs: 100 })
    expect(result).toMatchObject({ reason: 'response-timeout' })
    expect(result.durationMs).toBeLessThan(100 + TOLERANCE_MS + lateness.ms)
  })

  test('holds where the request itself can not be written', async () => {
    await using server = await startServer({ onConnection: (socket) => void socket.pause() })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const body = 'x'.repeat(16 * 1024 * 1024)
    expect(await exchange(transport, server.endpoint, { body, responseTimeoutMs: 200 })).toMatchObject({
      reason: 'response-timeout',
    })
    expect(transport.stats()).toMatchObject({ connections: 0, inFlight: 0 })
  })

  test('does not end an answer that came in time while the thread was busy', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    await exchange(transport, server.endpoint)
    const pending = exchange(transport, server.endpoint, { responseTimeoutMs: 200 })
    await server.received(2)
    const until = performance.now() + 300
    while (performance.now() < until);
    expect(await pending).toMatchObject({ kind: 'answered' })
  })
})

describe('The connect limit', () => {
  test('ends a look-up that does not come back', async () => {
    using lateness = new Lateness()
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1, dns: { resolver: () => undefined } })
    const result = await exchange(transport, loopback('http://hooks.test'), { connectTimeoutMs: 100 })
    expect(result).toMatchObject({
      reason: 'connect-timeout',
      detail: 'no connection to http://hooks.test within 100 ms (name look-up)',
      phases: { waitingMs: expect.any(Number) },
    })
    expect(result.durationMs).toBeGreaterThanOrEqual(100)
    expect(result.durationMs).toBeLessThan(100 + TOLERANCE_MS + lateness.ms)
  })

  test('ends a TLS handshake in silence', async () => {
    using lateness = new Lateness()
    await using server = await startServer({})
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const endpoint = loopback(`https://127.0.0.1:${server.port}`)
    const result = await exchange(transport, endpoint, { connectTimeoutMs: 100, responseTimeoutMs: 5000 })
    expect(result).toMatchObject({ reason: 'connect-timeout', detail: expect.stringContaining('(TLS handshake)') })
    expect(result.phases.connectMs).toBeGreaterThan(0)
    expect(result.durationMs).toBeLessThan(100 + TOLERANCE_MS + lateness.ms)
    await server.empty()
  })

  test('ends a TCP handshake that nobody answers', async () => {
    using lateness = new Lateness()
    await using deaf = await startDeafServer()
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = await exchange(transport, loopback(`http://127.0.0.1:${deaf.port}`), { connectTimeoutMs: 100 })
    expect(result).toMatchObject({
      kind: 'failed',
      reason: 'connect-timeout',
      detail: expect.stringContaining('(TCP)'),
    })
    expect(result.durationMs).toBeGreaterThanOrEqual(100)
    expect(result.durationMs).toBeLessThan(100 + TOLERANCE_MS + lateness.ms)
  })
})

describe('The total limit', () => {
  test.each([
    ['connecting', 'connect-timeout', 'https', { connectTimeoutMs: 5000 }],
    ['answering', 'response-timeout', 'http', { responseTimeoutMs: 5000 }],
  ])('while %s ends with %s', async (_phase, reason, scheme, limits) => {
    using lateness = new Lateness()
    await using server = await startServer(scheme === 'http' ? SILENT : {})
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = await exchange(transport, loopback(`${scheme}://127.0.0.1:${server.port}`), {
      ...limits,
      totalTimeoutMs: 150,
    })
    expect(result).toMatchObject({ kind: 'failed', reason })
    expect(result.durationMs).toBeGreaterThanOrEqual(150)
    expect(result.durationMs).toBeLessThan(150 + TOLERANCE_MS + lateness.ms)
  })

  test('that is longer than a phase leaves the phase its own', async () => {
    await using server = await startServer(SILENT)
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = await exchange(transport, server.endpoint, { responseTimeoutMs: 100, totalTimeoutMs: 5000 })
    expect(result).toMatchObject({ reason: 'response-timeout', detail: 'no answer within 100 ms' })
  })
})

/** A listener whose thread sleeps, with a full queue of connections that it will never accept: the system ignores more of them. */
async function startDeafServer(): Promise<{ readonly port: number } & AsyncDisposable> {
  const source = `
    const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const worker = new Worker(source, { eval: true })
  const [port]: unknown[] = await once(worker, 'message')
  const fillers = Array.from({ length: 8 }, () => connect(Number(port), '127.0.0.1').on('error', () => undefined))
  await Promise.any(fillers.map((socket) => once(socket, 'connect')))
  return {
    port: Number(port),
    [Symbol.asyncDispose]: async () => {
      for (const socket of fillers) socket.destroy()
      await worker.terminate()
    },
  }
}
