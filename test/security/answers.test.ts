/**
 * Answers that attack the wire, through the whole engine: each row's bytes come from a real socket and must end in its decision,
 * and the next answer of the same server must be read as if nothing had happened. Nothing is left behind: no rejection that
 * nobody handles, no connection, no memory. What the bodies say is in `answers-content.test.ts`.
 */
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Transport } from '../../src/transport/transport.ts'
import { collectGarbage } from '../setup/collect-garbage.ts'
import { answerOf, exchange, type RawServer, startServer, textOf } from '../transport/raw-server.ts'
import { type AnswerWorld, type HostileAnswer, pour, refused, startAnswers, withBody } from './answers-world.ts'

/** More than any warming up of the engine takes, far less than one answer kept a row would. */
const MOST_GROWTH_BYTES = 8 * 2 ** 20

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`
const FINE = `${OK}content-length: 4\r\n\r\nfine`
const SPOKEN = { kind: 'speak', text: 'fine' }
const NOT_HTTP = refused('invalid-response', /^the answer is not HTTP\/1\.1: /)
const ENCODED = (field: string): HostileAnswer['decision'] =>
  refused('invalid-response', new RegExp(`^the answer is encoded \\(${field}\\)`))

const message = (
  name: string,
  answer: HostileAnswer['answer'],
  decision: HostileAnswer['decision'],
  afterwards?: 'end',
): HostileAnswer => ({
  name,
  reading: 'message',
  answer,
  decision,
  ...(afterwards === undefined ? {} : { afterwards }),
})

const BOMB = gzipSync(Buffer.alloc(50 * 2 ** 20))

const HEADS: readonly HostileAnswer[] = [
  message('HTTP/0.9, a body and no head', '<html>fine</html>', NOT_HTTP, 'end'),
  message('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', NOT_HTTP),
  message('a settings frame of HTTP/2', '\0\0\0\x04\0\0\0\0\0', NOT_HTTP),
  message('a status line of HTTP/2', 'HTTP/2 200\r\ncontent-length: 0\r\n\r\n', NOT_HTTP),
  message('a request instead of an answer', 'GET / HTTP/1.1\r\nhost: h\r\n\r\n', NOT_HTTP),
  message('an alert of TLS', '\x15\x03\x01\0\x02\x02\x0a', NOT_HTTP),
  message('ICY as the protocol', 'ICY 200 OK\r\n\r\n', NOT_HTTP),
  message('RTSP as the protocol', 'RTSP/1.0 200 OK\r\n\r\n', refused('invalid-response', /./)),
  message('NUL before the status line', `\0${FINE}`, NOT_HTTP),
  message(
    'a status line without end',
    (socket) => pour(socket, 'HTTP/1.1 200 '.padEnd(1024, 'a')),
    refused('invalid-response', /larger than 16 KiB/),
  ),
  message('a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', NOT_HTTP),
  message('a status with letters', 'HTTP/1.1 2OO OK\r\n\r\n', NOT_HTTP),
  message('a negative status', 'HTTP/1.1 -20 OK\r\n\r\n', NOT_HTTP),
  message('status 000', 'HTTP/1.1 000 X\r\ncontent-length: 0\r\n\r\n', NOT_HTTP),
  message('status 999', 'HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n', refused('status', /answered 999$/)),
  message(
    'a redirect to the metadata address',
    'HTTP/1.1 302 X\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n',
    refused('status', /answered 302$/),
  ),
  message(
    'a redirect by Refresh',
    `${OK}refresh: 0; url=http://169.254.169.254/\r\ncontent-length: 4\r\n\r\nfine`,
    SPOKEN,
  ),
  message(
    'a demand for credentials',
    'HTTP/1.1 401 X\r\nwww-authenticate: Basic realm="x"\r\ncontent-length: 0\r\n\r\n',
    refused('status', /answered 401$/),
  ),
  message(
    'a demand for proxy credentials',
    'HTTP/1.1 407 X\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n',
    refused('status', /answered 407$/),
  ),
  message(
    '1xx without end',
    (socket) => pour(socket, 'HTTP/1.1 103 X\r\n\r\n'),
    refused('invalid-response', /more than 32 interim answers/),
  ),
  message(
    '101 to HTTP/2',
    'HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
    refused('invalid-response', /switched protocols/),
  ),
  message(
    '16,000 fields of one byte',
    `${OK}${'a:\r\n'.repeat(16_000)}content-length: 4\r\n\r\nfine`,
    refused('invalid-response', /larger than 16 KiB/),
  ),
  message(
    'fields without end',
    (socket) => pour(socket, `${OK}${'a: b\r\n'.repeat(300)}`),
    refused('invalid-response', /./),
  ),
  message(
    'white space of a field without end',
    (socket) => {
      socket.write(`${OK}a:`)
      pour(socket, ' '.repeat(1024))
    },
    refused('invalid-response', /larger than 16 KiB/),
  ),
  message(
    'a name of 20 KiB',
    `${OK}${'a'.repeat(20_480)}: b\r\n\r\n`,
    refused('invalid-response', /larger than 16 KiB/),
  ),
  message('a folded field', `${OK}x-a: b\r\n c: d\r\ncontent-length: 4\r\n\r\nfine`, NOT_HTTP),
  message('a bare CR in a field', `${OK}x-a: b\rx-c: d\r\n\r\n`, NOT_HTTP),
  message('a bare LF in a field', `${OK}x-a: b\nx-c: d\r\ncontent-length: 4\r\n\r\nfine`, NOT_HTTP),
  message('NUL in a value', `${OK}x-a: b\0c\r\ncontent-length: 4\r\n\r\nfine`, NOT_HTTP),
  message('NUL in a name', `${OK}x\0a: b\r\n\r\n`, NOT_HTTP),
  message('a space before the colon', `${OK}content-length : 4\r\n\r\nfine`, NOT_HTTP),
  message('an empty name', `${OK}: b\r\n\r\n`, NOT_HTTP),
  message('no space in the status line', 'HTTP/1.1200 OK\r\n\r\n', NOT_HTTP),
  message(
    'two types',
    `${OK}content-type: text/html\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\nfine`,
    refused('invalid-response', /two types \(content-type: text\/html and application\/json\)/),
  ),
  message(
    'the same type twice',
    `${OK}content-type: text/plain\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nfine`,
    SPOKEN,
  ),
  message('a field called __proto__', `${OK}__proto__: x\r\nconstructor: y\r\ncontent-length: 4\r\n\r\nfine`, SPOKEN),
  message('cookies by the dozen', `${OK}${'set-cookie: a=b\r\n'.repeat(100)}content-length: 4\r\n\r\nfine`, SPOKEN),
]

