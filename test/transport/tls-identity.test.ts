/** A webhook's own TLS settings: the authorities that it trusts, the certificate that it shows, the name that it expects. */
import { readFileSync } from 'node:fs'
import type { TLSSocket, TlsOptions } from 'node:tls'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Endpoint, TlsIdentity } from '../../src/model/webhook.ts'
import { Transport } from '../../src/transport/transport.ts'
import { answering, answerOf, exchange, loopback, startServer, textOf } from './raw-server.ts'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const certificate = (name: string): TlsOptions => ({ cert: fixture(`${name}.crt`), key: fixture(`${name}.key`) })

const PRIVATE_CA: TlsIdentity = { ca: fixture('private-ca.crt') }
const CLIENT: TlsIdentity = { ...PRIVATE_CA, cert: fixture('client.crt'), key: fixture('client.key') }
const STRANGER: TlsIdentity = { ...PRIVATE_CA, cert: fixture('self-signed.crt'), key: fixture('self-signed.key') }

/** A server that wants a certificate of the second authority from its clients. */
const DEMANDING: TlsOptions = {
  ...certificate('private'),
  ca: fixture('private-ca.crt'),
  requestCert: true,
  rejectUnauthorized: true,
}

/** Finds every name on this machine. */
const transportTrusting = (...extraAuthorities: string[]) =>
  new Transport({
    maxConnectionsPerEndpoint: 4,
    extraAuthorities,
    dns: {
      resolver: (_hostname, done) => done({ kind: 'resolved', addresses: [{ address: '127.0.0.1', family: 4 }] }),
    },
  })

