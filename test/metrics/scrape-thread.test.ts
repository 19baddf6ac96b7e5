/** Scrapes made in a thread of their own: the same text, next to nothing of the main thread, and no scrape lost with the thread. */
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { Metrics } from '../../src/metrics/metrics.ts'
import { PLAIN } from '../../src/metrics/scrape-format.ts'
import { ScrapeThread } from '../../src/metrics/scrape-thread.ts'
import { KILLED, killThreads, watchThreads } from '../threads.ts'

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** Most of the main thread's processor time that a scrape may take, of that which one without a thread takes: 0.03 to 0.06. */
const MOST_SHARE = 0.2

function startThread(deaths: string[] = []): ScrapeThread {
  const thread = new ScrapeThread((detail) => void deaths.push(detail))
  onTestFinished(() => thread[Symbol.asyncDispose]())
  return thread
}

/** Metrics in which so many webhooks, each with an endpoint of its own, have done everything. */
function metricsOf(webhooks: number, thread?: ScrapeThread): Metrics {
  const options = { version: '1', showsProcess: false, monotonicMs: () => 0 }
  const metrics = new Metrics(thread === undefined ? options : { ...options, renderer: thread })
  for (let index = 0; index < webhooks; index += 1) {
    const webhook = `webhook-${index}`
    metrics.delivery(webhook, 'delivered')
    for (let durationMs = 1; durationMs < 1000; durationMs *= 3) {
      metrics.recorder.attempt(metrics.rowOf(webhook), 'success', durationMs + index / 1000)
      metrics.invoke(webhook, 'success', durationMs)
      metrics.exemplar(webhook, 'invoke', durationMs, TRACE, 1_700_000_000_000)
      metrics.endpointLatency(`https://customer-${index}.example.com`, durationMs)
    }
  }
  metrics.circuits(() =>
    Array.from({ length: webhooks }, (_, index) => ({
      endpoint: `https://customer-${index}.example.com`,
      state: 'closed',
    })),
  )
  return metrics
}

test('the text is the same as without a thread', async () => {
  const [here, there] = [metricsOf(3), metricsOf(3, startThread())]
  expect(await there.text()).toBe(await here.text())
  const openMetrics = { isOpenMetrics: true, isCompressed: true }
  const [one, other] = [await here.scrape(openMetrics), await there.scrape(openMetrics)]
  expect(gunzipSync(other).toString()).toBe(gunzipSync(one).toString())
  expect(gunzipSync(other).toString()).toContain(TRACE.slice(3, 35))
})

/** The least of several scrapes: whatever else the machine does meanwhile makes one slower, never faster. */
async function mainThreadMs(metrics: Metrics, scrapes: number): Promise<number> {
  const tookMs: number[] = []
  for (let scrape = 0; scrape < scrapes; scrape += 1) {
    const before = process.threadCpuUsage()
    const bytes = await metrics.scrape({ isOpenMetrics: true, isCompressed: true })
    const { user, system } = process.threadCpuUsage(before)
    tookMs.push((user + system) / 1000)
    expect(gunzipSync(bytes).length).toBeGreaterThan(2_000_000)
  }
  return Math.min(...tookMs)
}

test('a scrape of 1,000 webhooks takes a small share of the main thread that it takes without a thread', async () => {
  const without = await mainThreadMs(metricsOf(1000), 5)
  expect(await mainThreadMs(metricsOf(1000, startThread()), 25)).toBeLessThan(without * MOST_SHARE)
})

test('scrapes under way when the thread dies are made all the same, and the next one has a new thread', async () => {
  const threads = watchThreads()
  const deaths: string[] = []
  const metrics = metricsOf(100, startThread(deaths))
  const expected = await metrics.text()
  const scrapes = [metrics.scrape(PLAIN), metrics.scrape(PLAIN)]
  await expect.poll(() => threads).toHaveLength(1)
  await killThreads(threads)
  for (const bytes of await Promise.all(scrapes)) expect(Buffer.from(bytes).toString()).toBe(expected)
  expect(await metrics.text()).toBe(expected)
  expect(threads).toHaveLength(2)
  expect(deaths).toEqual([expect.stringMatching(KILLED)])
})

test('after its end scrapes are made without it', async () => {
  const threads = watchThreads()
  const thread = startThread()
  await thread[Symbol.asyncDispose]()
  await thread[Symbol.asyncDispose]()
  expect(await metricsOf(2, thread).text()).toBe(await metricsOf(2).text())
  expect(threads).toEqual([])
})
