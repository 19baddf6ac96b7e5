/** How much of an answer is read: bodies that count (`fail`), bodies behind a status line that decides (`drop`), and heads. */
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ANSWER_EXCERPT_BYTES, ANSWER_LIMIT_BYTES } from '../../src/model/answer.ts'
import { ANSWER_WIRE_LIMIT_BYTES, HEAD_LIMIT_BYTES } from '../../src/transport/answer-input.ts'
import { BodyBuffer } from '../../src/transport/body-buffer.ts'
import { DRAIN_LIMIT_BYTES } from '../../src/transport/exchange-run.ts'
import { Transport } from '../../src/transport/transport.ts'
import { Lateness } from '../setup/lateness.ts'
import { answering, answerOf, exchange, type RawServer, startServer, textOf } from './raw-server.ts'

const HEAD = 'HTTP/1.1 200 OK\r\n'

/** Ways to send the same body. */
const FRAMINGS = {
  'with a content-length': (body: string) => answerOf(body),
  'in one chunk': (body: string) =>
    `${HEAD}transfer-encoding: chunked\r\n\r\n${body === '' ? '' : chunkOf(body)}0\r\n\r\n`,
  'in chunks of seven bytes': (body: string) =>
    `${HEAD}transfer-encoding: chunked\r\n\r\n${(body.match(/.{1,7}/g) ?? []).map(chunkOf).join('')}0\r\n\r\n`,
} as const

describe.each(Object.entries(FRAMINGS))('A body %s', (_name, frame) => {
  test.each([0, 1, ANSWER_LIMIT_BYTES - 1, ANSWER_LIMIT_BYTES])('of %i bytes is read whole', async (size) => {
    const body = 'x'.repeat(size)
    await using server = await startServer(answering(frame(body)))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = await exchange(transport, server.endpoint)
    expect(result).toMatchObject({ kind: 'answered', bytes: size })
    expect(textOf(result) === body).toBe(true)
    await exchange(transport, server.endpoint)
    expect(server.accepted()).toBe(1)
  })

  test('of 65,537 bytes is too large, and its connection closed', async () => {
    await using server = await startServer(answering(frame('x'.repeat(ANSWER_LIMIT_BYTES + 1))))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(await exchange(transport, server.endpoint)).toMatchObject({
      kind: 'failed',
      reason: 'response-too-large',
      detail: expect.stringContaining('65536 are read'),
      status: 200,
    })
    await server.empty()
  })
})

describe('A body that counts', () => {
  test('is refused by its content-length before any of it has come', async () => {
    await using server = await startServer(answering(`${HEAD}content-length: 65537\r\n\r\n`))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(await exchange(transport, server.endpoint)).toMatchObject({
      reason: 'response-too-large',
      detail: 'the answer has 65537 bytes, 65536 are read',
      bytes: 0,
    })
  })

  test.each([204, 304])('is not expected of status %i, whatever its content-length', async (status) => {
    await using server = await startServer(answering(`HTTP/1.1 ${status} X\r\ncontent-length: 65537\r\n\r\n`))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(await exchange(transport, server.endpoint)).toMatchObject({ kind: 'answered', status, bytes: 0 })
  })

  test.each(['to the end of the connection', 'in chunks'])(
    'that never ends, %s, is cut at the limit',
    async (framing) => {
      const chunked = framing === 'in chunks'
      await using server = await startServer({
        onRequest: (socket) => {
          socket.write(chunked ? `${HEAD}transfer-encoding: chunked\r\n\r\n` : `${HEAD}\r\n`)
          pour(socket, chunked ? `400\r\n${'x'.repeat(1024)}\r\n` : 'x'.repeat(1024))
        },
      })
      await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
      expect(await exchange(transport, server.endpoint)).toMatchObject({ reason: 'response-too-large', status: 200 })
      await server.empty()
    },
  )

  test('and ends with the connection is read whole', async () => {
    await using server = await startServer({ onRequest: (socket) => void socket.end(`${HEAD}\r\nfine`) })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(textOf(await exchange(transport, server.endpoint))).toBe('fine')
  })
})

