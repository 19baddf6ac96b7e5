/**
 * Names that lead to where nobody may go: a name server of the tests' own answers with hostile addresses, mixes them with permitted
 * ones, changes its mind, or is silent. 127.0.0.1 is permitted here and has a server; at the same port of 127.0.0.2 and ::1 stand
 * canaries, which must never hear of anything.
 */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Endpoint } from '../../src/model/webhook.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { Lateness } from '../setup/lateness.ts'
import { type Answers, type NameServer, startNameServer, transportAsking, type Zone } from '../transport/name-server.ts'
import { answerOf, exchange, type RawServer, startServer, textOf } from '../transport/raw-server.ts'
import { type Canary, startCanary } from './hostile-url.ts'

/** One name a hostile address. */
const HOSTILE: readonly string[] = [
  '0.0.0.0',
  '10.0.0.1',
  '100.100.100.200',
  '127.0.0.2',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '192.0.0.192',
  '192.168.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.2',
  '::ffff:169.254.169.254',
  '::127.0.0.2',
  '64:ff9b::127.0.0.2',
  '64:ff9b:1::a9fe:a9fe',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:2::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '4000::1',
]

let server: RawServer
let canary: Canary
let names: NameServer | undefined
let transport: Transport | undefined

const endpoint = (name = 'hooks.test'): Endpoint => {
  const origin = `http://${name}:${server.port}`
  return { id: origin, origin, allow: ['127.0.0.1/32'] }
}

/** Every connection is made anew, so that every request asks for the name again. */
const answer = answerOf('fine', ['connection: close'])

const ask = async (answers: Readonly<Record<string, Answers>>, ttlSeconds = 0): Promise<Transport> => {
  await transport?.close(0)
  await names?.[Symbol.asyncDispose]()
  names = await startNameServer(answers, ttlSeconds)
  transport = transportAsking(names)
  return transport
}

beforeEach(async () => {
  server = await startServer({ onRequest: (socket) => void socket.write(answer) })
  canary = await startCanary(server.port, ['127.0.0.2', '::1'])
})

afterEach(async () => {
  expect(canary.accepted()).toBe(0)
  await transport?.close(0)
  await names?.[Symbol.asyncDispose]()
  transport = undefined
  names = undefined
  await Promise.all([server[Symbol.asyncDispose](), canary[Symbol.asyncDispose]()])
})

describe('A name', () => {
  test.each(HOSTILE)('of %s is refused', async (address) => {
    const transport = await ask({ 'hooks.test': [address] })
    expect(await exchange(transport, endpoint())).toMatchObject({
      reason: 'address-refused',
      detail: expect.stringMatching(/^hooks\.test: \S+ is .* \(\S+\)$/),
    })
    expect(server.accepted()).toBe(0)
  })

  test.each(HOSTILE)('of %s behind two other names is refused', async (address) => {
    const transport = await ask({ 'hooks.test': ['CNAME public.example.com', 'CNAME inside.test', address] })
    expect(await exchange(transport, endpoint())).toMatchObject({ reason: 'address-refused' })
  })

  test.each(HOSTILE)('of %s and a permitted address leads to the permitted one', async (address) => {
    const transport = await ask({ 'hooks.test': [address, '127.0.0.1', address] })
    expect(textOf(await exchange(transport, endpoint()))).toBe('fine')
  })

  test.each<[what: string, answers: Zone, expected: object]>([
    ['that stands for localhost', ['CNAME localhost', '127.0.0.2'], { reason: 'address-refused' }],
    ['of IPv6 addresses alone', ['::1', 'fd00::1'], { reason: 'address-refused' }],
    ['that does not exist', 'nxdomain', { reason: 'dns' }],
    ['without addresses', [], { reason: 'dns' }],
    ['whose server fails', 'servfail', { reason: 'dns' }],
    [
      'whose server is silent',
      'silent',
      { reason: 'connect-timeout', detail: expect.stringContaining('(name look-up)') },
    ],
  ])('%s reaches nobody', async (_what, answers, expected) => {
    const transport = await ask({ 'hooks.test': answers })
    using lateness = new Lateness()
    const result = await exchange(transport, endpoint(), { connectTimeoutMs: 300 })
    expect(result).toMatchObject({ kind: 'failed', ...expected })
    expect(result.durationMs).toBeLessThan(2000 + lateness.ms)
  })

  test('with hundreds of refused addresses is told with the first of them', async () => {
    const many = Array.from({ length: 25 }, (_, index) => `10.0.0.${index + 1}`)
    const transport = await ask({ 'hooks.test': many })
    const result = await exchange(transport, endpoint())
    const detail = result.kind === 'failed' ? result.detail : ''
    expect(detail).toMatch(/^hooks\.test: (?:10\.0\.0\.\d+ is private \(10\.0\.0\.0\/8\); ){4}and 21 more$/)
  })

  test.each(['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', '%6c%6f%63%61lhost', 'ｌｏｃａｌｈｏｓｔ'])(
    'of this machine is refused: %s',
    async (name) => {
      const transport = await ask({})
      const origin = new URL(`http://${name}:${server.port}`).origin
      const result = await exchange(transport, { id: origin, origin, allow: ['127.0.0.9/32'] })
      expect(result).toMatchObject({ reason: expect.stringMatching(/^(?:address-refused|dns)$/) })
      expect(server.accepted()).toBe(0)
    },
  )
})

