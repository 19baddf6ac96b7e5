/** The memory of names: how long, how many, and one look-up for all who ask at once. Time is the test's own. */
import { describe, expect, test } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { DnsCache, type DnsCacheOptions } from '../../src/transport/dns-cache.ts'
import type { Resolution } from '../../src/transport/resolver.ts'

const FOUND: Resolution = { kind: 'resolved', addresses: [{ address: '192.0.2.1', family: 4 }] }
const FAILED: Resolution = { kind: 'failed', error: new Error('getaddrinfo ENOTFOUND') }

const create = (options: Partial<DnsCacheOptions> = {}) => {
  const time = { nowMs: 1000 }
  const clock: Clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs }
  const asked: string[] = []
  const open: ((resolution: Resolution) => void)[] = []
  const cache = new DnsCache({
    clock,
    resolver: (hostname, done) => {
      asked.push(hostname)
      open.push(done)
    },
    ...options,
  })
  const answer = (resolution: Resolution) => {
    for (const done of open.splice(0)) done(resolution)
  }
  return { time, asked, cache, answer }
}

describe('The DNS cache', () => {
  test.each([
    ['addresses', FOUND, 30_000],
    ['failures', FAILED, 1000],
  ])('remembers %s for their time and no longer', (_name, resolution, ttlMs) => {
    const { time, asked, cache, answer } = create()
    const seen: Resolution[] = []
    cache.lookup('a.test', (result) => void seen.push(result))
    answer(resolution)
    time.nowMs += ttlMs - 1
    cache.lookup('a.test', (result) => void seen.push(result))
    expect(asked).toEqual(['a.test'])
    time.nowMs += 1
    cache.lookup('a.test', (result) => void seen.push(result))
    expect(asked).toEqual(['a.test', 'a.test'])
    expect(seen).toEqual([resolution, resolution])
  })

  test('asks once for all who ask at once, and answers each', () => {
    const { asked, cache, answer } = create()
    const seen: number[] = []
    for (const index of [1, 2, 3]) cache.lookup('a.test', () => void seen.push(index))
    cache.lookup('b.test', () => void seen.push(4))
    answer(FOUND)
    expect(asked).toEqual(['a.test', 'b.test'])
    expect(seen).toEqual([1, 2, 3, 4])
  })

  test('keeps as many names as it may and forgets the oldest', () => {
    const { asked, cache, answer } = create({ limitNames: 2 })
    for (const name of ['a.test', 'b.test']) cache.lookup(name, () => undefined)
    answer(FOUND)
    expect(cache.size).toBe(2)
    cache.lookup('c.test', () => undefined)
    answer(FOUND)
    expect(cache.size).toBe(2)
    for (const name of ['b.test', 'c.test', 'a.test']) cache.lookup(name, () => undefined)
    expect(asked).toEqual(['a.test', 'b.test', 'c.test', 'a.test'])
  })

  test('asks anew for what it was told to forget', () => {
    const { asked, cache, answer } = create()
    cache.lookup('a.test', () => undefined)
    answer(FOUND)
    cache.forget('a.test')
    cache.lookup('a.test', () => undefined)
    expect(asked).toHaveLength(2)
  })
})
