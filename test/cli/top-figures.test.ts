/** Two samples of an engine become figures: rates, quantiles in between, and what happens where the engine was started anew. */
import { describe, expect, test } from 'vitest'
import { figuresOf } from '../../src/cli/top-figures.ts'
import { IDLE, lagBuckets, sample } from './top-samples.ts'

describe('rates', () => {
  const later = { events: 110, delivered: 225, attempts: 285, retries: 15, dead: 2, invokes: 45 }

  test("are what grew, by the engine's own clock", () => {
    const figures = figuresOf(sample(), sample({ ...later, atMs: 62_500 }))
    expect(figures).toMatchObject({
      since: 'sample',
      rates: { events: 4, deliveries: 10, attempts: 14, retries: 2, dead: 0.4, invokes: 2 },
      upMs: 62_500,
    })
  })

  test('are not there at the first sample, nor for a token of some accounts, nor where no time has passed', () => {
    expect(figuresOf(undefined, sample())).toMatchObject({ since: 'first' })
    expect(figuresOf(undefined, sample())).not.toHaveProperty('rates')
    const { outbox, webhooks, deactivated, circuits, held } = IDLE
    const own = { outbox, webhooks, deactivated, circuits, held, accounts: ['acme'] }
    const sampleOf = (atMs: number) => ({ ...sample(), stats: { ...own, atMs } })
    expect(figuresOf(sampleOf(1000), sampleOf(2000))).not.toHaveProperty('rates')
    expect(figuresOf(sampleOf(1000), sampleOf(2000))).toMatchObject({ accounts: ['acme'], since: 'sample' })
    expect(figuresOf(sample(), sample())).not.toHaveProperty('rates')
  })

  test.each([
    ['its clock went back', sample(), sample({ atMs: 59_999 })],
    ['a count went back', sample(), sample({ atMs: 61_000, invokes: 39 })],
    [
      'it runs since another time, though it has counted more',
      sample({}, 'process_start_time_seconds 100\n'),
      sample({ ...later, atMs: 70_000 }, 'process_start_time_seconds 200\n'),
    ],
  ])('are not there where the engine was started anew: %s', (_name, before, now) => {
    const figures = figuresOf(before, now)
    expect(figures.since).toBe('restarted')
    expect(figures).not.toHaveProperty('rates')
    expect(figures.latency).toEqual({})
  })
})

describe('a quantile of what a histogram took in between two samples', () => {
  const before = sample({}, lagBuckets([1000, 0, 0, 0]))
  test.each([
    ['nothing came', [1000, 0, 0, 0], {}],
    ['all in the first bucket', [1100, 0, 0, 0], { lagP50Ms: 50, lagP99Ms: 99 }],
    ['half and half', [1050, 50, 0, 0], { lagP50Ms: 100, lagP99Ms: 198 }],
    ['one in a hundred above all bounds', [1098, 0, 0, 2], { lagP50Ms: 51.02, lagP99Ms: 400 }],
  ] as const)('%s', (_name, counts, expected) => {
    const { latency } = figuresOf(before, sample({ atMs: 61_000 }, lagBuckets(counts)))
    expect(Object.keys(latency)).toEqual(Object.keys(expected))
    for (const [name, ms] of Object.entries(expected)) {
      expect(Reflect.get(latency, name)).toBeCloseTo(ms, 1)
    }
  })
})

describe('what stands in the metrics alone', () => {
  const latency = (endpoint: string, p99: number, count: number): string =>
    `switchhook_endpoint_latency_seconds{endpoint="${endpoint}",quantile="0.5"} 0.01
switchhook_endpoint_latency_seconds{endpoint="${endpoint}",quantile="0.99"} ${p99}
switchhook_endpoint_latency_seconds_count{endpoint="${endpoint}"} ${count}
`
  test('endpoints, the slowest first, with how many answers came a second', () => {
    const before = sample({}, latency('https://a', 0.1, 10))
    const now = sample({ atMs: 62_000 }, latency('https://a', 0.1, 30) + latency('https://b', 2, 5))
    expect(figuresOf(before, now).endpoints).toEqual([
      { endpoint: 'https://b', p50Ms: 10, p99Ms: 2000, perSecond: 2.5 },
      { endpoint: 'https://a', p50Ms: 10, p99Ms: 100, perSecond: 10 },
    ])
    expect(figuresOf(undefined, before).endpoints).toEqual([{ endpoint: 'https://a', p50Ms: 10, p99Ms: 100 }])
  })

  test('an endpoint with no answer of late has sum and count alone, and is not shown', () => {
    const now = sample({}, 'switchhook_endpoint_latency_seconds_count{endpoint="https://a"} 3\n')
    expect(figuresOf(undefined, now).endpoints).toEqual([])
  })

  test('memory, workers, disk, the oldest delivery, and what is held by all reasons together', () => {
    const metrics = `process_resident_memory_bytes 1000
nodejs_heap_size_used_bytes 600
switchhook_worker_utilization{worker="1"} 0.25
switchhook_worker_utilization{worker="2"} 0.5
switchhook_outbox_oldest_seconds 1.5
switchhook_outbox_bytes 2048
switchhook_store_free_bytes 4096
`
    const held = { deliveries: { inactive: 3, 'circuit-open': 4 }, webhooks: [] }
    expect(
      figuresOf(undefined, sample({ held, outbox: { pending: 9, delivered: 0, dead: 2 } }, metrics)),
    ).toMatchObject({
      memory: { residentBytes: 1000, heapBytes: 600 },
      workers: [0.25, 0.5],
      outbox: { pending: 9, held: 7, dead: 2, oldestMs: 1500, bytes: 2048, freeBytes: 4096, inFlight: 0 },
    })
  })
})