const BODIES: readonly HostileAnswer[] = [
  message('gzip', `${OK}content-encoding: gzip\r\ncontent-length: 4\r\n\r\nfine`, ENCODED('content-encoding: gzip')),
  message(
    'a bomb of 50 MiB in gzip',
    (socket) => {
      socket.write(`${OK}content-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n`)
      socket.write(BOMB)
    },
    ENCODED('content-encoding: gzip'),
  ),
  message('the same bomb undeclared', withBody(BOMB), refused('invalid-response', /not valid utf-8/)),
  ...['deflate', 'br', 'zstd', 'x-gzip', 'GZIP', 'gzip, gzip', 'identity, gzip', 'aes128gcm'].map((encoding) =>
    message(
      `content-encoding ${encoding}`,
      `${OK}content-encoding: ${encoding}\r\ncontent-length: 4\r\n\r\nfine`,
      ENCODED(`content-encoding: ${/(?:.*, )?(.*)/.exec(encoding.toLowerCase())?.[1]}`),
    ),
  ),
  message(
    'gzip in a second field behind identity',
    `${OK}content-encoding: identity\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nfine`,
    ENCODED('content-encoding: gzip'),
  ),
  message(
    'identity, named twice',
    `${OK}content-encoding: identity, identity\r\ncontent-length: 4\r\n\r\nfine`,
    SPOKEN,
  ),
  message(
    'gzip as transfer-encoding',
    `${OK}transfer-encoding: gzip, chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n`,
    ENCODED('transfer-encoding: gzip'),
  ),
  message(
    'chunked that is not last',
    `${OK}transfer-encoding: chunked, gzip\r\n\r\n4\r\nfine\r\n0\r\n\r\n`,
    refused('invalid-response', /./),
  ),
  message(
    'a transfer-encoding that nobody knows',
    `${OK}transfer-encoding: xchunked\r\n\r\nfine`,
    refused('invalid-response', /xchunked|HTTP/),
    'end',
  ),
  message(
    'a content-length behind chunks',
    `${OK}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n4\r\nfine\r\n0\r\n\r\n`,
    refused('invalid-response', /content-length|Content-Length/),
  ),
  message('a negative content-length', `${OK}content-length: -4\r\n\r\nfine`, NOT_HTTP),
  message('a content-length with a sign', `${OK}content-length: +4\r\n\r\nfine`, NOT_HTTP),
  message('a content-length in hexadecimal', `${OK}content-length: 0x4\r\n\r\nfine`, NOT_HTTP),
  message(
    'two lengths in one field',
    `${OK}content-length: 4, 5\r\n\r\nfine!`,
    refused('invalid-response', /content-length/),
  ),
  message(
    'a content-length beyond 64 bits',
    `${OK}content-length: 99999999999999999999\r\n\r\nfine`,
    refused('invalid-response', /content-length/),
  ),
  message(
    'a content-length beyond 53 bits',
    `${OK}content-length: 9007199254740993\r\n\r\nfine`,
    refused('response-too-large', /65536 are read/),
  ),
  message('a negative chunk size', `${CHUNKED}-4\r\nfine\r\n0\r\n\r\n`, NOT_HTTP),
  message('a chunk size with 0x', `${CHUNKED}0x4\r\nfine\r\n0\r\n\r\n`, NOT_HTTP),
  message('a chunk size beyond 64 bits', `${CHUNKED}fffffffffffffffff\r\nfine`, NOT_HTTP),
  message('an empty chunk size', `${CHUNKED}\r\nfine\r\n0\r\n\r\n`, NOT_HTTP),
  message('a chunk size that ends in LF alone', `${CHUNKED}4\nfine\r\n0\r\n\r\n`, NOT_HTTP),
  message(
    'a chunk that announces gigabytes',
    `${CHUNKED}7fffffff\r\n${'x'.repeat(70_000)}`,
    refused('response-too-large', /more than 65536 bytes/),
  ),
  message(
    'a chunk extension without end',
    (socket) => {
      socket.write(`${CHUNKED}4;a=`)
      pour(socket, 'b'.repeat(1024))
    },
    refused('response-too-large', /more than 128 KiB on the wire/),
  ),
  message(
    'one-byte chunks with 40 bytes of extension each',
    (socket) => pour(socket, `${CHUNKED}${`1;${'x'.repeat(40)}\r\nx\r\n`.repeat(30_000)}`),
    refused('response-too-large', /more than 128 KiB on the wire/),
  ),
  message('chunks of one byte', `${CHUNKED}${[...'fine'].map((byte) => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n`, SPOKEN),
  message(
    'trailers without end',
    (socket) => {
      socket.write(`${CHUNKED}4\r\nfine\r\n0\r\n`)
      pour(socket, 'x-a: bbbbbbbb\r\n'.repeat(100))
    },
    refused('response-too-large', /more than 128 KiB on the wire/),
  ),
  message(
    'trailers that claim a length and an encoding',
    `${CHUNKED}4\r\nfine\r\n0\r\ncontent-encoding: gzip\r\nstatus: 500\r\n\r\n`,
    SPOKEN,
  ),
  message(
    'an answer that ends with the connection and never does',
    (socket) => pour(socket, `${OK}\r\n${'x'.repeat(1024)}`),
    refused('response-too-large', /more than 65536 bytes/),
  ),
  {
    name: 'a body that drips for ever',
    reading: 'short',
    answer: (socket) => drip(socket, `${OK}content-length: 60000\r\n\r\n`, 'x'),
    decision: refused('response-timeout', /not complete within 250 ms/),
  },
  {
    name: 'a head that drips for ever',
    reading: 'short',
    answer: (socket) => drip(socket, OK, 'x-a: b\r\n'),
    decision: refused('response-timeout', /no answer within 250 ms/),
  },
  {
    name: 'chunks that drip for ever',
    reading: 'short',
    answer: (socket) => drip(socket, CHUNKED, '1\r\nx\r\n'),
    decision: refused('response-timeout', /not complete within 250 ms/),
  },
  {
    name: 'interim answers that drip for ever',
    reading: 'short',
    answer: (socket) => drip(socket, '', 'HTTP/1.1 102 X\r\n\r\n', 25),
    decision: refused('response-timeout', /no answer within 250 ms/),
  },
  {
    name: 'a status and then nothing, where the status decides',
    reading: 'status',
    answer: `${OK}content-length: 9\r\n\r\n`,
    decision: { kind: 'continue' },
  },
  {
    name: 'a status and a stream without end, where the status decides',
    reading: 'status',
    answer: (socket) => pour(socket, `${OK}\r\n${'x'.repeat(1024)}`),
    decision: { kind: 'continue' },
  },
]

