/** Real threads write while the main thread scrapes: no count is lost, none falls, and the end sum is exact. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { createBlock } from '../../src/metrics/layout.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import type { CountingWork } from './counting.worker.ts'
import { type Family, readExposition, valueIn } from './read-exposition.ts'

const THREADS = 3
const ATTEMPTS = 200_000
const WEBHOOKS = ['crm', 'billing']

/** Attempts of one webhook that a scrape shows. */
function attemptsIn(families: ReadonlyMap<string, Family>, webhook: string, result: string): number {
  return valueIn(families, 'switchhook_attempts_total', { webhook, result }) ?? 0
}

test('workers count into one scrape, while they run and after they have ended', async () => {
  const metrics = new Metrics({ version: '1', showsProcess: false })
  const rows = WEBHOOKS.map((webhook) => metrics.rowOf(webhook))
  const ends = Array.from({ length: THREADS }, async () => {
    const block = createBlock()
    metrics.addThread(block)
    const work: CountingWork = { block, rows, attempts: ATTEMPTS }
    const worker = new Worker(new URL('./counting.worker.ts', import.meta.url), { workerData: work })
    const [status] = await once(worker, 'exit')
    metrics.removeThread(block)
    return status
  })
  let isRunning = true
  const end = Promise.all(ends).finally(() => {
    isRunning = false
  })

  let before = 0
  while (isRunning) {
    const families = readExposition(await metrics.text())
    const seen = attemptsIn(families, 'crm', 'success')
    expect(seen).toBeGreaterThanOrEqual(before)
    before = seen
    await new Promise(setImmediate)
  }
  expect(await end).toEqual([0, 0, 0])

  const families = readExposition(await metrics.text())
  const total = THREADS * ATTEMPTS
  for (const webhook of WEBHOOKS) {
    expect(attemptsIn(families, webhook, 'success')).toBe((total * 3) / 4)
    expect(attemptsIn(families, webhook, 'status')).toBe(total / 4)
    expect(valueIn(families, 'switchhook_attempt_duration_seconds_count', { webhook })).toBe(total)
    expect(valueIn(families, 'switchhook_attempt_duration_seconds_sum', { webhook })).toBe((total * 2) / 1000)
  }
  expect(valueIn(families, 'switchhook_overhead_seconds_count', { stage: 'render' })).toBe(total)
  expect(metrics.snapshot().attempts).toBe(total * WEBHOOKS.length)
})
