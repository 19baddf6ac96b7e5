/** Requests through an egress proxy: what it is asked, that the guard still rules, what its failures are called, what it never tells. */
import { readFileSync } from 'node:fs'
import type { TlsOptions } from 'node:tls'
import { describe, expect, test } from 'vitest'
import type { EgressProxy, Endpoint } from '../../src/model/webhook.ts'
import { Transport } from '../../src/transport/transport.ts'
import { startNameServer, transportAsking } from './name-server.ts'
import { type OnConnect, type ProxyServer, startProxy } from './proxy-server.ts'
import { answering, answerOf, exchange, loopback, startServer, textOf } from './raw-server.ts'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const certificate = (name: string): TlsOptions => ({ cert: fixture(`${name}.crt`), key: fixture(`${name}.key`) })

const through = (proxy: { readonly port: number }, origin: string, changes: Partial<EgressProxy> = {}): Endpoint => ({
  ...loopback(origin),
  proxy: { origin: `http://127.0.0.1:${proxy.port}`, connectBy: 'address', ...changes },
})

const create = () => new Transport({ maxConnectionsPerEndpoint: 4, extraAuthorities: [fixture('ca.crt')] })

describe('Through a proxy', () => {
  test.each([
    ['http', undefined],
    ['https', certificate('good')],
  ])('an %s request arrives whole and is answered', async (scheme, tls) => {
    await using server = await startServer(answering(answerOf('fine')), tls)
    await using proxy = await startProxy()
    await using transport = create()
    const origin = `${scheme}://127.0.0.1:${server.port}`
    const result = await exchange(transport, through(proxy, origin))
    expect(textOf(result)).toBe('fine')
    expect(result.phases.connectMs).toBeGreaterThan(0)
    expect(proxy.heads).toEqual([`CONNECT 127.0.0.1:${server.port} HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\n\r\n`])
    expect(server.requests[0]).toMatch(/^POST \/hook\?a=1 HTTP\/1\.1\r\n/)
  })

  test.each([
    ['http', undefined],
    ['https', certificate('good')],
  ])('an %s connection is kept and used again', async (scheme, tls) => {
    await using server = await startServer(answering(answerOf('fine')), tls)
    await using proxy = await startProxy()
    await using transport = create()
    const endpoint = through(proxy, `${scheme}://127.0.0.1:${server.port}`)
    for (let index = 0; index < 3; index += 1) expect(textOf(await exchange(transport, endpoint))).toBe('fine')
    expect(proxy.accepted()).toBe(1)
    await transport.close(0)
    await proxy.empty()
    await server.empty()
  })

  test.each(['http', 'https'])('that itself speaks TLS, an %s request arrives', async (scheme) => {
    await using server = await startServer(
      answering(answerOf('fine')),
      scheme === 'https' ? certificate('good') : undefined,
    )
    await using proxy = await startProxy(undefined, certificate('private'))
    await using transport = create()
    const settings = { origin: `https://127.0.0.1:${proxy.port}`, ca: fixture('private-ca.crt') }
    const endpoint = through(proxy, `${scheme}://127.0.0.1:${server.port}`, settings)
    expect(textOf(await exchange(transport, endpoint))).toBe('fine')
    await transport.close(0)
    await proxy.empty()
    await server.empty()
  })

  test('that is known by name, the name is looked up and remembered', async () => {
    await using server = await startServer(answering(answerOf('fine', ['connection: close'])))
    await using proxy = await startProxy()
    await using names = await startNameServer({ 'proxy.test': ['127.0.0.1'] }, 60)
    await using transport = transportAsking(names)
    const endpoint = through(proxy, server.endpoint.origin, { origin: `http://proxy.test:${proxy.port}` })
    for (let index = 0; index < 2; index += 1) expect(textOf(await exchange(transport, endpoint))).toBe('fine')
    expect(names.questions.toSorted()).toEqual(['A proxy.test', 'AAAA proxy.test'])
    expect(proxy.accepted()).toBe(2)
  })

  test('that asks for credentials, they stand in the CONNECT and nowhere else', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    await using proxy = await startProxy()
    await using transport = create()
    const endpoint = through(proxy, server.endpoint.origin, { credentials: 'switch:p:ä' })
    expect(textOf(await exchange(transport, endpoint))).toBe('fine')
    const encoded = Buffer.from('switch:p:ä').toString('base64')
    expect(proxy.heads[0]).toContain(`\r\nproxy-authorization: Basic ${encoded}\r\n`)
    expect(server.requests[0]).not.toContain('proxy')
  })

  test.each([
    ['address', '127.0.0.1'],
    ['name', 'hooks.test'],
  ] as const)('that is to connect by %s, it is asked for %s', async (connectBy, host) => {
    await using names = await startNameServer({ 'hooks.test': ['127.0.0.1'] })
    await using server = await startServer(answering(answerOf('fine')))
    await using proxy = await startProxy((client) => {
      client.on('data', () => client.write(answerOf('by proxy')))
      client.write('HTTP/1.1 200 OK\r\nvia: a\r\n\r\n')
      return undefined
    })
    await using transport = transportAsking(names)
    const endpoint = through(proxy, `http://hooks.test:${server.port}`, { connectBy })
    expect(textOf(await exchange(transport, endpoint))).toBe('by proxy')
    expect(proxy.heads[0]).toMatch(`CONNECT ${host}:${server.port} HTTP/1.1\r\nhost: ${host}:${server.port}\r\n`)
  })

  test('an IPv6 address is asked for in brackets', async () => {
    await using proxy = await startProxy((client) => void client.end('HTTP/1.1 503 No\r\n\r\n'))
    await using transport = create()
    await exchange(transport, through(proxy, 'http://[::1]:81'))
    expect(proxy.heads[0]).toMatch('CONNECT [::1]:81 HTTP/1.1\r\nhost: [::1]:81\r\n')
  })

  test('the next address is asked for when it can’t connect to one', async () => {
    await using names = await startNameServer({ 'hooks.test': ['127.0.0.2', '127.0.0.1'] })
    await using server = await startServer(answering(answerOf('fine')))
    await using proxy = await startProxy()
    await using transport = transportAsking(names)
    expect(textOf(await exchange(transport, through(proxy, `http://hooks.test:${server.port}`)))).toBe('fine')
    expect(proxy.heads).toHaveLength(2)
  })

  test('interim answers to CONNECT are skipped', async () => {
    await using proxy = await startProxy((client) => {
      client.on('data', () => client.write(answerOf('fine')))
      client.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200')
      setImmediate(() => client.write(' OK\r\n\r\n'))
      return undefined
    })
    await using transport = create()
    expect(textOf(await exchange(transport, through(proxy, 'http://127.0.0.1:81')))).toBe('fine')
  })
})