describe('The head of an answer', () => {
  const headOf = (size: number) => {
    const rest = `${HEAD}content-length: 0\r\nx: `
    return `${rest}${'a'.repeat(size - rest.length)}\r\n\r\n`
  }

  test.each([
    [HEAD_LIMIT_BYTES, 'answered'],
    [HEAD_LIMIT_BYTES + 1, 'failed'],
  ])('of %i bytes up to its empty line is %s, however it is cut', async (size, kind) => {
    const head = headOf(size)
    for (const cut of [head.length, 1, 9000, size - 1, size, size + 1, size + 2, size + 3]) {
      await using server = await startServer({
        onRequest: async (socket) => {
          socket.setNoDelay(true)
          socket.write(head.slice(0, cut))
          await new Promise((resolve) => setImmediate(resolve))
          socket.write(head.slice(cut))
        },
      })
      await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
      expect((await exchange(transport, server.endpoint)).kind, `cut at ${cut}`).toBe(kind)
    }
  })
})

describe('The wire', () => {
  /** A body of 10,000 bytes in one chunk, whose extension makes the whole answer so many bytes. */
  const answerOfSize = (size: number) => {
    const frame = (extension: string) =>
      `${HEAD}transfer-encoding: chunked\r\n\r\n2710;${extension}\r\n${'x'.repeat(10_000)}\r\n0\r\n\r\n`
    return frame('e'.repeat(size - frame('').length))
  }

  test.each([
    [ANSWER_WIRE_LIMIT_BYTES, 'answered'],
    [ANSWER_WIRE_LIMIT_BYTES + 1, 'failed'],
  ])('carries %i bytes of an answer with its framing: %s', async (size, kind) => {
    await using server = await startServer(answering(answerOfSize(size)))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = await exchange(transport, server.endpoint)
    expect(result).toMatchObject({ kind, ...(kind === 'failed' ? { reason: 'response-too-large' } : {}) })
  })

  test('counts each answer of a connection by itself', async () => {
    await using server = await startServer(answering(answerOfSize(ANSWER_WIRE_LIMIT_BYTES)))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    for (let index = 0; index < 3; index += 1) {
      expect(await exchange(transport, server.endpoint)).toMatchObject({ kind: 'answered', bytes: 10_000 })
    }
    expect(server.accepted()).toBe(1)
  })
})

