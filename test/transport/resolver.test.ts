/** How names are looked up: by our own questions to name servers, by the system where only it can know, and how failures read. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nameServerResolver, type Resolution } from '../../src/transport/resolver.ts'
import { Lateness } from '../setup/lateness.ts'
import { type Answers, type NameServer, startNameServer, transportAsking } from './name-server.ts'
import { answering, answerOf, exchange, loopback, startServer, textOf } from './raw-server.ts'

const resolve = (server: NameServer, name: string, hostsFile?: string) =>
  new Promise<Resolution>((done) => {
    nameServerResolver({ servers: [server.address], ...(hostsFile === undefined ? {} : { hostsFile }) })(name, done)
  })

const described = (resolution: Resolution) =>
  resolution.kind === 'resolved'
    ? resolution.addresses.map(({ address, family }) => `${family} ${address}`)
    : resolution.error.message

describe('A name', () => {
  test.each<[what: string, Answers, expected: unknown]>([
    ['with one address', ['192.0.2.1'], ['4 192.0.2.1']],
    [
      'with several, IPv4 before IPv6',
      ['2001:db8::1', '192.0.2.1', '192.0.2.2'],
      ['4 192.0.2.1', '4 192.0.2.2', '6 2001:db8::1'],
    ],
    ['with IPv6 addresses alone', ['2001:db8::1', '2001:db8::2'], ['6 2001:db8::1', '6 2001:db8::2']],
    ['that stands for another', ['CNAME b.test', 'CNAME c.test', '192.0.2.3'], ['4 192.0.2.3']],
    ['without any address', [], 'a.test: the name has no address (ENODATA)'],
    [
      'that does not exist',
      'nxdomain',
      'a.test: there is no such name (ENOTFOUND); search lists are not tried for a name with a dot',
    ],
    ['whose server fails', 'servfail', 'a.test: the name servers fail to answer (ESERVFAIL)'],
    ['whose server is silent', 'silent', 'a.test: the name servers do not answer (ETIMEOUT)'],
  ])('%s is answered', { timeout: 60_000 }, async (_what, answers, expected) => {
    await using server = await startNameServer({ 'a.test': answers })
    expect(described(await resolve(server, 'a.test'))).toEqual(expected)
  })

  test('is asked for as it is written, without the dot at its end', async () => {
    await using server = await startNameServer({ 'a.test': ['192.0.2.1'] })
    expect(described(await resolve(server, 'A.test.'))).toEqual(['4 192.0.2.1'])
    expect(server.questions.toSorted()).toEqual(['A a.test', 'AAAA a.test'])
  })

  test('is told with the shortest time for which its addresses hold', async () => {
    await using server = await startNameServer({ 'a.test': ['192.0.2.1', '2001:db8::1'] }, 7)
    expect(await resolve(server, 'a.test')).toMatchObject({ ttlMs: 7000 })
  })

  test.each(['localhost', 'a.localhost', 'nothing.local'])('%s is the system’s business', async (name) => {
    await using server = await startNameServer({ [name]: ['192.0.2.1'] })
    const resolution = described(await resolve(server, name))
    expect(resolution).not.toContain('4 192.0.2.1')
    expect(server.questions).toEqual([])
  })

  test.each(['crm', 'CRM', 'crm.'])(
    'without a dot, such as %s, is the system’s business, and so are search lists',
    async (name) => {
      await using server = await startNameServer({ crm: ['192.0.2.1'] })
      const resolution = described(await resolve(server, name))
      expect(resolution).toMatch(
        /^crm\.?: the system (?:knows no such name, nor one with its search list|can not look)/i,
      )
      expect(server.questions).toEqual([])
    },
  )

  test.each(['crm.sales', 'crm.sales.svc'])(
    'with a dot, such as %s, is asked for as it is, never with a search list',
    async (name) => {
      await using server = await startNameServer({
        'crm.sales.svc.cluster.local': ['192.0.2.1'],
        'crm.sales.svc.cluster.test': ['192.0.2.1'],
      })
      expect(described(await resolve(server, name))).toBe(
        `${name}: there is no such name (ENOTFOUND); search lists are not tried for a name with a dot`,
      )
      expect(server.questions.toSorted()).toEqual([`A ${name}`, `AAAA ${name}`])
      expect(described(await resolve(server, 'crm.sales.svc.cluster.test'))).toEqual(['4 192.0.2.1'])
    },
  )

  test('of the hosts file is the system’s business, in either case', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'switchhook-hosts-'))
    const hostsFile = join(folder, 'hosts')
    await writeFile(hostsFile, '# 192.0.2.9 c.test\n192.0.2.7\tB.test a.test # own\n')
    await using server = await startNameServer({ 'a.test': ['192.0.2.1'], 'c.test': ['192.0.2.1'] })
    // The system does not read this file, so it knows no such name.
    expect(described(await resolve(server, 'A.test', hostsFile))).toContain('ENOTFOUND')
    expect(server.questions).toEqual([])
    expect(described(await resolve(server, 'c.test', hostsFile))).toEqual(['4 192.0.2.1'])
    await rm(folder, { recursive: true })
  })
})

describe('The time for which an answer holds', () => {
  const closing = 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nfine'

  test.each([
    ['0 s: each connection asks anew', 0, 2],
    ['60 s: the next connection asks nobody', 60, 1],
  ])('may be %s', async (_what, ttlSeconds, asked) => {
    await using names = await startNameServer({ 'hooks.test': ['127.0.0.1'] }, ttlSeconds)
    await using server = await startServer(answering(closing))
    await using transport = transportAsking(names)
    for (let index = 0; index < 2; index += 1) {
      expect(textOf(await exchange(transport, loopback(`http://hooks.test:${server.port}`)))).toBe('fine')
    }
    expect(names.questions.filter((each) => each === 'A hooks.test')).toHaveLength(asked)
  })
})

describe('Silent name servers', () => {
  test('of many names hold up nobody’s look-up of another', async () => {
    const silent = Array.from({ length: 64 }, (_, index) => `silent-${index}.test`)
    await using names = await startNameServer({
      ...Object.fromEntries(silent.map((name) => [name, 'silent' as const])),
      'hooks.test': ['127.0.0.1'],
    })
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = transportAsking(names)
    let ended = 0
    const hanging = silent.map((name) =>
      exchange(transport, loopback(`http://${name}`), { connectTimeoutMs: 1000 }).then((result) => {
        ended += 1
        return result
      }),
    )
    expect(textOf(await exchange(transport, loopback(`http://hooks.test:${server.port}`)))).toBe('fine')
    expect(ended).toBe(0)
    for (const result of await Promise.all(hanging)) {
      expect(result).toMatchObject({
        reason: 'connect-timeout',
        detail: expect.stringMatching(/^no connection to http:\/\/silent-\d+\.test within 1000 ms \(name look-up\)$/),
      })
    }
  })

  test('for one address family hold up the other no longer than half a second', async () => {
    using lateness = new Lateness()
    await using names = await startNameServer({ 'hooks.test': ['127.0.0.1'], 'AAAA hooks.test': 'silent' })
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = transportAsking(names)
    const result = await exchange(transport, loopback(`http://hooks.test:${server.port}`))
    expect(textOf(result)).toBe('fine')
    // It would take three seconds to find that nobody answers.
    expect(result.phases.dnsMs).toBeGreaterThanOrEqual(490)
    expect(result.phases.dnsMs).toBeLessThan(2500 + lateness.ms)
  })
})