describe('A proxy', () => {
  const SECRET = 'switch:swordfish'
  const saying =
    (answer: string): OnConnect =>
    (client) => {
      client.end(answer)
      return undefined
    }

  test.each<[what: string, onConnect: OnConnect, detail: string]>([
    [
      'that wants other credentials',
      saying('HTTP/1.1 407 Who?\r\nproxy-authenticate: Basic\r\n\r\n'),
      'does not take the credentials that it was given, or was given none (407)',
    ],
    ['that refuses', saying('HTTP/1.1 403 Forbidden\r\n\r\n'), 'refuses to connect to 127.0.0.1:81 (403)'],
    [
      'that redirects',
      saying('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n\r\n'),
      'refuses to connect to 127.0.0.1:81 (302)',
    ],
    ['that reaches nobody', saying('HTTP/1.0 502 Bad Gateway\r\n\r\n'), "can't connect to 127.0.0.1:81 (502)"],
    ['that waits in vain', saying('HTTP/1.1 504\r\n\r\n'), "can't connect to 127.0.0.1:81 (504)"],
    ['that hangs up', saying(''), 'closed the connection before it answered CONNECT'],
    [
      'that breaks the connection',
      (client) => void client.resetAndDestroy(),
      'ended the connection before it answered CONNECT: read ECONNRESET',
    ],
    ['that speaks something else', saying('SSH-2.0-OpenSSH\r\n\r\n'), 'gave an answer to CONNECT that is not HTTP/1.1'],
    [
      'that says far too much',
      (client) => void client.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(17_000)}`),
      'gave an answer to CONNECT whose header fields are larger than 16 KiB',
    ],
    [
      'that answers in the server’s place',
      (client) => void client.write(`HTTP/1.1 200 OK\r\n\r\n${answerOf('forged')}`),
      'sent data before anything was asked of the server',
    ],
  ])('%s gives connection', async (_what, onConnect, detail) => {
    await using proxy = await startProxy(onConnect)
    await using transport = create()
    const result = await exchange(transport, through(proxy, 'https://127.0.0.1:81', { credentials: SECRET }))
    const expected = {
      kind: 'failed',
      reason: 'connection',
      detail: `the proxy http://127.0.0.1:${proxy.port} ${detail}`,
    }
    expect(result).toMatchObject(expected)
    expect(JSON.stringify(result)).not.toMatch(/swordfish|c3dpdGNo/)
    await proxy.empty()
  })

  test('that is not there gives connection', async () => {
    const proxy = await startProxy()
    await proxy[Symbol.asyncDispose]()
    await using transport = create()
    expect(await exchange(transport, through(proxy, 'http://127.0.0.1:81', { credentials: SECRET }))).toMatchObject({
      reason: 'connection',
      detail: `the proxy http://127.0.0.1:${proxy.port} can't be reached: connect ECONNREFUSED 127.0.0.1:${proxy.port}`,
    })
  })

  test('whose name is unknown gives connection', async () => {
    await using names = await startNameServer({})
    await using transport = transportAsking(names)
    const endpoint = through({ port: 1 }, 'http://127.0.0.1:81', { origin: 'http://proxy.test:3128' })
    expect(await exchange(transport, endpoint)).toMatchObject({
      reason: 'connection',
      detail: "the proxy http://proxy.test:3128 can't be reached: proxy.test: there is no such name (ENOTFOUND)",
    })
  })

  test('whose certificate is not trusted gives connection', async () => {
    await using proxy = await startProxy(undefined, certificate('self-signed'))
    await using transport = create()
    const endpoint = through(proxy, 'https://127.0.0.1:81', { origin: `https://127.0.0.1:${proxy.port}` })
    expect(await exchange(transport, endpoint)).toMatchObject({
      reason: 'connection',
      detail: `the proxy https://127.0.0.1:${proxy.port} can't be reached: self-signed certificate`,
    })
    expect(proxy.heads).toEqual([])
  })

  test('that is one of the engine’s own listeners gets no CONNECT', async () => {
    await using proxy = await startProxy()
    await using transport = new Transport({
      maxConnectionsPerEndpoint: 1,
      refusedListeners: [{ address: '127.0.0.1', port: proxy.port }],
    })
    expect(await exchange(transport, through(proxy, 'http://127.0.0.1:81'))).toMatchObject({
      reason: 'connection',
      detail: `the proxy http://127.0.0.1:${proxy.port} is a listener of this engine`,
    })
    expect(proxy.heads).toEqual([])
  })

  test('that never answers ends with the connect limit', async () => {
    await using proxy = await startProxy(() => undefined)
    await using transport = create()
    const endpoint = through(proxy, 'http://127.0.0.1:81')
    expect(await exchange(transport, endpoint, { connectTimeoutMs: 100 })).toMatchObject({
      reason: 'connect-timeout',
      detail: 'no connection to http://127.0.0.1:81 within 100 ms (egress proxy)',
    })
    await proxy.empty()
  })

  test('behind which the server’s TLS never ends ends with the connect limit', async () => {
    await using server = await startServer({ onConnection: () => undefined })
    await using proxy = await startProxy()
    await using transport = create()
    const endpoint = through(proxy, `https://127.0.0.1:${server.port}`)
    expect(await exchange(transport, endpoint, { connectTimeoutMs: 200 })).toMatchObject({
      reason: 'connect-timeout',
      detail: `no connection to https://127.0.0.1:${server.port} within 200 ms (TLS handshake)`,
    })
    await proxy.empty()
  })

  test('behind which the server’s certificate is bad gives tls', async () => {
    await using server = await startServer(answering(answerOf('fine')), certificate('self-signed'))
    await using proxy = await startProxy()
    await using transport = create()
    expect(await exchange(transport, through(proxy, `https://127.0.0.1:${server.port}`))).toMatchObject({
      reason: 'tls',
      detail: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
    })
    await proxy.empty()
  })
})

