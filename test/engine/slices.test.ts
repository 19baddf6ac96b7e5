/** Long work in slices: the same result as at once, and everybody else's turn in between. */
import { describe, expect, test } from 'vitest'
import { runAtOnce, runInSlices, type Steps } from '../../src/engine/slices.ts'

/** Adds numbers, busy for a tenth of a millisecond with each. */
function* sumTo(most: number): Steps<number> {
  let sum = 0
  for (let next = 1; next <= most; next += 1) {
    yield
    const startedAt = performance.now()
    while (performance.now() - startedAt < 0.1);
    sum += next
  }
  return sum
}

describe('work in steps', () => {
  test('has the same result at once and in slices', async () => {
    expect(runAtOnce(sumTo(100))).toBe(5050)
    expect(await runInSlices(sumTo(100), () => Promise.resolve())).toBe(5050)
  })

  test('pauses often when it is long, and not at all when it is short', async () => {
    let pauses = 0
    const pause = async (): Promise<void> => {
      pauses += 1
    }
    await runInSlices(sumTo(200), pause)
    expect(pauses).toBeGreaterThan(20)
    pauses = 0
    await runInSlices(sumTo(0), pause)
    expect(pauses).toBe(0)
  })

  test('rejects with what a step throws', async () => {
    function* broken(): Steps<never> {
      yield
      throw new Error('no more')
    }
    await expect(runInSlices(broken(), () => Promise.resolve())).rejects.toThrow('no more')
  })
})
