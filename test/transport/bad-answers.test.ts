/** Servers that break HTTP, one row each: what they write after the request and which reason and detail it gives. */
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { INTERIM_LIMIT } from '../../src/transport/answer-input.ts'
import { Transport } from '../../src/transport/transport.ts'
import { answerOf, exchange, startServer, textOf } from './raw-server.ts'

interface Case {
  readonly name: string
  readonly write?: string
  /** What the server does after it has written. */
  readonly afterwards: 'wait' | 'end' | 'reset'
  readonly reason: string
  readonly detail: RegExp
  readonly status?: number
}

const HEAD = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`

const CASES: readonly Case[] = [
  { name: 'closes without an answer', afterwards: 'end', reason: 'connection', detail: /closed the connection before/ },
  {
    name: 'resets without an answer',
    afterwards: 'reset',
    reason: 'connection',
    detail: /ECONNRESET.*before its answer/,
  },
  {
    name: 'closes within the status line',
    write: 'HTTP/1.',
    afterwards: 'end',
    reason: 'connection',
    detail: /before its answer/,
  },
  {
    name: 'closes within the fields',
    write: `${HEAD}x-a: b\r\n`,
    afterwards: 'end',
    reason: 'connection',
    detail: /before its answer/,
  },
  { name: 'resets within the fields', write: HEAD, afterwards: 'reset', reason: 'connection', detail: /ECONNRESET/ },
  {
    name: 'sends less than its content-length and closes',
    write: `${HEAD}content-length: 10\r\n\r\nshort`,
    afterwards: 'end',
    reason: 'connection',
    detail: /in the middle of its answer \(status 200, 5 body bytes\)/,
    status: 200,
  },
  {
    name: 'sends less than its content-length with connection: close',
    write: `${HEAD}connection: close\r\ncontent-length: 10\r\n\r\nshort`,
    afterwards: 'end',
    reason: 'connection',
    detail: /in the middle of its answer/,
    status: 200,
  },
  {
    name: 'resets within the body',
    write: `${HEAD}content-length: 10\r\n\r\nshort`,
    afterwards: 'reset',
    reason: 'connection',
    detail: /in the middle of its answer/,
    status: 200,
  },
  {
    name: 'closes before the last chunk',
    write: `${CHUNKED}5\r\nshort\r\n`,
    afterwards: 'end',
    reason: 'connection',
    detail: /in the middle of its answer/,
    status: 200,
  },
  {
    name: 'closes before the last chunk with connection: close',
    write: `${HEAD}connection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n`,
    afterwards: 'end',
    reason: 'connection',
    detail: /in the middle of its answer/,
    status: 200,
  },
  {
    name: 'sends a chunk size that is no number',
    write: `${CHUNKED}zz\r\n`,
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /not HTTP\/1\.1: .*chunk size/,
    status: 200,
  },
  {
    name: 'sends a chunk that is longer than its size',
    write: `${CHUNKED}2\r\nlonger\r\n`,
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /not HTTP\/1\.1/,
    status: 200,
  },
  {
    name: 'is no HTTP server',
    write: 'SSH-2.0-OpenSSH_9.2\r\n',
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /not HTTP\/1\.1/,
  },
  {
    name: 'says little that is no HTTP',
    write: 'hm\r\n',
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /not HTTP\/1\.1/,
  },
  {
    name: 'sends a status of two digits',
    write: 'HTTP/1.1 20 OK\r\n\r\n',
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /HTTP/,
  },
  {
    name: 'claims an unknown version of HTTP',
    write: 'HTTP/9.9 200 OK\r\n\r\n',
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /HTTP/,
  },
  {
    name: 'sends a field without a colon',
    write: `${HEAD}nonsense\r\n\r\n`,
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /HTTP/,
  },
  {
    name: 'sends two different content-lengths',
    write: `${HEAD}content-length: 4\r\ncontent-length: 5\r\n\r\nfine!`,
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /content-length/,
  },
  {
    name: 'sends a content-length beside chunks',
    write: `${HEAD}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /content-length/,
  },
  {
    name: 'sends a content-length that is no number',
    write: `${HEAD}content-length: many\r\n\r\n`,
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /Content-Length/,
  },
  {
    name: 'sends fields of more than 16 KiB',
    write: `${HEAD}x-a: ${'a'.repeat(16_384)}\r\n\r\n`,
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /larger than 16 KiB/,
  },
  {
    name: 'switches protocols',
    write: 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /switched protocols/,
  },
  {
    name: 'sends too many interim answers',
    write: 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(INTERIM_LIMIT + 1) + answerOf('fine'),
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /more than 32 interim answers/,
  },
  {
    name: 'sends an interim answer of more than 16 KiB',
    write: `HTTP/1.1 103 Early Hints\r\nlink: ${'a'.repeat(16_384)}`,
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /interim answer are larger than 16 KiB/,
  },
  {
    name: 'encodes its answer',
    write: answerOf('fine', ['content-encoding: gzip']),
    afterwards: 'wait',
    reason: 'invalid-response',
    detail: /content-encoding: gzip/,
    status: 200,
  },
]

