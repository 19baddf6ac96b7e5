/** Tokens under attack: guessing, flooding, and what is remembered of it. */
import { describe, expect, test } from 'vitest'
import { compileAccess, type Token } from '../../src/ingress/http/access.ts'
import { FAILURES_AT_ONCE, FailedLogins, FORGIVEN_EVERY_MS } from '../../src/ingress/http/failed-logins.ts'
import { problemOf, run } from '../ingress/recording.ts'

const MAY = { may: ['read'], accounts: 'all' } as const
const TOKENS: readonly Token[] = [
  { name: 'slow', secret: 'slow-secret', ...MAY, ratePerSecond: 10 },
  { name: 'rare', secret: 'rare-secret', ...MAY, ratePerSecond: 1 / 3600 },
  { name: 'free', secret: 'free-secret', ...MAY },
]

/** An access check whose clock the test sets. */
function accessAt(start = 0) {
  const clock = { nowMs: start }
  const authorize = compileAccess(TOKENS, new FailedLogins(), () => clock.nowMs)
  const ask = (secret: string, address = '192.0.2.1') => {
    const answer = authorize(`Bearer ${secret}`, address, 'read')
    return 'kind' in answer ? answer.name : 'in'
  }
  return { clock, authorize, ask }
}

describe('a token with a rate', () => {
  test('may send the rate of a second at once, then by its rate', () => {
    const { clock, ask } = accessAt()
    const burst = Array.from({ length: 12 }, () => ask('slow-secret'))
    expect(burst.filter((answer) => answer === 'in')).toHaveLength(10)
    expect(burst.slice(10)).toEqual(['rate-limited', 'rate-limited'])
    clock.nowMs += 99
    expect(ask('slow-secret')).toBe('rate-limited')
    clock.nowMs += 1
    expect([ask('slow-secret'), ask('slow-secret')]).toEqual(['in', 'rate-limited'])
    clock.nowMs += 3_600_000
    expect(Array.from({ length: 11 }, () => ask('slow-secret')).filter((answer) => answer === 'in')).toHaveLength(10)
  })

  test('is told how long to wait, and others notice nothing', () => {
    const { authorize, ask } = accessAt()
    expect(ask('rare-secret')).toBe('in')
    expect(authorize('Bearer rare-secret', '192.0.2.1', 'read')).toMatchObject({
      name: 'rate-limited',
      detail: 'The token rare has used up its rate',
      headers: { 'retry-after': '3600' },
    })
    expect(ask('free-secret')).toBe('in')
    expect(ask('slow-secret')).toBe('in')
  })

  test('is answered 429 over HTTP', async () => {
    await using server = await run({ tokens: TOKENS })
    const headers = { authorization: 'Bearer rare-secret' }
    expect((await fetch(`${server.url}/v1/catalog`, { headers })).status).toBe(200)
    const refused = await fetch(`${server.url}/v1/catalog`, { headers })
    expect(refused.headers.get('retry-after')).toMatch(/^3(600|599)$/)
    expect(await problemOf(refused)).toMatchObject({ status: 429, name: 'rate-limited' })
  })
})

describe('unknown tokens', () => {
  test(`from one address are looked at ${FAILURES_AT_ONCE} at once, then one every ${FORGIVEN_EVERY_MS} ms`, () => {
    const { clock, ask } = accessAt()
    const guesses = Array.from({ length: FAILURES_AT_ONCE + 1 }, (_, index) => ask(`guess-${index}`))
    expect(guesses.slice(0, FAILURES_AT_ONCE)).toEqual(Array(FAILURES_AT_ONCE).fill('unauthorized'))
    expect(guesses.at(-1)).toBe('rate-limited')
    // A right guess does not tell itself from a wrong one either.
    expect(ask('free-secret')).toBe('rate-limited')
    clock.nowMs += FORGIVEN_EVERY_MS - 1
    expect(ask('guess')).toBe('rate-limited')
    clock.nowMs += 1
    expect([ask('guess'), ask('guess')]).toEqual(['unauthorized', 'rate-limited'])
  })

  test('lock nobody else out, and no address from which known tokens come', () => {
    const { ask } = accessAt()
    for (let index = 0; index < 100; index += 1) ask('guess', '192.0.2.66')
    expect(ask('free-secret', '192.0.2.67')).toBe('in')
    expect(ask('free-secret', '192.0.2.80')).toBe('in')
    for (let index = 0; index < 100; index += 1) ask('guess', '192.0.2.80')
    expect(ask('free-secret', '192.0.2.80')).toBe('in')
  })

  test('from one IPv6 network count together', () => {
    const { ask } = accessAt()
    for (let index = 0; index < FAILURES_AT_ONCE; index += 1) ask('guess', `2001:db8:1:2::${index.toString(16)}`)
    expect(ask('guess', '2001:db8:1:2:ffff:1:2:3')).toBe('rate-limited')
    expect(ask('guess', '2001:db8:1:3::1')).toBe('unauthorized')
    expect(ask('guess', '2001:db8::1:2:3:4')).toBe('unauthorized')
  })

  test('are remembered for so many addresses and no more', () => {
    const logins = new FailedLogins()
    for (let index = 0; index < 50_000; index += 1) {
      logins.failed(`10.${index % 251}.${index % 241}.${index}`, index)
      logins.succeeded(`11.${index % 251}.${index % 241}.${index}`, index)
    }
    expect(logins.size).toBe(2 * 4096)
  })

  test('without a token are no guesses', () => {
    const { authorize, ask } = accessAt()
    for (let index = 0; index < 100; index += 1) authorize(undefined, '192.0.2.1', 'read')
    expect(ask('free-secret')).toBe('in')
  })
})

describe('a token is found by its digest', () => {
  test.each([
    ['at the first place', 'slow-secret', 'in'],
    ['at the last place', 'free-secret', 'in'],
    ['one letter short', 'free-secre', 'unauthorized'],
    ['one letter long', 'free-secrett', 'unauthorized'],
    ['in another case', 'Free-secret', 'unauthorized'],
    ['called like a member of every object', '__proto__', 'unauthorized'],
    ['called like another', 'constructor', 'unauthorized'],
    ['of a megabyte', 'x'.repeat(1_048_576), 'unauthorized'],
  ])('%s', (_name, secret, answer) => {
    expect(accessAt().ask(secret)).toBe(answer)
  })
})
