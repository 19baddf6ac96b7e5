/**
 * Requests that two servers in a row could read differently, and whatever else is not HTTP/1.1: each is answered with a
 * problem and the connection closed, so that nothing hides behind it, and no answer ever overtakes another.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { INVOKED, run, sendRaw } from '../ingress/recording.ts'

const EVENT = '{"type":"t"}'
const HIDDEN = 'GET /hidden HTTP/1.1\r\nhost: localhost\r\n\r\n'

/** A request for an event, its head's last lines given. */
const post = (fields: string, body = ''): string =>
  `POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${fields}\r\n${body}${HIDDEN}`
const get = (fields: string): string => `GET /healthz HTTP/1.1\r\n${fields}\r\n${HIDDEN}`
const chunked = (body: string): string => post('transfer-encoding: chunked\r\n', body)

/** Statuses and names of the problems in whatever came back. */
function answersIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => status ?? '')
}

describe('a request that is not what RFC 9112 has', () => {
  test.each<[name: string, bytes: string, status: number]>([
    ['two different lengths', post('content-length: 12\r\ncontent-length: 0\r\n', EVENT), 400],
    ['the same length twice', post('content-length: 12\r\ncontent-length: 12\r\n', EVENT), 400],
    ['a list of lengths', post('content-length: 12, 12\r\n', EVENT), 400],
    ['a signed length', post('content-length: +12\r\n', EVENT), 400],
    ['a negative length', post('content-length: -1\r\n', EVENT), 400],
    ['a length in hexadecimal', post('content-length: 0xc\r\n', EVENT), 400],
    ['a length beyond 64 bits', post('content-length: 99999999999999999999\r\n', EVENT), 400],
    ['an empty length', post('content-length:\r\n', EVENT), 400],
    ['length and chunks', post('content-length: 12\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'), 400],
    ['chunks and length', post('transfer-encoding: chunked\r\ncontent-length: 12\r\n', '0\r\n\r\n'), 400],
    ['an empty transfer coding beside a length', post('transfer-encoding:\r\ncontent-length: 12\r\n', EVENT), 400],
    ['an unknown transfer coding', post('transfer-encoding: xchunked\r\n', '0\r\n\r\n'), 400],
    ['chunks that are not last', post('transfer-encoding: chunked, identity\r\n', '0\r\n\r\n'), 400],
    ['a coding before the chunks', post('transfer-encoding: gzip, chunked\r\n', '0\r\n\r\n'), 400],
    ['chunks twice', post('transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'), 400],
    ['chunks in HTTP/1.0', chunked('0\r\n\r\n').replace('/v1/events HTTP/1.1', '/v1/events HTTP/1.0'), 400],
    ['a folded field', get('host: localhost\r\nx: a\r\n b\r\n'), 400],
    ['a space before the colon', get('host : localhost\r\n'), 400],
    ['a space before the first field', get(' host: localhost\r\n'), 400],
    ['a field without a colon', get('host: localhost\r\nnothing\r\n'), 400],
    ['a NUL in a field', get('host: localhost\r\nx: a\0b\r\n'), 400],
    ['a bare CR in a field', get('host: localhost\r\nx: a\rb\r\n'), 400],
    ['a bare LF after a field', get('host: localhost\nx: b\r\n'), 400],
    ['a bare LF after the request line', 'GET /healthz HTTP/1.1\nhost: localhost\n\n', 400],
    ['a chunk size in C', chunked('0xc\r\n{"type":"t"}\r\n0\r\n\r\n'), 400],
    ['a chunk size that is no number', chunked('zz\r\n'), 400],
    ['a chunk size beyond 64 bits', chunked('fffffffffffffffff\r\nx\r\n0\r\n\r\n'), 400],
    ['a chunk longer than it says', chunked('1\r\nxx\r\n0\r\n\r\n'), 400],
    ['a bare LF after a chunk size', chunked('c\n{"type":"t"}\r\n0\r\n\r\n'), 400],
    ['a bare LF after a chunk extension', chunked('c;a=b\n{"type":"t"}\r\n0\r\n\r\n'), 400],
    ['endless chunk extensions', chunked(`c;${'a'.repeat(20_000)}\r\n{"type":"t"}\r\n0\r\n\r\n`), 413],
    ['a length in the trailer', chunked('c\r\n{"type":"t"}\r\n0\r\ncontent-length: 5\r\n\r\n'), 400],
    ['no host', get(''), 400],
    ['two hosts', get('host: localhost\r\nhost: evil.example\r\n'), 400],
    ['the same host twice', get('Host: localhost\r\nhost: localhost\r\n'), 400],
    [
      'a target that names another host',
      get('host: localhost\r\n').replace('/healthz', 'http://evil.example/healthz'),
      400,
    ],
    ['a space in the target', get('host: localhost\r\n').replace('/healthz', '/health z'), 400],
    ['bytes beyond ASCII in the target', get('host: localhost\r\n').replace('/healthz', '/h\u00e9'), 400],
    ['a method in lower case', get('host: localhost\r\n').replace('GET', 'get'), 400],
    ['an unknown method', get('host: localhost\r\n').replace('GET', 'SMUGGLE'), 400],
    ['HTTP/2 in clear', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a version to come', get('host: localhost\r\n').replace('HTTP/1.1', 'HTTP/2.0'), 400],
    ['a version that never was', get('host: localhost\r\n').replace('HTTP/1.1', 'HTTP/1.2'), 400],
    ['HTTP/0.9', 'GET /healthz\r\n\r\n', 400],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n', 400],
    ['an expectation that nobody can meet', post('expect: 200-ok\r\ncontent-length: 12\r\n', EVENT), 417],
    ['a target of more than 16 KiB', get('host: localhost\r\n').replace('/healthz', `/${'x'.repeat(16_384)}`), 414],
    ['too many fields', get(`host: localhost\r\n${'a:\r\n'.repeat(100)}`), 431],
    ['far too many fields', get(`host: localhost\r\n${'a:\r\n'.repeat(3000)}`), 431],
    ['fields of more than 32 KiB', get(`host: localhost\r\nx: ${'x'.repeat(33_000)}\r\n`), 431],
  ])('for its %s gets one problem and a closed connection', async (_name, bytes, status) => {
    await using server = await run()
    const answer = await sendRaw(server.url, Buffer.from(bytes, 'latin1'))
    expect(answersIn(answer)).toEqual([String(status)])
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(/\r\ncontent-type: application\/problem\+json/i)
    expect(head).toMatch(/\r\nconnection: close/i)
    expect(JSON.parse(body)).toMatchObject({ status, type: expect.stringMatching(/^urn:switchhook:problem:/) })
    expect(server.engine.accepted).toEqual([])
    // A request whose head could be read is counted as well, as one whose client has gone.
    expect(server.metrics.requests.filter((request) => !request.endsWith('499'))).toHaveLength(1)
  })

  test.each<[name: string, bytes: string]>([
    ['extensions of a chunk', chunked('c;a=b\r\n{"type":"t"}\r\n0\r\n\r\n')],
    ['a trailer', chunked('c\r\n{"type":"t"}\r\n0\r\nx: y\r\n\r\n')],
    ['empty lines before it', `\r\n\r\n${post('content-length: 12\r\n', EVENT)}`],
    ['a target that names this host', post('content-length: 12\r\n', EVENT).replace('/v1', 'http://localhost/v1')],
    ['99 more fields', post(`content-length: 12\r\n${'a:\r\n'.repeat(97)}`, EVENT)],
    ['a tab before a value', chunked('c\r\n{"type":"t"}\r\n0\r\n\r\n').replace('encoding: ', 'encoding:\t')],
  ])('but %s is taken, and what follows is the next request', async (_name, bytes) => {
    await using server = await run()
    const answer = await sendRaw(
      server.url,
      bytes,
      'GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
    )
    expect(answersIn(answer)).toEqual(['202', '404', '200'])
    expect(server.engine.accepted).toHaveLength(1)
  })

  test('and an offer of another protocol is passed over, and ends its connection', async () => {
    await using server = await run()
    const answer = await sendRaw(
      server.url,
      post('connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 12\r\n', EVENT),
    )
    expect(answersIn(answer)).toEqual(['202'])
    expect(server.metrics.requests).toEqual(['POST /v1/events 202'])
  })

  test.each([16_384, 16_385])('has a limit of 16,384 bytes for its target: %i', async (bytes) => {
    await using server = await run()
    const target = '/healthz?'.padEnd(bytes, 'x')
    const answer = await sendRaw(server.url, `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
    expect(answersIn(answer)).toEqual([bytes === 16_384 ? '200' : '414'])
  })
})

describe('what can not be read after a request that can', () => {
  const invoke = 'POST /v1/webhooks/crm/invoke HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n'

  test.each([
    ['rubbish', 'rubbish\r\n\r\n'],
    ['bad chunks', chunked('zz\r\n')],
    ['an attempt to pass through', 'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n'],
    ['an expectation', post('expect: x\r\ncontent-length: 12\r\n', EVENT)],
    ['endless fields', `GET / HTTP/1.1\r\nx: ${'x'.repeat(40_000)}`],
  ])('such as %s is answered only after it', async (_name, rest) => {
    await using server = await run()
    const started = Promise.withResolvers<void>()
    const decided = Promise.withResolvers<typeof INVOKED>()
    server.engine.answerInvoke = () => {
      started.resolve()
      return decided.promise
    }
    const { hostname, port } = new URL(server.url)
    const socket = connect({ host: hostname, port: Number(port) })
    let answer = ''
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    socket.write(invoke + rest)
    const closed = once(socket, 'close')
    await started.promise
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(answer).toBe('')
    decided.resolve(INVOKED)
    await closed
    expect(answersIn(answer)).toEqual(['200', expect.stringMatching(/^4/)])
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/)
  })

  test('waits for all that were asked before', async () => {
    await using server = await run()
    server.engine.answerInvoke = () => new Promise((resolve) => setTimeout(() => resolve(INVOKED), 30))
    const answer = await sendRaw(server.url, `${invoke}${invoke}${invoke}rubbish\r\n\r\n`)
    expect(answersIn(answer)).toEqual(['200', '200', '200', '400'])
  })

  test('gets no second answer where its request was answered already', async () => {
    await using server = await run()
    const head = 'POST /nowhere HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n'
    const { hostname, port } = new URL(server.url)
    const socket = connect({ host: hostname, port: Number(port) })
    let answer = ''
    socket.on('data', (chunk) => {
      answer += String(chunk)
      socket.write('zz\r\n')
    })
    socket.on('error', () => undefined)
    socket.write(head)
    await once(socket, 'close')
    expect(answersIn(answer)).toEqual(['404'])
  })
})