describe('A name that answers otherwise the second time', () => {
  test('gets the first request only', async () => {
    const transport = await ask({ 'A hooks.test': { inTurn: [['127.0.0.1'], ['127.0.0.2']] } })
    expect(textOf(await exchange(transport, endpoint()))).toBe('fine')
    expect(await exchange(transport, endpoint())).toMatchObject({
      reason: 'address-refused',
      detail: 'hooks.test: 127.0.0.2 is loopback (127.0.0.0/8)',
    })
  })

  test('between the check and the connection is not asked in between', async () => {
    const transport = await ask({ 'A hooks.test': { inTurn: [['127.0.0.1'], ['127.0.0.2']] } })
    const results = await Promise.all([1, 2, 3, 4].map(() => exchange(transport, endpoint())))
    expect(results.map(textOf)).toEqual(['fine', 'fine', 'fine', 'fine'])
    expect(names?.questions.filter((each) => each === 'A hooks.test')).toHaveLength(1)
  })

  test('is not asked again while its answer holds', async () => {
    const transport = await ask({ 'A hooks.test': { inTurn: [['127.0.0.1'], ['127.0.0.2']] } }, 60)
    for (let index = 0; index < 3; index += 1) expect(textOf(await exchange(transport, endpoint()))).toBe('fine')
  })

  test('never gets a request through to where it must not go, whatever it answers', async () => {
    const address = fc.constantFrom('127.0.0.1', '127.0.0.2', '::1', '::ffff:127.0.0.2', '0.0.0.0', '10.255.255.1')
    const zone: fc.Arbitrary<Zone> = fc.oneof(
      { weight: 8, arbitrary: fc.uniqueArray(address, { minLength: 1, maxLength: 4 }) },
      { weight: 1, arbitrary: fc.constantFrom<Zone>('nxdomain', 'servfail', []) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(zone, { minLength: 2, maxLength: 6 }), async (inTurn) => {
        const transport = await ask({ 'A hooks.test': { inTurn }, 'AAAA hooks.test': { inTurn } })
        for (const [turn, zone] of inTurn.entries()) {
          const heardBefore = server.requests.length
          const result = await exchange(transport, endpoint())
          const isPermitted = Array.isArray(zone) && zone.includes('127.0.0.1')
          expect([turn, textOf(result)]).toEqual([
            turn,
            isPermitted ? 'fine' : expect.stringMatching(/^(?:address-refused|dns): /),
          ])
          expect(server.requests.length - heardBefore).toBe(isPermitted ? 1 : 0)
        }
        expect(canary.accepted()).toBe(0)
      }),
      { numRuns: 60, seed: 7 },
    )
  })
})

describe('A redirect', () => {
  test.each([301, 302, 303, 307, 308, 300, 305])(
    'with %i is an answer like any other: nobody follows it',
    async (status) => {
      const transport = await ask({ 'hooks.test': ['127.0.0.1'] })
      const location = `location: http://127.0.0.2:${server.port}/`
      await using redirecting = await startServer({
        onRequest: (socket) =>
          void socket.write(`HTTP/1.1 ${status} There\r\n${location}\r\ncontent-length: 0\r\n\r\n`),
      })
      const origin = `http://hooks.test:${redirecting.port}`
      const result = await exchange(transport, { id: origin, origin, allow: ['127.0.0.0/8'] })
      expect(result).toMatchObject({ kind: 'answered', status })
      expect(redirecting.requests).toHaveLength(1)
    },
  )
})
