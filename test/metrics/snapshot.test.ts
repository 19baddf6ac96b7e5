/** A console line's numbers: totals over all threads and webhooks, recent latencies, rates between two moments. */
import { describe, expect, test } from 'vitest'
import { createBlock } from '../../src/metrics/layout.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { Recorder } from '../../src/metrics/recorder.ts'
import { ratesBetween } from '../../src/metrics/snapshot.ts'

describe('snapshot', () => {
  test('of nothing has zeros and no latencies', () => {
    const metrics = new Metrics({ version: '1', showsProcess: false, monotonicMs: () => 17 })
    expect(metrics.snapshot()).toEqual({
      atMs: 17,
      events: 0,
      attempts: 0,
      delivered: 0,
      retries: 0,
      dead: 0,
      invokes: 0,
    })
  })

  test('sums over threads, webhooks, event types and results', () => {
    const metrics = new Metrics({ version: '1', showsProcess: false, monotonicMs: () => 0 })
    const block = createBlock()
    metrics.addThread(block)
    const worker = new Recorder(block)
    worker.attempt(metrics.rowOf('a'), 'success', 1)
    worker.attempt(metrics.rowOf('b'), 'status', 1)
    metrics.recorder.attempt(metrics.rowOf('a'), 'internal', 1)
    metrics.event('call.begin', 'accepted', 3)
    metrics.event('call.end', 'accepted', 4)
    metrics.event('call.end', 'duplicate', 5)
    metrics.delivery('a', 'delivered', 6)
    metrics.delivery('b', 'retried', 7)
    metrics.delivery('b', 'dead', 8)
    for (let index = 0; index < 1001; index += 1) metrics.delivery(`webhook-${index}`, 'retried')
    for (let durationMs = 1; durationMs <= 100; durationMs += 1) metrics.invoke('a', 'success', durationMs)
    metrics.removeThread(block)
    const { invokeP50Ms = 0, invokeP99Ms = 0, ...totals } = metrics.snapshot()
    expect(totals).toEqual({ atMs: 0, events: 7, attempts: 3, delivered: 6, retries: 1008, dead: 8, invokes: 100 })
    expect(Math.abs(invokeP50Ms - 50)).toBeLessThanOrEqual(0.05)
    expect(Math.abs(invokeP99Ms - 99)).toBeLessThanOrEqual(0.1)
  })
})

describe('ratesBetween', () => {
  const EARLIER = { atMs: 1000, events: 10, attempts: 20, delivered: 0, retries: 5, dead: 0, invokes: 1 }

  test('gives growth by second', () => {
    const later = { atMs: 3000, events: 30, attempts: 120, delivered: 0, retries: 5, dead: 0, invokes: 2 }
    expect(ratesBetween(EARLIER, later)).toEqual({
      eventsPerSecond: 10,
      attemptsPerSecond: 50,
      retriesPerSecond: 0,
      invokesPerSecond: 0.5,
    })
  })

  test('is 0 where no time has passed', () => {
    expect(ratesBetween(EARLIER, { ...EARLIER, events: 11 }).eventsPerSecond).toBe(0)
  })
})