const AFTER_THE_ANSWER: readonly HostileAnswer[] = [
  message('a second answer behind the first', FINE + FINE, SPOKEN),
  message('rubbish behind the answer', `${FINE}rubbish`, SPOKEN),
  message(
    'a bodiless answer with a body',
    `HTTP/1.1 204 X\r\ncontent-length: 4\r\n\r\nfine`,
    refused('invalid-response', /nothing to say/),
  ),
  message(
    'an answer in pieces of one byte',
    (socket) => {
      for (const byte of FINE) socket.write(byte)
    },
    SPOKEN,
  ),
]

let answers: AnswerWorld
const unhandled: unknown[] = []
const onUnhandled = (reason: unknown): void => void unhandled.push(reason)

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled)
  answers = await startAnswers()
})

afterAll(async () => {
  await answers[Symbol.asyncDispose]()
  process.off('unhandledRejection', onUnhandled)
})

describe.each([
  ['head', HEADS],
  ['body', BODIES],
  ['end', AFTER_THE_ANSWER],
])('An answer with a hostile %s', (_, rows) => {
  test.each(rows)('is judged, and the next one read: $name', async (row) => {
    expect(await answers.decide(row)).toMatchObject(row.decision)
    await answers.recovers()
    await answers.recovers()
  })
})