describe('A server that', () => {
  test.each(CASES)('$name gives $reason', async ({ write, afterwards, reason, detail, status }) => {
    await using server = await startServer({
      onRequest: (socket) => {
        if (write !== undefined) socket.write(write, 'latin1')
        finish(socket, afterwards)
      },
    })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = await exchange(transport, server.endpoint)
    expect(result).toMatchObject({ kind: 'failed', reason, detail: expect.stringMatching(detail), status: status ?? 0 })
    await server.empty()
    expect(server.requests).toHaveLength(1)
  })

  test('does not listen gives connection, with the address in the detail', async () => {
    const server = await startServer({})
    const { endpoint, port } = server
    await server[Symbol.asyncDispose]()
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(await exchange(transport, endpoint)).toMatchObject({
      kind: 'failed',
      reason: 'connection',
      detail: `connect ECONNREFUSED 127.0.0.1:${port}`,
      status: 0,
    })
    expect(transport.stats()).toMatchObject({ connections: 0, inFlight: 0 })
  })

  test('resets each connection at once gives connection', async () => {
    await using server = await startServer({ onConnection: (socket) => void socket.resetAndDestroy() })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(await exchange(transport, server.endpoint)).toMatchObject({ kind: 'failed', reason: 'connection' })
  })
})

describe('Interim answers', () => {
  const interim = {
    'an unasked 100 Continue': 'HTTP/1.1 100 Continue\r\n\r\n',
    'several kinds':
      'HTTP/1.1 100 Continue\r\nx: y\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n',
    'as many as are skipped': 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(INTERIM_LIMIT),
    'one with fields of just under 16 KiB': `HTTP/1.1 103 Early Hints\r\nlink: ${'a'.repeat(16_000)}\r\n\r\n`,
  }

  test.each(Object.entries(interim))('are skipped: %s', async (_name, text) => {
    await using server = await startServer({ onRequest: (socket) => void socket.write(text + answerOf('fine')) })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    for (let index = 0; index < 3; index += 1) expect(textOf(await exchange(transport, server.endpoint))).toBe('fine')
    expect(server.accepted()).toBe(1)
  })

  test('are skipped wherever the packets are cut', async () => {
    const bytes = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n${answerOf('fine')}`
    await using server = await startServer({
      onRequest: async (socket) => {
        for (const byte of bytes) {
          socket.write(byte)
          await new Promise((resolve) => setImmediate(resolve))
        }
      },
    })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    for (let index = 0; index < 3; index += 1) expect(textOf(await exchange(transport, server.endpoint))).toBe('fine')
  })

  test('are left alone where they stand in a body', async () => {
    const body = 'HTTP/1.1 100 Continue\r\n\r\n'
    await using server = await startServer({
      onRequest: (socket) => {
        socket.write(answerOf(body).slice(0, -body.length))
        setImmediate(() => socket.write(body))
      },
    })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(textOf(await exchange(transport, server.endpoint))).toBe(body)
  })
})

function finish(socket: Socket, how: Case['afterwards']): void {
  switch (how) {
    case 'wait':
      return
    case 'end':
      socket.end()
      return
    case 'reset':
      // The bytes must be on their way before the reset, which would overtake them.
      setTimeout(() => socket.resetAndDestroy(), 20)
  }
}