describe('Behind a proxy the guard', () => {
  const refused = async (proxy: ProxyServer, transport: Transport, endpoint: Endpoint) => {
    const result = await exchange(transport, endpoint)
    expect(result).toMatchObject({ kind: 'failed', reason: 'address-refused' })
    expect(proxy.accepted()).toBe(0)
    return result.kind === 'failed' ? result.detail : ''
  }

  test.each([
    ['http://169.254.169.254', '169.254.169.254 is link-local, where clouds keep their metadata (169.254.0.0/16)'],
    ['https://10.0.0.1', '10.0.0.1 is private (10.0.0.0/8)'],
    ['http://[::ffff:10.0.0.1]', '::ffff:a00:1 is an IPv4-mapped address (::ffff:0:0/96)'],
    [
      'http://metadata.test',
      'metadata.test: 169.254.169.254 is link-local, where clouds keep their metadata (169.254.0.0/16)',
    ],
  ])('refuses %s before the proxy hears of it', async (origin, detail) => {
    await using names = await startNameServer({ 'metadata.test': ['169.254.169.254'] })
    await using proxy = await startProxy()
    await using transport = transportAsking(names)
    expect(await refused(proxy, transport, { ...through(proxy, origin), allow: [] })).toBe(detail)
  })

  test('refuses the engine’s own listeners', async () => {
    await using proxy = await startProxy()
    await using transport = new Transport({
      maxConnectionsPerEndpoint: 1,
      refusedListeners: [{ address: '127.0.0.1', port: 8080 }],
    })
    const detail = await refused(proxy, transport, through(proxy, 'http://127.0.0.1:8080'))
    expect(detail).toBe('127.0.0.1 port 8080 is a listener of this engine')
  })

  test('hands on, of a name with several addresses, only permitted ones', async () => {
    await using names = await startNameServer({ 'mixed.test': ['10.0.0.1', '127.0.0.1', 'fd00::1'] })
    await using server = await startServer(answering(answerOf('fine')))
    await using proxy = await startProxy()
    await using transport = transportAsking(names)
    expect(textOf(await exchange(transport, through(proxy, `http://mixed.test:${server.port}`)))).toBe('fine')
    expect(proxy.heads.map((head) => head.split(' ')[1])).toEqual([`127.0.0.1:${server.port}`])
  })

  test('hands a name on only where all of its addresses are permitted', async () => {
    await using names = await startNameServer({ 'mixed.test': ['127.0.0.1', '10.0.0.1'] })
    await using proxy = await startProxy()
    await using transport = transportAsking(names)
    const detail = await refused(proxy, transport, through(proxy, 'http://mixed.test', { connectBy: 'name' }))
    expect(detail).toBe('mixed.test: 10.0.0.1 is private (10.0.0.0/8)')
  })

  test('lets a name that answers otherwise the second time gain nothing', async () => {
    await using names = await startNameServer({ 'A rebind.test': { inTurn: [['127.0.0.1'], ['10.0.0.1']] } })
    await using server = await startServer(answering(answerOf('fine', ['connection: close'])))
    await using proxy = await startProxy()
    await using transport = transportAsking(names)
    const endpoint = through(proxy, `http://rebind.test:${server.port}`)
    expect(textOf(await exchange(transport, endpoint))).toBe('fine')
    expect(await exchange(transport, endpoint)).toMatchObject({ reason: 'address-refused' })
    expect(proxy.heads).toHaveLength(1)
  })
})
