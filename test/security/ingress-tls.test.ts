/** TLS on the listener: versions, clients' certificates, other certificates while it runs, and plain HTTP beside it. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { mistakesIn } from '../config/check.ts'
import { run, sendRaw } from '../ingress/recording.ts'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const path = (name: string) => new URL(`../fixtures/tls/${name}`, import.meta.url).pathname
const GOOD = { cert: fixture('good.crt'), key: fixture('good.key') }
const CA = fixture('ca.crt')

const listenWith = (tls: { cert: string; key: string; clientCa?: string }) => ({
  listen: { host: '127.0.0.1', port: 0, keepAliveMs: 1000, tls },
})

/** Asks for health; gives the status and the server's certificate. */
async function ask(url: string, options: RequestOptions = {}): Promise<{ status: number; peer: PeerCertificate }> {
  const asked = request(`${url}/healthz`, { ca: CA, agent: false, ...options })
  asked.end()
  const [response] = await once(asked, 'response')
  response.resume()
  const socket: TLSSocket = response.socket
  return { status: response.statusCode, peer: socket.getPeerCertificate() }
}

describe('a listener with certificates', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks HTTP over %s', async (version) => {
    await using server = await run(listenWith(GOOD))
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    expect((await ask(server.url, { minVersion: version, maxVersion: version })).status).toBe(200)
    expect(server.metrics.requests).toEqual(['GET /healthz 200'])
  })

  test('does not speak TLS 1.1', async () => {
    await using server = await run(listenWith(GOOD))
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await expect(ask(server.url, old)).rejects.toThrow(/protocol version|unsupported protocol|EPROTO|ECONNRESET/)
    expect(server.metrics.requests).toEqual([])
  })

  test('offers HTTP/1.1 alone', async () => {
    await using server = await run(listenWith(GOOD))
    const { port } = server.ingress.address()
    const socket = connect({ port, host: '127.0.0.1', ca: CA, ALPNProtocols: ['h2', 'http/1.1'] })
    await once(socket, 'secureConnect')
    expect(socket.alpnProtocol).toBe('http/1.1')
    socket.destroy()
  })

  test('drops plain HTTP, and goes on', async () => {
    await using server = await run(listenWith(GOOD))
    const { port } = server.ingress.address()
    expect(await sendRaw(`http://127.0.0.1:${port}`, 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')).toBe('')
    expect((await ask(server.url)).status).toBe(200)
  })

  test('answers what is no HTTP with a problem', async () => {
    await using server = await run(listenWith(GOOD))
    const { port } = server.ingress.address()
    const socket = connect({ port, host: '127.0.0.1', ca: CA })
    await once(socket, 'secureConnect')
    socket.write('nonsense\r\n\r\n')
    const [chunk] = await once(socket, 'data')
    expect(String(chunk)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  })

  test('ends in time with a client that is still in its handshake', async () => {
    const server = await run(listenWith(GOOD))
    const { port } = server.ingress.address()
    const socket = connectPlain({ port, host: '127.0.0.1' })
    await once(socket, 'connect')
    const closed = once(socket, 'close')
    socket.resume()
    await server.ingress.close(500)
    await closed
  })
})

describe("a listener that asks for clients' certificates", () => {
  const options = listenWith({ ...GOOD, clientCa: CA })
  test.each<[name: string, options: RequestOptions, isIn: boolean]>([
    ['one of its authority', GOOD, true],
    ['none', {}, false],
    ['one that nobody signed', { cert: fixture('self-signed.crt'), key: fixture('self-signed.key') }, false],
    ['one that has expired', { cert: fixture('expired.crt'), key: fixture('expired.key') }, false],
  ])('with %s', async (_name, client, isIn) => {
    await using server = await run(options)
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const asked = ask(server.url, { ...client, minVersion: version, maxVersion: version })
      if (isIn) expect((await asked).status).toBe(200)
      else await expect(asked).rejects.toThrow(/alert|ECONNRESET|socket hang up|disconnected before/)
    }
    expect(server.metrics.requests).toHaveLength(isIn ? 2 : 0)
  })
})

