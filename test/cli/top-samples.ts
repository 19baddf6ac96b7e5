/** Samples of an engine for the tests of `top`: what it says at one moment, with what a test wants otherwise. */

import type { Sample } from '../../src/cli/top-figures.ts'
import type { Stats } from '../../src/client/client.ts'
import { readMetrics } from '../../src/client/metrics-text.ts'

/** An engine that has run for a minute with nothing to do. */
export const IDLE: Stats = {
  atMs: 60_000,
  events: 100,
  delivered: 200,
  attempts: 250,
  retries: 10,
  dead: 1,
  invokes: 40,
  outbox: { pending: 0, delivered: 200, dead: 1 },
  inFlight: 0,
  webhooks: 2,
  deactivated: [],
  circuits: [],
  held: { deliveries: {}, webhooks: [] },
  readiness: [{ name: 'store', ready: true, detail: 'open' }],
}

/** A sample with these members of the figures, and these metrics. */
export function sample(stats: Partial<Stats> = {}, metrics = ''): Sample {
  return { time: '2026-11-21T08:00:00.000Z', stats: { ...IDLE, ...stats }, metrics: readMetrics(metrics) }
}

/** The buckets of a histogram, as many in each as `counts` says: up to 0.1 s, 0.2 s, 0.4 s, and above. */
export function lagBuckets(counts: readonly [number, number, number, number]): string {
  let sum = 0
  const lines = ['0.1', '0.2', '0.4', '+Inf'].map((le, index) => {
    sum += counts[index] ?? 0
    return `switchhook_delivery_lag_seconds_bucket{le="${le}"} ${sum}`
  })
  return `${lines.join('\n')}\n`
}
