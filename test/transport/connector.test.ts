/** From a name to a connection: look-ups, refused addresses, answers that change, several addresses, the engine's own listeners. */
import { describe, expect, test } from 'vitest'
import type { Resolution } from '../../src/transport/resolver.ts'
import { Transport } from '../../src/transport/transport.ts'
import { answering, answerOf, exchange, loopback, startServer, textOf } from './raw-server.ts'

const resolved = (...addresses: string[]): Resolution => ({
  kind: 'resolved',
  addresses: addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
})

/** A transport whose resolver gives `answers` one after the other, the last for ever. */
const resolving = (answers: readonly Resolution[], options: { readonly ttlMs?: number } = {}) => {
  const asked: string[] = []
  const transport = new Transport({
    maxConnectionsPerEndpoint: 4,
    dns: {
      ...options,
      negativeTtlMs: 0,
      resolver: (hostname, done) => {
        asked.push(hostname)
        const answer = answers[Math.min(asked.length, answers.length) - 1]
        if (answer !== undefined) setImmediate(() => done(answer))
      },
    },
  })
  return { asked, transport }
}

describe('A name', () => {
  test('is looked up, and the request still carries it', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    const { asked, transport } = resolving([resolved('127.0.0.1')])
    await using _ = transport
    const result = await exchange(transport, loopback(`http://hooks.test:${server.port}`))
    expect(textOf(result)).toBe('fine')
    expect(Object.keys(result.phases)).toEqual(['waitingMs', 'dnsMs', 'connectMs', 'firstByteMs', 'bodyMs'])
    expect(server.requests[0]).toContain(`\r\nhost: hooks.test:${server.port}\r\n`)
    expect(asked).toEqual(['hooks.test'])
  })

  test('that is unknown gives dns', async () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND hooks.test'), { code: 'ENOTFOUND' })
    const { transport } = resolving([{ kind: 'failed', error }])
    await using _ = transport
    expect(await exchange(transport, loopback('http://hooks.test'))).toMatchObject({
      kind: 'failed',
      reason: 'dns',
      detail: 'getaddrinfo ENOTFOUND hooks.test',
      phases: { dnsMs: expect.any(Number) },
    })
  })

  test('that the system does not know gives dns', async () => {
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    // `.invalid` never exists (RFC 6761, 6.4); without a network the resolver fails in another way, which is dns as well.
    const result = await exchange(transport, loopback('http://nothing.invalid'), { connectTimeoutMs: 20_000 })
    expect(result).toMatchObject({ kind: 'failed', reason: 'dns', detail: expect.stringContaining('nothing.invalid') })
  })

  test('without any address gives dns', async () => {
    const { transport } = resolving([resolved()])
    await using _ = transport
    expect(await exchange(transport, loopback('http://hooks.test'))).toMatchObject({
      reason: 'dns',
      detail: 'hooks.test has no address',
    })
  })

  test('of which one address does not work is tried at the next', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    const { transport } = resolving([resolved('127.0.0.2', '127.0.0.3', '127.0.0.1')])
    await using _ = transport
    expect(textOf(await exchange(transport, loopback(`http://hooks.test:${server.port}`)))).toBe('fine')
  })

  test('of which no address works gives connection and is looked up anew the next time', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    const { asked, transport } = resolving([resolved('127.0.0.2', '127.0.0.3'), resolved('127.0.0.1')])
    await using _ = transport
    const endpoint = loopback(`http://hooks.test:${server.port}`)
    expect(await exchange(transport, endpoint)).toMatchObject({
      reason: 'connection',
      detail: `connect ECONNREFUSED 127.0.0.3:${server.port}`,
    })
    expect(textOf(await exchange(transport, endpoint))).toBe('fine')
    expect(asked).toHaveLength(2)
  })
})