describe('other certificates', () => {
  const OTHER = { cert: fixture('wrong-host.crt'), key: fixture('wrong-host.key') }
  const lax = { rejectUnauthorized: false }

  test('are shown to connections from then on; those that are open go on', async () => {
    await using server = await run(listenWith(GOOD))
    const before = await ask(server.url, lax)
    server.ingress.renew({ tokens: [], tls: OTHER })
    const after = await ask(server.url, lax)
    expect(after.peer.fingerprint256).not.toBe(before.peer.fingerprint256)
    server.ingress.renew({ tokens: [], tls: GOOD })
    expect((await ask(server.url, lax)).peer.fingerprint256).toBe(before.peer.fingerprint256)
  })

  test('never make a listener that asks for certificates let anybody in', async () => {
    await using server = await run(listenWith({ ...GOOD, clientCa: CA }))
    server.ingress.renew({ tokens: [], tls: OTHER })
    await expect(ask(server.url, lax)).rejects.toThrow()
    server.ingress.renew({ tokens: [], tls: { ...OTHER, clientCa: CA } })
    await expect(ask(server.url, lax)).rejects.toThrow()
    expect((await ask(server.url, { ...lax, ...GOOD })).status).toBe(200)
  })

  test('come with other tokens', async () => {
    await using server = await run()
    expect((await fetch(`${server.url}/v1/catalog`)).status).toBe(200)
    const token = { name: 't', secret: 's3cret', may: ['read'], accounts: 'all' } as const
    server.ingress.renew({ tokens: [token] })
    expect((await fetch(`${server.url}/v1/catalog`)).status).toBe(401)
    const headers = { authorization: 'Bearer s3cret' }
    expect((await fetch(`${server.url}/v1/catalog`, { headers })).status).toBe(200)
    server.ingress.renew({ tokens: [{ ...token, secret: 'other' }] })
    expect((await fetch(`${server.url}/v1/catalog`, { headers })).status).toBe(401)
  })
})

describe('listen.tls', () => {
  const tls = (cert: string, key: string, more = '') =>
    mistakesIn(`listen: { tls: { cert: { file: '${path(cert)}' }, key: { file: '${path(key)}' }${more} } }`)

  test.each<[name: string, mistakes: readonly string[], expected: RegExp | undefined]>([
    ['with a certificate and its key', tls('good.crt', 'good.key'), undefined],
    [
      'with an authority for clients',
      tls('good.crt', 'good.key', `, clientCa: { file: '${path('ca.crt')}' }`),
      undefined,
    ],
    ['with the key of another', tls('good.crt', 'expired.key'), /listen\.tls\.key: does not belong to the certificate/],
    ['with a key for a certificate', tls('good.key', 'good.key'), /listen\.tls\.cert: holds no certificate in PEM/],
    ['with a certificate for a key', tls('good.crt', 'good.crt'), /listen\.tls\.key: holds no private key in PEM/],
    [
      'with an authority that is none',
      tls('good.crt', 'good.key', `, clientCa: { file: '${path('make.sh')}' }`),
      /listen\.tls\.clientCa: holds no certificate/,
    ],
    ['without a key', mistakesIn(`listen: { tls: { cert: { file: '${path('good.crt')}' } } }`), /listen\.tls\.key/],
    ['in the file itself', mistakesIn('listen: { tls: { cert: "x", key: "y" } }'), /does not stand in the file itself/],
    ['with a key of ours', tls('good.crt', 'good.key', ', ca: {}'), /listen\.tls\.ca: unknown key/],
  ])('%s', (_name, mistakes, expected) => {
    if (expected === undefined) expect(mistakes).toEqual([])
    else expect(mistakes.join('\n')).toMatch(expected)
    expect(mistakes.join('\n')).not.toContain('MII')
  })
})

describe('auth.tokens', () => {
  test.each<[text: string, expected: RegExp | undefined]>([
    ['{ name: a, secret: { env: TOKEN }, may: [read], rate: 100/s }', undefined],
    ['{ name: a, secret: { env: TOKEN }, may: [read], rate: 1/h }', undefined],
    ['{ name: a, secret: { env: TOKEN }, may: [read], rate: 0/s }', /auth\.tokens\.0\.rate: a rate from 1\/h/],
    ['{ name: a, secret: { env: TOKEN }, may: [read], rate: 100 }', /auth\.tokens\.0\.rate: 100 has no unit/],
    [
      '{ name: a, secret: { env: TOKEN }, may: [read] }, { name: b, secret: { env: TOKEN }, may: [send] }',
      /auth\.tokens\.1\.secret: has the same secret as a: every token needs one of its own$/,
    ],
  ])('%s', (tokens, expected) => {
    const mistakes = mistakesIn(`auth: { tokens: [ ${tokens} ] }`)
    if (expected === undefined) expect(mistakes).toEqual([])
    else expect(mistakes.join('\n')).toMatch(expected)
  })

  test.each([
    ['total: 1', true],
    ['total: 0', false],
    ['perAddress: 1048576', true],
    ['perAddress: 1048577', false],
  ])('listen.connections %s: %s', (text, isRight) => {
    expect(mistakesIn(`listen: { connections: { ${text} } }`).length === 0).toBe(isRight)
  })
})
