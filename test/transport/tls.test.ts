/** HTTPS: what is verified, what each failure is called, and that sessions are taken up again. */
import { readFileSync } from 'node:fs'
import type { TLSSocket, TlsOptions } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { Transport } from '../../src/transport/transport.ts'
import { answering, answerOf, exchange, loopback, startServer, textOf } from './raw-server.ts'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const certificate = (name: string): TlsOptions => ({ cert: fixture(`${name}.crt`), key: fixture(`${name}.key`) })

/** Trusts the tests' authority and finds every name on this machine. */
const trusting = () =>
  new Transport({
    maxConnectionsPerEndpoint: 4,
    extraAuthorities: [fixture('ca.crt')],
    dns: {
      resolver: (_hostname, done) => done({ kind: 'resolved', addresses: [{ address: '127.0.0.1', family: 4 }] }),
    },
  })

describe('HTTPS', () => {
  test.each(['hooks.test', '127.0.0.1'])('works with a good certificate for %s', async (host) => {
    await using server = await startServer(answering(answerOf('fine')), certificate('good'))
    await using transport = trusting()
    const result = await exchange(transport, loopback(`https://${host}:${server.port}`))
    expect(textOf(result)).toBe('fine')
    expect(result.phases.tlsMs).toBeGreaterThan(0)
    expect(textOf(await exchange(transport, loopback(`https://${host}:${server.port}`)))).toBe('fine')
    expect(server.accepted()).toBe(1)
  })

  test.each([
    ['hooks.test', 'hooks.test'],
    ['127.0.0.1', false],
  ])('to %s names %s as the server that is meant', async (host, servername) => {
    const names: unknown[] = []
    await using server = await startServer(
      { ...answering(answerOf('fine')), onConnection: (socket) => void names.push((socket as TLSSocket).servername) },
      certificate('good'),
    )
    await using transport = trusting()
    await exchange(transport, loopback(`https://${host}:${server.port}`))
    expect(names).toEqual([servername])
  })

  test.each([
    ['self-signed', /self-signed certificate \(DEPTH_ZERO_SELF_SIGNED_CERT\)/],
    ['expired', /certificate has expired \(CERT_HAS_EXPIRED\)/],
    ['wrong-host', /hooks\.test.*\(ERR_TLS_CERT_ALTNAME_INVALID\)/],
  ])('with a certificate that is %s gives tls', async (name, detail) => {
    await using server = await startServer(answering(answerOf('fine')), certificate(name))
    await using transport = trusting()
    const endpoint = loopback(`https://hooks.test:${server.port}`)
    for (let index = 0; index < 2; index += 1) {
      expect(await exchange(transport, endpoint)).toMatchObject({
        kind: 'failed',
        reason: 'tls',
        detail: expect.stringMatching(detail),
        status: 0,
      })
    }
    expect(server.requests).toEqual([])
  })

  test('with an authority that is not trusted gives tls', async () => {
    await using server = await startServer(answering(answerOf('fine')), certificate('good'))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const endpoint = loopback(`https://127.0.0.1:${server.port}`)
    expect(await exchange(transport, endpoint)).toMatchObject({
      reason: 'tls',
      detail: expect.stringContaining('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    })
  })

  test('with a server that knows TLS 1.1 at most gives tls', async () => {
    await using server = await startServer(answering(answerOf('fine')), {
      ...certificate('good'),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    await using transport = trusting()
    expect(await exchange(transport, loopback(`https://hooks.test:${server.port}`))).toMatchObject({ reason: 'tls' })
  })

  test('with a server that knows TLS 1.2 at most works', async () => {
    await using server = await startServer(answering(answerOf('fine')), {
      ...certificate('good'),
      maxVersion: 'TLSv1.2',
    })
    await using transport = trusting()
    expect(textOf(await exchange(transport, loopback(`https://hooks.test:${server.port}`)))).toBe('fine')
  })

  test('on a port that speaks plain HTTP gives tls and says so', async () => {
    await using server = await startServer({
      onConnection: (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    })
    await using transport = trusting()
    expect(await exchange(transport, loopback(`https://hooks.test:${server.port}`))).toMatchObject({
      reason: 'tls',
      detail: expect.stringMatching(/wrong version number.*the port does not speak TLS/i),
    })
  })

  test('to a server that hangs up in the handshake gives connection', async () => {
    await using server = await startServer({ onConnection: (socket) => void socket.once('data', () => socket.end()) })
    await using transport = trusting()
    expect(await exchange(transport, loopback(`https://hooks.test:${server.port}`))).toMatchObject({
      reason: 'connection',
      detail: 'the connection to hooks.test ended during the TLS handshake (ECONNRESET)',
    })
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('takes up the last session again (%s)', async (maxVersion) => {
    const reused: boolean[] = []
    const answer = 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nfine'
    await using server = await startServer(
      { ...answering(answer), onConnection: (socket) => void reused.push((socket as TLSSocket).isSessionReused()) },
      { ...certificate('good'), maxVersion },
    )
    await using transport = trusting()
    for (let index = 0; index < 3; index += 1) {
      expect(textOf(await exchange(transport, loopback(`https://hooks.test:${server.port}`)))).toBe('fine')
    }
    expect(reused).toEqual([false, true, true])
  })
})