const endpoint = (port: number, tls: TlsIdentity, host = 'hooks.test'): Endpoint => ({
  ...loopback(`https://${host}:${port}`),
  tls,
})

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('A webhook’s own authority', () => {
  test.each(['hooks.test', '127.0.0.1'])('makes the certificate of %s good', async (host) => {
    await using server = await startServer(answering(answerOf('fine')), certificate('private'))
    await using transport = transportTrusting()
    expect(textOf(await exchange(transport, endpoint(server.port, PRIVATE_CA, host)))).toBe('fine')
  })

  test('is trusted by this webhook alone', async () => {
    await using server = await startServer(answering(answerOf('fine')), certificate('private'))
    await using transport = transportTrusting()
    expect(textOf(await exchange(transport, endpoint(server.port, PRIVATE_CA)))).toBe('fine')
    expect(await exchange(transport, loopback(`https://hooks.test:${server.port}`))).toMatchObject({ reason: 'tls' })
  })

  test('is the only one that this webhook trusts', async () => {
    await using server = await startServer(answering(answerOf('fine')), certificate('good'))
    await using transport = transportTrusting(fixture('ca.crt'))
    expect(textOf(await exchange(transport, loopback(`https://hooks.test:${server.port}`)))).toBe('fine')
    expect(await exchange(transport, endpoint(server.port, PRIVATE_CA))).toMatchObject({
      reason: 'tls',
      detail: expect.stringContaining('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    })
  })

  test.each([
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('does not make a certificate good that is %s', async (name, code) => {
    await using server = await startServer(answering(answerOf('fine')), certificate(name))
    await using transport = transportTrusting()
    const target = endpoint(server.port, { ca: fixture('ca.crt') })
    expect(await exchange(transport, target)).toMatchObject({ reason: 'tls', detail: expect.stringContaining(code) })
    expect(server.requests).toEqual([])
  })

  test('makes no exception from TLS 1.2', async () => {
    await using server = await startServer(answering(answerOf('fine')), {
      ...certificate('private'),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    await using transport = transportTrusting()
    expect(await exchange(transport, endpoint(server.port, PRIVATE_CA))).toMatchObject({ reason: 'tls' })
  })

  test('that is no certificate gives tls', async () => {
    await using server = await startServer(answering(answerOf('fine')), certificate('good'))
    await using transport = transportTrusting()
    expect(await exchange(transport, endpoint(server.port, { ...CLIENT, key: 'no key' }))).toMatchObject({
      reason: 'tls',
      detail: expect.stringContaining("the configured certificates can't be used"),
    })
  })
})

describe('Verification', () => {
  test('is not switched off by the environment', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    await using server = await startServer(answering(answerOf('fine')), certificate('self-signed'))
    await using transport = transportTrusting()
    expect(await exchange(transport, loopback(`https://hooks.test:${server.port}`))).toMatchObject({ reason: 'tls' })
    expect(server.requests).toEqual([])
  })
})

describe('The expected name', () => {
  test('takes the place of the host, in the certificate and in what the server is told', async () => {
    const names: unknown[] = []
    await using server = await startServer(
      { ...answering(answerOf('fine')), onConnection: (socket) => void names.push((socket as TLSSocket).servername) },
      certificate('wrong-host'),
    )
    await using transport = transportTrusting(fixture('ca.crt'))
    for (const host of ['hooks.test', '127.0.0.1']) {
      expect(textOf(await exchange(transport, endpoint(server.port, { serverName: 'other.test' }, host)))).toBe('fine')
    }
    expect(names).toEqual(['other.test', 'other.test'])
    expect(server.requests[0]).toContain(`\r\nhost: hooks.test:${server.port}\r\n`)
  })

  test('is the only one that counts', async () => {
    await using server = await startServer(answering(answerOf('fine')), certificate('good'))
    await using transport = transportTrusting(fixture('ca.crt'))
    expect(await exchange(transport, endpoint(server.port, { serverName: 'other.test' }))).toMatchObject({
      reason: 'tls',
      detail: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    })
  })

  test('of a host with a dot at its end has none', async () => {
    const names: unknown[] = []
    await using server = await startServer(
      { ...answering(answerOf('fine')), onConnection: (socket) => void names.push((socket as TLSSocket).servername) },
      certificate('good'),
    )
    await using transport = transportTrusting(fixture('ca.crt'))
    expect(textOf(await exchange(transport, loopback(`https://hooks.test.:${server.port}`)))).toBe('fine')
    expect(names).toEqual(['hooks.test'])
  })
})

describe('A server that demands a certificate', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('is shown the webhook’s own (%s)', async (maxVersion) => {
    const clients: string[] = []
    await using server = await startServer(
      {
        ...answering(answerOf('fine')),
        onConnection: (socket) => void clients.push(String((socket as TLSSocket).getPeerCertificate().subject.CN)),
      },
      { ...DEMANDING, maxVersion },
    )
    await using transport = transportTrusting()
    expect(textOf(await exchange(transport, endpoint(server.port, CLIENT)))).toBe('fine')
    expect(clients).toEqual(['switchhook'])
  })

  test.each([
    ['none', 'TLSv1.2', PRIVATE_CA],
    ['none', 'TLSv1.3', PRIVATE_CA],
    ['a stranger’s', 'TLSv1.2', STRANGER],
    ['a stranger’s', 'TLSv1.3', STRANGER],
  ] as const)('and is shown %s (%s) gets no request', async (_whose, maxVersion, tls) => {
    await using server = await startServer(answering(answerOf('fine')), { ...DEMANDING, maxVersion })
    await using transport = transportTrusting()
    const result = await exchange(transport, endpoint(server.port, tls))
    expect(result).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/^(?:tls|connection)$/) })
    expect(server.requests).toEqual([])
  })
})

describe('Connections', () => {
  const of = (port: number, changes: Partial<Endpoint>): Endpoint => ({
    ...endpoint(port, PRIVATE_CA),
    // The same id on purpose: what is shared must not depend on how ids are made.
    id: 'same',
    ...changes,
  })

  test.each<[what: string, changes: Partial<Endpoint>]>([
    ['authorities', { tls: { ca: `${PRIVATE_CA.ca}${fixture('ca.crt')}` } }],
    ['certificates', { tls: CLIENT }],
    ['expected names', { tls: { ...PRIVATE_CA, serverName: 'hooks.test' } }],
    ['permitted ranges', { allow: ['127.0.0.0/16'] }],
  ])('are not shared by webhooks with different %s', async (_what, changes) => {
    await using server = await startServer(answering(answerOf('fine')), certificate('private'))
    await using transport = transportTrusting()
    for (const target of [of(server.port, {}), of(server.port, changes), of(server.port, {})]) {
      expect(textOf(await exchange(transport, target))).toBe('fine')
    }
    expect(server.accepted()).toBe(2)
    expect(transport.stats().pools).toBe(2)
  })

  test('of a range that is permitted no more are not used again', async () => {
    await using server = await startServer(answering(answerOf('fine')), certificate('private'))
    await using transport = transportTrusting()
    expect(textOf(await exchange(transport, of(server.port, {})))).toBe('fine')
    expect(await exchange(transport, of(server.port, { allow: [] }))).toMatchObject({ reason: 'address-refused' })
  })

  test('are shared by webhooks that have all of it in common', async () => {
    await using server = await startServer(answering(answerOf('fine')), certificate('private'))
    await using transport = transportTrusting()
    for (let index = 0; index < 3; index += 1) {
      expect(textOf(await exchange(transport, of(server.port, { tls: { ...PRIVATE_CA } })))).toBe('fine')
    }
    expect(server.accepted()).toBe(1)
    expect(transport.stats().pools).toBe(1)
  })
})
