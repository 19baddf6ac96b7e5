/** Deadlines under a clock that the test moves: order, never early, cancelling, and what is left in memory. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { Deadline, Deadlines } from '../../src/transport/deadlines.ts'

/** The fake clock moves on by this much before it runs an immediate that was set in a timer. */
const IMMEDIATE_MS = 1

const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }

describe('Deadlines', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance', 'Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const recorder = () => {
    const ended: string[] = []
    const named = (name: string) =>
      new Deadline({ onDeadline: () => void ended.push(`${name} ${performance.now() - IMMEDIATE_MS}`) })
    return { ended, named }
  }

  test('end in the order in which they are due, whatever their durations', () => {
    const deadlines = new Deadlines(clock)
    const { ended, named } = recorder()
    const startMs = performance.now()
    deadlines.start(named('long'), 300)
    deadlines.start(named('short'), 100)
    vi.advanceTimersByTime(50)
    deadlines.start(named('later'), 100)
    vi.advanceTimersByTime(1000)
    expect(ended).toEqual([`short ${startMs + 100}`, `later ${startMs + 150}`, `long ${startMs + 300}`])
  })

  test('wait for their last millisecond', () => {
    const deadlines = new Deadlines(clock)
    const { ended, named } = recorder()
    deadlines.start(named('a'), 5000)
    vi.advanceTimersByTime(4999)
    expect(ended).toEqual([])
    vi.advanceTimersByTime(1 + IMMEDIATE_MS)
    expect(ended).toHaveLength(1)
  })

  test('that are cancelled never end, and cancelling twice does no harm', () => {
    const deadlines = new Deadlines(clock)
    const { ended, named } = recorder()
    const cancelled = named('cancelled')
    deadlines.start(named('first'), 100)
    deadlines.start(cancelled, 100)
    deadlines.start(named('last'), 100)
    deadlines.cancel(cancelled)
    deadlines.cancel(cancelled)
    vi.advanceTimersByTime(200)
    expect(ended.map((text) => text.split(' ')[0])).toEqual(['first', 'last'])
  })

  test('that are started again count from then', () => {
    const deadlines = new Deadlines(clock)
    const { ended, named } = recorder()
    const again = named('again')
    const startMs = performance.now()
    deadlines.start(again, 100)
    vi.advanceTimersByTime(60)
    deadlines.start(again, 100)
    vi.advanceTimersByTime(500)
    expect(ended).toEqual([`again ${startMs + 160}`])
  })

  test('leave nothing behind once they are over', () => {
    const deadlines = new Deadlines(clock)
    const { named } = recorder()
    for (let durationMs = 1; durationMs <= 50; durationMs += 1) deadlines.start(named('a'), durationMs)
    expect(deadlines.distinctDurations).toBe(50)
    vi.advanceTimersByTime(100)
    expect(deadlines.distinctDurations).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('tell the others although one owner throws', () => {
    const deadlines = new Deadlines(clock)
    const { ended, named } = recorder()
    const broken = new Deadline({
      onDeadline: () => {
        throw new Error('broken')
      },
    })
    deadlines.start(broken, 100)
    deadlines.start(named('other'), 100)
    expect(() => vi.advanceTimersByTime(200)).toThrow('broken')
    vi.advanceTimersByTime(200)
    expect(ended).toHaveLength(1)
  })

  test('that are closed tell nobody', () => {
    const deadlines = new Deadlines(clock)
    const { ended, named } = recorder()
    deadlines.start(named('a'), 100)
    deadlines.close()
    vi.advanceTimersByTime(200)
    expect(ended).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('end exactly those that a plain list of due times says', () => {
    const step = fc.record({
      durationMs: fc.integer({ min: 0, max: 5 }),
      waitMs: fc.nat({ max: 3 }),
      cancel: fc.nat({ max: 9 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const deadlines = new Deadlines(clock)
        const ended = new Set<number>()
        const model: { dueMs: number; isCancelled: boolean }[] = []
        const started: Deadline[] = []
        for (const { durationMs, waitMs, cancel } of steps) {
          const index = started.length
          const deadline = new Deadline({ onDeadline: () => void ended.add(index) })
          started.push(deadline)
          model.push({ dueMs: performance.now() + durationMs, isCancelled: false })
          deadlines.start(deadline, durationMs)
          vi.advanceTimersByTime(waitMs)
          const victim = started[cancel]
          const entry = model[cancel]
          if (victim === undefined || entry === undefined || ended.has(cancel)) continue
          deadlines.cancel(victim)
          entry.isCancelled = true
        }
        vi.advanceTimersByTime(50)
        expect([...ended].sort((a, b) => a - b)).toEqual(
          model.flatMap(({ isCancelled }, index) => (isCancelled ? [] : [index])),
        )
        expect(deadlines.distinctDurations).toBe(0)
      }),
    )
  })
})