describe('After all of them', () => {
  test('nothing was thrown that nobody handled, and nothing logged as an error', () => {
    expect(unhandled).toEqual([])
    expect(answers.errors).toEqual([])
  })

  test('each again and again leaves no memory and no connection behind', async () => {
    // What waits for a time limit would make this long, and holds nothing else than the others.
    const rows = [...HEADS, ...BODIES, ...AFTER_THE_ANSWER].filter(({ reading }) => reading === 'message')
    const round = async (): Promise<number> => {
      for (const row of rows) await answers.decide(row)
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    await round()
    const before = await round()
    await round()
    expect((await round()) - before).toBeLessThan(MOST_GROWTH_BYTES)
    await answers.recovers()
    expect(answers.server.sockets.size).toBeLessThanOrEqual(2)
  }, 120_000)
})

describe('A server that answers before it was asked', () => {
  const ask = async (server: RawServer, body: string): Promise<string> => {
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    return textOf(await exchange(transport, server.endpoint, { body }))
  }

  test.each([
    ['a whole answer before any request', FINE],
    ['half a head before any request', OK],
    ['rubbish before any request', 'rubbish\r\n\r\n'],
  ])('with %s never has it taken for another request', async (_, early) => {
    await using server = await startServer({
      onConnection: (socket) => void socket.write(early),
      onRequest: (socket) => void socket.write(answerOf('asked for')),
    })
    // Whether it comes before or behind the request is a race; what was asked for is never given to anybody else.
    expect(await ask(server, 'x')).toMatch(/^(fine|connection: |invalid-response: )/)
  })
})

function drip(socket: Socket, head: string, piece: string, everyMs = 10): void {
  socket.write(head)
  const timer = setInterval(() => socket.write(piece), everyMs)
  socket.once('close', () => clearInterval(timer))
}