describe('Where the status line decides, a body', () => {
  const drop = { overflow: 'drop', bodyLimitBytes: ANSWER_EXCERPT_BYTES } as const

  const sendTwice = async (server: RawServer) => {
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const first = await exchange(transport, server.endpoint, { ...drop, responseTimeoutMs: 200 })
    const second = await exchange(transport, server.endpoint, { ...drop, responseTimeoutMs: 200 })
    expect(second.status).toBe(first.status)
    return first
  }

  test.each([
    [0, 0],
    [ANSWER_EXCERPT_BYTES, ANSWER_EXCERPT_BYTES],
    [ANSWER_EXCERPT_BYTES + 1, ANSWER_EXCERPT_BYTES],
  ])('of %i bytes is kept up to %i bytes', async (size, kept) => {
    await using server = await startServer(answering(answerOf('x'.repeat(size))))
    const result = await sendTwice(server)
    expect(textOf(result)).toBe('x'.repeat(kept))
  })

  test('that can be drained keeps its connection', async () => {
    await using server = await startServer({
      onRequest: (socket) => {
        socket.write(`${HEAD}content-length: ${DRAIN_LIMIT_BYTES}\r\n\r\n${'x'.repeat(ANSWER_EXCERPT_BYTES)}`)
        setImmediate(() => socket.write('x'.repeat(DRAIN_LIMIT_BYTES - ANSWER_EXCERPT_BYTES)))
      },
    })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 2 })
    await exchange(transport, server.endpoint, drop)
    // The rest is still on its way: the next exchange has a connection of its own.
    await exchange(transport, server.endpoint, drop)
    await exchange(transport, server.endpoint, drop)
    await exchange(transport, server.endpoint, drop)
    expect(server.accepted()).toBeLessThanOrEqual(2)
  })

  test('that is too large to be drained ends its connection', async () => {
    const size = ANSWER_EXCERPT_BYTES + DRAIN_LIMIT_BYTES + 1
    await using server = await startServer(answering(`${HEAD}content-length: ${size + 1}\r\n\r\n${'x'.repeat(size)}`))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 2 })
    expect(await exchange(transport, server.endpoint, drop)).toMatchObject({ kind: 'answered', status: 200 })
    await server.empty()
  })

  test('that is not read to its end does not keep the next request waiting', async () => {
    using lateness = new Lateness()
    await using server = await startServer({
      onRequest: (socket) =>
        void socket.write(`${HEAD}content-length: 60000\r\n\r\n${'x'.repeat(ANSWER_EXCERPT_BYTES)}`),
    })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    for (let index = 0; index < 3; index += 1) {
      const result = await exchange(transport, server.endpoint, drop)
      expect(result).toMatchObject({ kind: 'answered', bytes: ANSWER_EXCERPT_BYTES })
      expect(result.durationMs).toBeLessThan(2000 + lateness.ms)
    }
    expect(server.accepted()).toBe(3)
  })

  test.each([
    ['comes late', (socket: Socket) => void socket.write(`${HEAD}content-length: 9\r\n\r\nlate`), 'late'],
    ['never comes', (socket: Socket) => void socket.write(`${HEAD}content-length: 9\r\n\r\n`), ''],
    ['ends early', (socket: Socket) => void socket.end(`${HEAD}content-length: 9\r\n\r\ncut`), 'cut'],
    ['breaks HTTP', (socket: Socket) => void socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\nzz`), ''],
    ['is encoded', (socket: Socket) => void socket.write(answerOf('\x1f\x8b', ['content-encoding: gzip'])), '\x1f\x8b'],
  ])('that %s is of no account', async (_name, onRequest, kept) => {
    await using server = await startServer({ onRequest })
    const result = await sendTwice(server)
    expect(result).toMatchObject({ kind: 'answered', status: 200 })
    expect(textOf(result)).toBe(kept)
  })

  test('without its head is a failure like any other', async () => {
    await using server = await startServer({ onRequest: (socket) => void socket.end('HTTP/1.1 200 OK\r\n') })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    expect(await exchange(transport, server.endpoint, drop)).toMatchObject({ kind: 'failed', reason: 'connection' })
  })
})

describe('A body buffer', () => {
  test('holds the first bytes of whatever chunks come', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 })
    fc.assert(
      fc.property(chunks, fc.nat({ max: 200 }), (pieces, limitBytes) => {
        const buffer = new BodyBuffer(limitBytes)
        for (const piece of pieces) buffer.append(piece)
        const expected = Buffer.concat(pieces).subarray(0, limitBytes)
        expect(Buffer.from(buffer.bytes()).equals(expected)).toBe(true)
        expect(buffer.length).toBe(expected.length)
      }),
    )
  })

  test('holds no more memory than its limit, however small the chunks', () => {
    const buffer = new BodyBuffer(1000)
    for (let index = 0; index < 5000; index += 1) buffer.append(new Uint8Array(1))
    expect(buffer.bytes().buffer.byteLength).toBeLessThanOrEqual(1000)
  })

  test('does not hold on to a large chunk of which it keeps a part', () => {
    const buffer = new BodyBuffer(10)
    buffer.append(new Uint8Array(65_536))
    expect(buffer.bytes().buffer.byteLength).toBe(10)
  })
})

function chunkOf(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

/** Writes until the other side is gone. */
function pour(socket: Socket, piece: string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on('drain', more)
  more()
}
