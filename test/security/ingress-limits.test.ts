/** Clients that take more than their share: slow ones, many connections, and what is held for them. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { problemOf, type Running, run } from '../ingress/recording.ts'

/** Opens a connection whose answer is collected. */
async function open(url: string): Promise<{ readonly socket: Socket; readonly closed: Promise<string> }> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  onTestFinished(() => {
    socket.destroy()
  })
  let answer = ''
  socket.on('data', (chunk) => {
    answer += String(chunk)
  })
  socket.on('error', () => undefined)
  const closed = once(socket, 'close').then(() => answer)
  await once(socket, 'connect')
  return { socket, closed }
}

/** Writes one byte after the other until the connection is closed. */
function drip(socket: Socket, bytes: string, everyMs: number): void {
  let at = 0
  const timer = setInterval(() => {
    if (socket.writable) socket.write(bytes[at % bytes.length] ?? '')
    at += 1
  }, everyMs)
  socket.once('close', () => clearInterval(timer))
}

const HEAD = 'POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'

describe('a slow client', () => {
  const limits = { headersMs: 300, requestMs: 800, checkMs: 50, stallMs: 200, stallBytes: 100, discardMs: 100 }

  test.each<[name: string, begin: string, bytes: string]>([
    ['that says nothing', '', ''],
    ['whose head never ends', 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n', 'x: y\r\n'],
    ['whose request line never ends', 'GET /', 'x'],
    ['whose body never comes', `${HEAD}content-length: 1000\r\n\r\n`, ''],
    ['whose body drips', `${HEAD}content-length: 1000\r\n\r\n`, ' '],
    ['whose chunks drip', `${HEAD}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
    ['whose chunk extension never ends', `${HEAD}transfer-encoding: chunked\r\n\r\n1;`, 'x'],
  ])('%s is answered 408 and cut off', async (_name, begin, bytes) => {
    await using server = await run({ limits })
    const { socket, closed } = await open(server.url)
    socket.write(begin)
    if (bytes !== '') drip(socket, bytes, 20)
    const answer = await closed
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    expect(answer).toMatch(/content-type: application\/problem\+json/i)
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  })

  test('that keeps the pace is still held to the time for a whole request', async () => {
    await using server = await run({ limits: { ...limits, stallBytes: 1 } })
    const { socket, closed } = await open(server.url)
    socket.write(`${HEAD}content-length: 1000\r\n\r\n`)
    drip(socket, ' ', 20)
    expect(await closed).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  })

  test('that sends just enough is served', async () => {
    await using server = await run({ limits: { ...limits, requestMs: 60_000, stallBytes: 1, stallMs: 1000 } })
    const { socket, closed } = await open(server.url)
    const body = '{"type":"t"}'
    socket.write(`${HEAD}content-length: ${body.length}\r\nconnection: close\r\n\r\n`)
    drip(socket, body, 20)
    expect(await closed).toMatch(/^HTTP\/1\.1 202 Accepted\r\n/)
  })
})

describe('connections', () => {
  const refusedWith = async (server: Running, detail: string) => {
    const { closed } = await open(server.url)
    const answer = await closed
    expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/)
    expect(answer).toMatch(/retry-after: 1\r\n/)
    expect(answer).toContain(detail)
  }

  test.each([
    ['in all', { connections: 3 }, 'There may be up to 3 connections'],
    ['of one address', { connectionsPerAddress: 3 }, 'One address may have up to 3 connections'],
  ])('%s have a limit, and each that ends makes room', async (_name, limits, detail) => {
    await using server = await run({ limits })
    const held = [await open(server.url), await open(server.url), await open(server.url)]
    await refusedWith(server, detail)
    await refusedWith(server, detail)
    held[0]?.socket.destroy()
    await held[0]?.closed
    await expect.poll(async () => (await fetch(`${server.url}/healthz`).catch(() => undefined))?.status).toBe(200)
  })

  test('that are refused are not held', async () => {
    await using server = await run({ limits: { connections: 0 } })
    const refused = await Promise.all(Array.from({ length: 200 }, async () => (await open(server.url)).closed))
    expect(refused.filter((answer) => answer !== '' && !answer.startsWith('HTTP/1.1 503'))).toEqual([])
  })
})

describe('JSON', () => {
  const members = (count: number) =>
    `{"type":"t","data":{${Array.from({ length: count }, (_, index) => `"a${index}":1`).join()}}}`
  const items = (count: number) => `{"type":"t","data":{"a":[${'0,'.repeat(count - 1)}0]}}`
  const nested = (levels: number, end = '') => {
    const inner = levels - 2
    return `{"type":"t","data":${'{"a":'.repeat(inner)}{}${'}'.repeat(inner)}${end}}`
  }

  test.each([
    ['of 64 levels is taken', nested(64), 202, ''],
    ['of 65 levels is refused', nested(65), 400, 'the JSON nests deeper than 64 levels'],
    ['of arrays is refused', `{"type":"t","data":{"a":${'['.repeat(62)}[]${']'.repeat(62)}}}`, 400, 'nests deeper'],
    ['as deep as a body can be is refused', '['.repeat(524_288) + ']'.repeat(524_288), 400, 'deeper than 64 levels'],
    ['that never ends is refused', '{"a":'.repeat(200_000), 400, 'nests deeper'],
    ['of 4,000 values is taken', members(3998), 202, ''],
    ['of 4,001 values is refused', members(3999), 400, 'the JSON holds more than 4000 values'],
    ['of 4,000 items is taken', items(3997), 202, ''],
    ['of 4,001 items is refused', items(3998), 400, 'the JSON holds more than 4000 values'],
    ['of as many members as a body can hold is refused', members(90_000), 400, 'more than 4000 values'],
    ['that is only text is taken', `{"type":"t","data":{"a":"${'[{'.repeat(1000)}\\""}}`, 202, ''],
  ])('%s', async (_name, body, status, detail) => {
    await using server = await run()
    const headers = { 'content-type': 'application/cloudevents+json' }
    const response = await fetch(`${server.url}/v1/events`, { method: 'POST', body, headers })
    expect(response.status).toBe(status)
    if (status === 400) expect((await problemOf(response))['detail']).toContain(detail)
  })
})

describe('a name that stands twice in one object', () => {
  test.each([
    [
      'among the attributes',
      '{"type":"t","account":"a","account":"b"}',
      'line 1, column 27: the name "account" stands twice',
    ],
    ['in the data', '{"type":"t","data":{"a":1,"b":2,"a":3}}', 'the name "a" stands twice'],
    ['written in two ways', '{"type":"t","data":{"a":1,"\\u0061":3}}', 'the name "a" stands twice'],
    ['deep inside', '{"type":"t","data":{"x":[{"y":{"a":1,"a":1}}]}}', 'the name "a" stands twice'],
    ['of an object', '{"type":"t","data":{"a":{"b":1},"a":{"c":1}}}', 'the name "a" stands twice'],
    ['called __proto__', '{"type":"t","data":{"__proto__":1,"__proto__":2}}', 'the name "__proto__" stands twice'],
    ['beside a long number', '{"type":"t","data":{"a":12345678901234567890,"a":3}}', 'the name "a" stands twice'],
  ])('%s is refused with its place', async (_name, body, detail) => {
    await using server = await run()
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${server.url}/v1/events`, { method: 'POST', body, headers })
    expect((await problemOf(response))['detail']).toContain(detail)
    expect(server.engine.accepted).toEqual([])
  })

  test('but in two objects, or as text with colons, is taken', async () => {
    await using server = await run()
    const body = '{"type":"t","data":{"a":{"a":"a:\\":{"},"b":[{"a":1},{"a":2}]}}'
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(`${server.url}/v1/events`, { method: 'POST', body, headers })).status).toBe(202)
    expect(server.engine.accepted[0]?.data).toEqual({ a: { a: 'a:":{' }, b: [{ a: 1 }, { a: 2 }] })
  })
})
