/**
 * A million contexts were kept, however large: a customer's server that answered each of its calls with 64 KiB of pass-through data
 * took gigabytes within minutes, and one that set other variables at each event of one call made that call's context grow without end,
 * each time copied on the main thread. Short values also kept the whole answer in memory that they were cut from.
 */
import { describe, expect, test } from 'vitest'
import { CallContexts } from '../../src/engine/calls/call-context.ts'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import type { Decision } from '../../src/model/decision.ts'
import { answerOf } from '../interpret/answers.ts'
import { collectGarbage } from '../setup/collect-garbage.ts'

const MIB = 1_048_576

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

function passing(text: string): Decision {
  return { kind: 'next-action', app: 'hangup', parameters: {}, passThrough: text }
}

describe('all contexts together', () => {
  test('take a bounded number of bytes; the calls longest unused go first', () => {
    const forgotten: string[] = []
    const store = {
      kept: [],
      keep: (key: string, context: unknown) => void (context === undefined && forgotten.push(key)),
    }
    const contexts = new CallContexts(store, { bytes: 10 * MIB })
    for (let call = 0; call < 1000; call += 1) contexts.record('a', `c${call}`, passing('x'.repeat(50_000)), 0)
    // About 100 KB each.
    expect(contexts.size).toBeGreaterThan(90)
    expect(contexts.size).toBeLessThan(110)
    expect(forgotten).toHaveLength(1000 - contexts.size)
    expect(contexts.read('a', 'c999', 0)).not.toEqual({})
    expect(contexts.read('a', 'c0', 0)).toEqual({})
  })

  test('that are just as many bytes as may be all stay', () => {
    const one = (subject: string) => ({ subject, decision: passing('x'.repeat(1000)) })
    const bytes =
      10 *
      (200 + 64 + 2 * ('ivr_pass_through'.length + 1000) + 64 + 2 * ('netget_status'.length + 'next-action'.length))
    for (const [limit, size] of [
      [bytes, 10],
      [bytes - 1, 9],
    ] as const) {
      const contexts = new CallContexts(undefined, { bytes: limit })
      for (let call = 0; call < 10; call += 1) {
        const { subject, decision } = one(`c${call}`)
        contexts.record('a', subject, decision, 0)
      }
      expect(contexts.size).toBe(size)
    }
  })

  test('take no more memory however long it goes on', () => {
    const contexts = new CallContexts(undefined, { bytes: 8 * MIB })
    const fill = (from: number): number => {
      for (let call = from; call < from + 2000; call += 1)
        contexts.record('a', `c${call}`, passing('é💥'.repeat(3000)), 0)
      return heapBytes()
    }
    const full = fill(0)
    expect(fill(2000) - full).toBeLessThan(2 * MIB)
    expect(fill(4000) - full).toBeLessThan(2 * MIB)
  })
})

describe('the context of one call', () => {
  const variables = (from: number): Decision => ({
    kind: 'set-variables',
    variables: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`v${from + index}`, 'x'.repeat(100)])),
  })

  test('keeps what its last answer has set alone where all would be too much', () => {
    const contexts = new CallContexts()
    let most = 0
    for (let answer = 0; answer < 50; answer += 1) {
      contexts.record('a', 'c', variables(answer * 100), 0)
      const points = contexts.read('a', 'c', 0)
      most = Math.max(most, Object.keys(points).length)
      expect(points).toHaveProperty(`v${answer * 100 + 99}`)
    }
    expect(most).toBeGreaterThan(800)
    expect(most).toBeLessThan(1100)
  })

  test('is kept whole up to the limit', () => {
    const bytes =
      200 + 2 * 100 * (64 + 2 * ('v100'.length + 100)) + 64 + 2 * ('netget_status'.length + 'set-variables'.length)
    for (const [bytesOfCall, count] of [
      [bytes, 201],
      [bytes - 1, 101],
    ] as const) {
      const contexts = new CallContexts(undefined, { bytesOfCall })
      contexts.record('a', 'c', variables(100), 0)
      contexts.record('a', 'c', variables(200), 0)
      expect(Object.keys(contexts.read('a', 'c', 0))).toHaveLength(count)
    }
  })
})

test('a short value does not keep the answer that it stood in', () => {
  const contexts = new CallContexts()
  const before = heapBytes()
  for (let call = 0; call < 1000; call += 1) {
    const comment = `; ${'x'.repeat(60_000)}\n`
    const answer = answerOf(`${comment}a=a value of ${call} characters\n`, 'text/x-ini')
    contexts.record('a', `c${call}`, interpretAnswer({ kind: 'variables' }, answer, [200]), 0)
  }
  expect(contexts.read('a', 'c7', 0)).toMatchObject({ a: 'a value of 7 characters' })
  expect(heapBytes() - before).toBeLessThan(8 * MIB)
})
