/** Limits of size, each on both sides, and what happens to a client that passes one. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { post, problemOf, run, sendRaw } from './recording.ts'

const MIB = 1_048_576

/** An event of exactly so many bytes. */
function eventOf(bytes: number): string {
  const frame = '{"type":"t","data":{"n":""}}'
  return frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`)
}

describe('a request', () => {
  test.each([
    ['one event', 'application/json', eventOf(MIB), eventOf(MIB + 1), MIB],
    ['a form', 'application/x-www-form-urlencoded', `a=${'x'.repeat(MIB - 2)}`, `a=${'x'.repeat(MIB - 1)}`, MIB],
    [
      'a plain array',
      'application/json',
      ` [${eventOf(100)}]`.padEnd(8 * MIB),
      ` [${eventOf(100)}]`.padEnd(8 * MIB + 1),
      8 * MIB,
    ],
    [
      'NDJSON',
      'application/x-ndjson',
      eventOf(100).padEnd(8 * MIB, '\n'),
      eventOf(100).padEnd(8 * MIB + 1, '\n'),
      8 * MIB,
    ],
  ])('of %s has its limit', async (_name, contentType, good, bad, limit) => {
    await using server = await run()
    const url = `${server.url}/v1/events${contentType.endsWith('urlencoded') ? '?type=t' : ''}`
    expect((await post(url, contentType, good)).status).toBe(202)
    const refused = await post(url, contentType, bad)
    expect(refused.status).toBe(413)
    expect(await problemOf(refused)).toMatchObject({
      name: 'too-large',
      detail: `The body may have up to ${limit} bytes`,
    })
    expect(server.engine.accepted).toHaveLength(1)
  })

  test('that announces too much is refused before its body comes', async () => {
    await using server = await run()
    const { hostname, port } = new URL(server.url)
    const socket = connect({ host: hostname, port: Number(port) })
    socket.write(
      `POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ncontent-length: ${8 * MIB + 1}\r\n\r\n`,
    )
    const [chunk] = await once(socket, 'data')
    expect(String(chunk)).toMatch(/^HTTP\/1\.1 413 /)
    socket.destroy()
  })

  test('without a length is refused as soon as it is too large, and read on for a while, then cut', async () => {
    await using server = await run()
    const head =
      'POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'
    const chunk = `100001\r\n${'x'.repeat(MIB + 1)}\r\n`
    const startedMs = performance.now()
    expect(await sendRaw(server.url, head, chunk)).toMatch(/^HTTP\/1\.1 413 /)
    expect(performance.now() - startedMs).toBeGreaterThan(1500)
  })

  test('that a client leaves unfinished is dropped without an answer', async () => {
    await using server = await run()
    const { hostname, port } = new URL(server.url)
    const socket = connect({ host: hostname, port: Number(port) })
    const head =
      'POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ncontent-length: 100\r\n'
    socket.write(`${head}expect: 100-continue\r\n\r\n`)
    // The server says that it has the head and waits for the body.
    expect(String(await once(socket, 'data'))).toContain('100 Continue')
    socket.write('{"type":"t"}\n')
    socket.resetAndDestroy()
    await expect.poll(() => server.metrics.requests).toEqual(['POST /v1/events 499'])
    expect(server.engine.accepted).toEqual([])
  })
})

describe('a batch', () => {
  test('has a limit of events', async () => {
    await using server = await run({ limits: { batchEvents: 3 } })
    for (const [contentType, body, more] of [
      ['application/x-ndjson', '{"type":"t"}\n'.repeat(3), '{"type":"t"}'],
      ['application/json', '[{"type":"t"},{"type":"t"},{"type":"t"}]', ''],
    ] as const) {
      expect((await post(`${server.url}/v1/events`, contentType, body)).status).toBe(202)
      const bad = more === '' ? body.replace(']', ',1]') : body + more
      const refused = await post(`${server.url}/v1/events`, contentType, bad)
      expect(await problemOf(refused)).toMatchObject({ name: 'too-large', detail: 'A batch may have up to 3 events' })
    }
    expect(server.engine.accepted).toHaveLength(6)
  })

  test('has a limit for each event', async () => {
    await using server = await run()
    const response = await post(
      `${server.url}/v1/events`,
      'application/x-ndjson',
      `${eventOf(MIB)}\n${eventOf(MIB + 1)}`,
    )
    expect(await response.json()).toMatchObject({
      accepted: [{ index: 0 }],
      rejected: [{ index: 1, detail: `line 2: an event may have up to ${MIB} bytes` }],
    })
  })
})

describe('bodies of all requests together', () => {
  test('have a limit; what was held is given back', async () => {
    await using server = await run({ limits: { heldBytes: 100 } })
    for (let round = 0; round < 3; round += 1) {
      expect((await post(`${server.url}/v1/events`, 'application/json', eventOf(100))).status).toBe(202)
      const refused = await post(`${server.url}/v1/events`, 'application/json', eventOf(101))
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
      expect(await problemOf(refused)).toMatchObject({ name: 'unavailable' })
    }
  })
})

describe('parameters', () => {
  test('have a limit in number', async () => {
    await using server = await run()
    const send = (count: number) =>
      post(
        `${server.url}/v1/events?type=t`,
        'application/x-www-form-urlencoded',
        Array.from({ length: count }, (_, n) => `p${n}=1`).join('&'),
      )
    expect((await send(2000)).status).toBe(202)
    const refused = await send(2001)
    expect(await problemOf(refused)).toMatchObject({ detail: 'there are more than 2000 parameters' })
  })

  test('have a limit of parts in a name', async () => {
    await using server = await run()
    const send = (parts: number) =>
      post(
        `${server.url}/v1/events?type=t`,
        'application/x-www-form-urlencoded',
        `${Array(parts).fill('a').join('.')}=1`,
      )
    expect((await send(64)).status).toBe(202)
    expect(await problemOf(await send(65))).toMatchObject({ detail: 'the name has more than 64 parts' })
  })
})

describe('header fields', () => {
  test('have a limit of 32 KiB together', async () => {
    await using server = await run()
    const send = (bytes: number) => {
      const head = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx: '
      return sendRaw(server.url, `${head}${'x'.repeat(bytes - head.length - 4)}\r\n\r\n`)
    }
    expect(await send(32_000)).toMatch(/^HTTP\/1\.1 200 /)
    const refused = await send(33_000)
    expect(refused).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/)
    expect(refused).toContain('content-type: application/problem+json')
    expect(refused).toContain('urn:switchhook:problem:headers-too-large')
  })
})