describe('The guard', () => {
  test.each([
    ['http://127.0.0.1:9', '127.0.0.1 is loopback (127.0.0.0/8)'],
    ['http://[::1]:9', '::1 is loopback (::1/128)'],
    ['http://2130706433:9', '127.0.0.1 is loopback (127.0.0.0/8)'],
    ['http://0x7f.1:9', '127.0.0.1 is loopback (127.0.0.0/8)'],
    ['http://0177.0.0.1:9', '127.0.0.1 is loopback (127.0.0.0/8)'],
    ['http://[::ffff:7f00:1]:9', '::ffff:7f00:1 is an IPv4-mapped address (::ffff:0:0/96)'],
    ['https://169.254.169.254', '169.254.169.254 is link-local, where clouds keep their metadata (169.254.0.0/16)'],
  ])('refuses the literal %s', async (origin, detail) => {
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = await exchange(transport, { id: origin, origin, allow: [] })
    expect(result).toMatchObject({ kind: 'failed', reason: 'address-refused', detail })
  })

  test('refuses a name by every address it has', async () => {
    const { transport } = resolving([resolved('10.0.0.1', 'fd00::1')])
    await using _ = transport
    expect(await exchange(transport, { id: 'x', origin: 'http://hooks.test', allow: [] })).toMatchObject({
      reason: 'address-refused',
      detail: 'hooks.test: 10.0.0.1 is private (10.0.0.0/8); fd00::1 is unique local (fc00::/7)',
    })
  })

  test('refuses a system name of this machine', async () => {
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const result = await exchange(transport, { id: 'x', origin: 'http://localhost:9', allow: [] })
    expect(result).toMatchObject({ reason: 'address-refused', detail: expect.stringContaining('is loopback') })
  })

  test('lets a name through by its permitted addresses alone', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    const { transport } = resolving([resolved('10.0.0.1', '127.0.0.1')])
    await using _ = transport
    const result = await exchange(transport, loopback(`http://hooks.test:${server.port}`), { connectTimeoutMs: 1000 })
    expect(textOf(result)).toBe('fine')
  })

  test('judges a name that answers differently for each connection anew', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nfine'
    await using server = await startServer(answering(answer))
    const { asked, transport } = resolving([resolved('127.0.0.1'), resolved('10.0.0.1')], { ttlMs: 0 })
    await using _ = transport
    const endpoint = loopback(`http://hooks.test:${server.port}`)
    expect(textOf(await exchange(transport, endpoint))).toBe('fine')
    expect(await exchange(transport, endpoint)).toMatchObject({ reason: 'address-refused' })
    expect(asked).toHaveLength(2)
    expect(server.accepted()).toBe(1)
  })

  test('asks the resolver once for the check and the connection', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    const { asked, transport } = resolving([resolved('127.0.0.1'), resolved('10.0.0.1')])
    await using _ = transport
    const endpoint = loopback(`http://hooks.test:${server.port}`)
    const results = await Promise.all([1, 2, 3].map(() => exchange(transport, endpoint)))
    expect(results.map(textOf)).toEqual(['fine', 'fine', 'fine'])
    expect(asked).toHaveLength(1)
  })
})

describe('The engine’s own listeners', () => {
  test.each(['127.0.0.1', '0.0.0.0'])('on %s are refused although their address is allowed', async (address) => {
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = new Transport({
      maxConnectionsPerEndpoint: 1,
      refusedListeners: [{ address, port: server.port }],
    })
    expect(await exchange(transport, server.endpoint)).toMatchObject({
      reason: 'address-refused',
      detail: `127.0.0.1 port ${server.port} is a listener of this engine`,
    })
    expect(server.accepted()).toBe(0)
  })

  test('do not keep other ports from being reached', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = new Transport({
      maxConnectionsPerEndpoint: 1,
      refusedListeners: [{ address: '127.0.0.1', port: server.port + 1 }],
    })
    expect(textOf(await exchange(transport, server.endpoint))).toBe('fine')
  })
})
