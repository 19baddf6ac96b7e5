/** Asking a second server: who is asked when, and who wins. */
import { expect, test, vi } from 'vitest'
import { askHedged } from '../../src/engine/invoke/hedge.ts'

/** A server whose answer the test gives; `good…` is usable, `final…` ends everything. */
class Server {
  readonly answer = Promise.withResolvers<string>()
  isAsked = false

  ask(): Promise<string> {
    this.isAsked = true
    return this.answer.promise
  }
}

function hedged(first: Server, second: Server, afterMs?: number): ReturnType<typeof askHedged<string>> {
  return askHedged({
    first: first.ask(),
    askSecond: () => second.ask(),
    afterMs,
    isUsable: (answer) => answer.startsWith('good'),
    isFinal: (answer) => answer.startsWith('final'),
  })
}

test('the second is not asked when the first is usable', async () => {
  const [first, second] = [new Server(), new Server()]
  first.answer.resolve('good 1')
  expect(await hedged(first, second, 1000)).toEqual({ kind: 'first', first: 'good 1' })
  expect(second.isAsked).toBe(false)
})

test('the second is asked when the first has failed', async () => {
  const [first, second] = [new Server(), new Server()]
  first.answer.resolve('bad 1')
  second.answer.resolve('good 2')
  expect(await hedged(first, second)).toEqual({ kind: 'second', second: 'good 2' })
})

test('both answers are told when both have failed', async () => {
  const [first, second] = [new Server(), new Server()]
  first.answer.resolve('bad 1')
  second.answer.resolve('bad 2')
  expect(await hedged(first, second)).toEqual({ kind: 'none', first: 'bad 1', second: 'bad 2' })
})

test('nobody else is asked after an answer that ends everything', async () => {
  const [first, second] = [new Server(), new Server()]
  first.answer.resolve('final')
  expect(await hedged(first, second)).toEqual({ kind: 'first', first: 'final' })
  expect(second.isAsked).toBe(false)
})

test.each([
  ['the second answers first', 'second', 'good 2', { kind: 'second', second: 'good 2' }],
  ['the first answers after all', 'first', 'good 1', { kind: 'first', first: 'good 1' }],
] as const)('a first that dawdles: %s, and the other is not waited for', async (_, who, answer, expected) => {
  vi.useFakeTimers()
  try {
    const [first, second] = [new Server(), new Server()]
    const result = hedged(first, second, 800)
    await vi.advanceTimersByTimeAsync(799)
    expect(second.isAsked).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(second.isAsked).toBe(true)
    const servers = { first, second }
    servers[who].answer.resolve(answer)
    expect(await result).toEqual(expected)
  } finally {
    vi.useRealTimers()
  }
})

test.each([
  ['first', 'second', { kind: 'second', second: 'good' }],
  ['second', 'first', { kind: 'first', first: 'good' }],
] as const)('while both are asked, a failure of the %s leaves it to the %s', async (failing, good, expected) => {
  const [first, second] = [new Server(), new Server()]
  const servers = { first, second }
  const result = hedged(first, second, 0)
  await vi.waitUntil(() => second.isAsked, { timeout: 30_000 })
  servers[failing].answer.resolve('bad')
  servers[good].answer.resolve('good')
  expect(await result).toEqual(expected)
})
