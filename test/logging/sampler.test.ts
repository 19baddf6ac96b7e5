/** Which lines of a flood are written, and how many are told to be left out, by a clock that the test turns. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Sampler } from '../../src/logging/sampler.ts'

const LIMITS = { linesPerWindow: 3, windowMs: 100, kinds: 2 }

describe('a kind of line', () => {
  test('is written up to its limit in a window, and the rest is counted', () => {
    const sampler = new Sampler('others', LIMITS)
    const taken = [0, 10, 20, 30, 99].map((nowMs) => sampler.take('warn a', () => 'a', nowMs))
    expect(taken).toEqual([true, true, true, false, false])
    expect(sampler.nextEndMs()).toBe(100)
    expect(sampler.ended(99)).toEqual([])
    expect(sampler.ended(100)).toEqual([{ kind: 'a', count: 2 }])
    expect(sampler.nextEndMs()).toBeUndefined()
  })

  test('begins anew in its next window, and is not told of where nothing was left out', () => {
    const sampler = new Sampler('others', LIMITS)
    for (const nowMs of [0, 1, 2]) sampler.take('warn a', () => 'a', nowMs)
    expect(sampler.ended(100)).toEqual([])
    expect(sampler.take('warn a', () => 'a', 100)).toBe(true)
  })

  test('takes no lines from another', () => {
    const sampler = new Sampler('others', LIMITS)
    for (const nowMs of [0, 1, 2, 3]) sampler.take('warn a', () => 'a', nowMs)
    expect(sampler.take('warn b', () => 'b', 4)).toBe(true)
  })
})

test('kinds beyond those that are told apart share one', () => {
  const sampler = new Sampler('others', LIMITS)
  const kinds = ['a', 'b', 'c', 'd', 'e', 'f']
  expect(kinds.map((kind) => sampler.take(kind, () => kind, 0))).toEqual([true, true, true, true, true, false])
  // The two that were first are known still.
  expect(sampler.take('a', () => 'a', 1)).toBe(true)
  expect(sampler.ended(Number.POSITIVE_INFINITY)).toEqual([{ kind: 'others', count: 1 }])
})

test('every line is either written or told to be left out, once, whenever they come', () => {
  const lines = fc.array(fc.record({ kind: fc.nat({ max: 5 }), waitMs: fc.nat({ max: 60 }) }), { maxLength: 200 })
  fc.assert(
    fc.property(lines, (all) => {
      const sampler = new Sampler('others', LIMITS)
      let nowMs = 0
      let accounted = 0
      for (const { kind, waitMs } of all) {
        nowMs += waitMs
        for (const { count } of sampler.ended(nowMs)) accounted += count
        if (sampler.take(`kind ${kind}`, () => 'kind', nowMs)) accounted += 1
      }
      for (const { count } of sampler.ended(Number.POSITIVE_INFINITY)) accounted += count
      expect(accounted).toBe(all.length)
    }),
  )
})
