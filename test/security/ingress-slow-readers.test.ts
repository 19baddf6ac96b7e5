/** Clients that ask and do not read: what they asked for is held for a while and in bounded room, then they are cut off. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { OpenStreams } from '../../src/ingress/http/open-streams.ts'
import { UnreadAnswers } from '../../src/ingress/http/unread-answers.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import { problemOf, type Running, run } from '../ingress/recording.ts'

const MIB = 1_048_576
/** Far more than the buffers of both sockets take. */
const LARGE = 'x'.repeat(24 * MIB)
const MANY = 100_000

/** Lets every route that can answer much do so. */
function makeLarge({ engine, metrics }: Running, text: string): void {
  engine.stats = async () => ({ text })
  engine.catalog = () => [{ id: 'x', title: text, categories: [] }]
  engine.calls.known = { context: { text }, entries: [] }
  engine.page = { deliveries: [], next: text }
  metrics.scrape = async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: Buffer.from(text) })
}

/** Opens a connection that reads nothing until it is told to. */
async function openDeaf(url: string, request: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) }).pause()
  onTestFinished(() => {
    socket.destroy()
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(request)
  return socket
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`

/** Reads what is left until the connection ends. */
async function rest(socket: Socket): Promise<number> {
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  if (!socket.destroyed) {
    socket.resume()
    await once(socket, 'close')
  }
  return bytes
}

/** Resolves when there is room for another connection from here, and gives how that one is answered. */
async function untilCut(server: Running): Promise<void> {
  const healthz = () => fetch(`${server.url}/healthz`, { headers: { connection: 'close' } })
  await expect.poll(async () => (await healthz().catch(() => undefined))?.status).toBe(200)
}

describe('a client that takes nothing', () => {
  const limits = { answerMs: 200, connectionsPerAddress: 1 }

  test.each(['/v1/stats', '/v1/catalog', '/v1/deliveries', '/v1/calls/c1', '/metrics'])(
    'of a large answer of %s is cut off',
    async (path) => {
      await using server = await run({ limits })
      makeLarge(server, LARGE)
      const socket = await openDeaf(server.url, get(path))
      await untilCut(server)
      expect(await rest(socket)).toBeLessThan(LARGE.length)
    },
  )

  test('but a byte now and then is cut off as well', async () => {
    await using server = await run({ limits })
    makeLarge(server, LARGE)
    const socket = await openDeaf(server.url, get('/v1/stats'))
    const drip = setInterval(() => socket.read(1), 20)
    socket.once('close', () => clearInterval(drip))
    await untilCut(server)
    expect(await rest(socket)).toBeLessThan(LARGE.length)
  })

  test('of many small answers that it asked for at once is cut off', async () => {
    await using server = await run({ limits })
    const socket = await openDeaf(server.url, get('/healthz').repeat(MANY))
    await untilCut(server)
    expect(await rest(socket)).toBeLessThan(MANY * 100)
    expect(server.metrics.requests.length).toBeLessThan(MANY)
  })
})

describe('a client that reads in the end', () => {
  test('gets all of a large answer, and may ask again', async () => {
    await using server = await run({ limits: { answerMs: 60_000 } })
    makeLarge(server, LARGE)
    const socket = await openDeaf(server.url, get('/metrics') + get('/healthz'))
    await expect.poll(() => server.metrics.requests).toContain('GET /metrics 200')
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text = (text + chunk).slice(-4096)
    })
    socket.resume()
    await expect.poll(() => text).toContain('{"status":"alive"}')
  })

  test('is not cut off later for an answer that it took', async () => {
    await using server = await run({ limits: { answerMs: 20 } })
    const socket = await openDeaf(server.url, get('/healthz'))
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += String(chunk)
    })
    socket.resume()
    for (let count = 1; count <= 5; count += 1) {
      await expect.poll(() => text.match(/"alive"/g)?.length).toBe(count)
      await new Promise((resolve) => setTimeout(resolve, 40))
      socket.write(get('/healthz'))
    }
  })
})

describe('large answers that wait for their readers', () => {
  test.each([
    ['as there is room for is sent', 0, 200],
    ['more than there is room for is refused', 1, 503],
  ])('as much of one %s', async (_name, missing, status) => {
    const text = 'é'.repeat(20_000)
    await using server = await run({ limits: { heldAnswerBytes: 40_000 - missing } })
    makeLarge(server, text)
    const answer = await fetch(`${server.url}/metrics`)
    expect(answer.status).toBe(status)
    if (status === 200) expect(await answer.text()).toBe(text)
    else {
      expect(answer.headers.get('retry-after')).toBe('1')
      expect(await problemOf(answer)).toMatchObject({ detail: 'Too many large answers wait for their readers' })
    }
  })

  test('take room from each other until they are read, and none from small ones', async () => {
    await using server = await run({ limits: { heldAnswerBytes: 30 * MIB } })
    makeLarge(server, LARGE)
    const socket = await openDeaf(server.url, get('/metrics'))
    await expect.poll(() => server.metrics.requests).toContain('GET /metrics 200')
    expect((await fetch(`${server.url}/metrics`)).status).toBe(503)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    socket.destroy()
    await expect.poll(async () => (await fetch(`${server.url}/metrics`, { method: 'HEAD' })).status).toBe(200)
  })
})

describe('a stream that was ended', () => {
  test('is cut off where its reader does not take the little that is left', async () => {
    const unread = new UnreadAnswers({ ...DEFAULT_LIMITS, answerMs: 50 })
    const streams = new OpenStreams(unread)
    const begun = Promise.withResolvers<ServerResponse>()
    const server = createServer((_request, response) => {
      streams.open(response, { status: 200, contentType: 'text/plain', stream: begun.resolve }, {})
    })
    onTestFinished(() => {
      server.close()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await openDeaf(`http://127.0.0.1:${port}`, get('/'))
    const response = await begun.promise
    // Until something stays here, but less than what counts as a reader who takes nothing.
    while (response.writableLength === 0) {
      response.write('x'.repeat(1000))
      await new Promise(setImmediate)
    }
    expect(response.writableNeedDrain).toBe(false)
    const closed = once(response, 'close')
    streams.endAll()
    await closed
    expect(response.writableFinished).toBe(false)
  })
})
