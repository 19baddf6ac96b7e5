/**
 * The numbers are true: counters are what a receiver counted, with failures and with workers killed, and quantiles are those of
 * the list of all values. `SWITCHHOOK_TEST_DELIVERIES=100000` makes it a longer one.
 */
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { startWorld, type World } from '../e2e/world.ts'
import { type Family, readExposition, valueIn } from '../metrics/read-exposition.ts'
import { killThreads, watchThreads } from '../threads.ts'
import { Receiver } from '../worker/receiver.ts'
import { testFiles } from './promtool.ts'

const DELIVERIES = Number(process.env['SWITCHHOOK_TEST_DELIVERIES'] ?? 10_000)

/** Workers killed while the second half is on its way. */
const KILLS = 5

/** Events in a request. */
const BATCH = 250

/** A millisecond and a half for a delivery on a busy machine with two cores, and time to start. */
const LIMIT_MS = 60_000 + DELIVERIES * 1.5

/** Rounding of durations in answers, in milliseconds. */
const ROUNDING_MS = 0.06

async function scrape(world: World): Promise<ReadonlyMap<string, Family>> {
  return readExposition(await (await fetch(`${world.url}/metrics`)).text())
}

/** What a scrape has of one webhook's results. */
function resultsOf(families: ReadonlyMap<string, Family>, name: string): Readonly<Record<string, number>> {
  const samples = families.get(name)?.samples ?? []
  return Object.fromEntries(samples.map(({ labels, value }) => [labels['result'] ?? '', value]))
}

/** Every tenth fails for ever, the others work at once. */
function fails(callid: string): boolean {
  return callid.endsWith('0')
}

async function send(world: World, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += BATCH) {
    const lines = Array.from({ length: Math.min(BATCH, to - first) }, (_, index) =>
      JSON.stringify({ type: 'call.end', data: { callid: String(first + index) } }),
    )
    const { status, json } = await world.post('/v1/events', lines.join('\n'), {
      'content-type': 'application/x-ndjson',
    })
    expect({ status, accepted: json.accepted.length }).toEqual({ status: 202, accepted: lines.length })
  }
}

/** Whether it is a worker: those of the store and of scrapes have names. */
function isWorker({ threadName }: Worker): boolean {
  return threadName?.startsWith('switchhook-') !== true
}

async function settled(world: World): Promise<void> {
  const pending = async (): Promise<unknown> => (await world.service.engine.stats())['outbox']
  await expect.poll(pending, { timeout: LIMIT_MS, interval: 50 }).toMatchObject({ pending: 0 })
}

test(
  `${DELIVERIES} deliveries, half of them while ${KILLS} workers are killed, are counted as the receiver counted them`,
  async () => {
    await using customer = await Receiver.start()
    customer.answer = ({ body }, response) => response.writeHead(fails(body) ? 500 : 204).end()
    const threads = watchThreads()
    const world = await startWorld(`
workers: 1
store: { path: ${await testFiles({})}/data, minFree: 0B }
webhooks: [ { id: feed, profile: custom, on: [call.end], method: POST, url: '${customer.origin}', body: '%callid%', circuit: off, retry: { schedule: [0s, 20ms, 20ms], jitter: 0 } } ]
`)
    const half = DELIVERIES / 2
    await send(world, 0, half)
    await settled(world)
    const before = await scrape(world)
    expect(resultsOf(before, 'switchhook_attempts_total')).toEqual({
      success: customer.received.filter(({ body }) => !fails(body)).length,
      status: customer.received.filter(({ body }) => fails(body)).length,
    })

    const isReady = (): boolean => world.service.engine.readiness().every(({ ready }) => ready)
    const sending = send(world, half, DELIVERIES)
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const enough = half * 1.2 + (kill * half) / (KILLS + 1)
      await customer.until(() => customer.received.length >= enough)
      await expect.poll(isReady, { interval: 5 }).toBe(true)
      await killThreads(threads.filter(isWorker))
    }
    await sending
    await settled(world)

    const after = await scrape(world)
    const counted = (answered: boolean): number =>
      new Set(customer.received.filter(({ body }) => fails(body) !== answered).map(({ id }) => id)).size
    const { delivered, dead, retried, unsettled = 0 } = resultsOf(after, 'switchhook_deliveries_total')
    expect({
      events: valueIn(after, 'switchhook_events_total', { type: 'call.end', result: 'accepted' }),
      delivered,
      dead,
      retried,
      lags: valueIn(after, 'switchhook_delivery_lag_seconds_count'),
      deaths: valueIn(after, 'switchhook_worker_deaths_total', { worker: '1' }),
      keptDelivered: valueIn(after, 'switchhook_outbox_deliveries', { state: 'delivered' }),
      keptDead: valueIn(after, 'switchhook_outbox_deliveries', { state: 'dead' }),
    }).toEqual({
      events: DELIVERIES,
      delivered: counted(true),
      dead: counted(false),
      retried: 2 * counted(false),
      lags: DELIVERIES,
      deaths: KILLS,
      keptDelivered: counted(true),
      keptDead: counted(false),
    })
    expect(counted(true) + counted(false)).toBe(DELIVERIES)
    // What a worker had sent when it was killed the receiver has counted, and nobody else could.
    const { success = 0, status = 0 } = resultsOf(after, 'switchhook_attempts_total')
    expect(success + status).toBeLessThanOrEqual(customer.received.length)
    expect(success + status).toBeGreaterThanOrEqual(customer.received.length - unsettled)
    expect(unsettled).toBeGreaterThan(0)
  },
  LIMIT_MS,
)

test('quantiles of an endpoint and counts by bucket are those of the list of all values', async () => {
  await using customer = await Receiver.start()
  customer.answer = (_, response) => setTimeout(() => response.end(), 1 + (customer.received.length % 40))
  const world = await startWorld(`
workers: 0
webhooks: [ { id: ask, profile: wix-answers-ivr, url: '${customer.origin}' } ]
`)
  const values: number[] = []
  const ask = async (): Promise<void> => {
    for (let index = 0; index < 60; index += 1) {
      const { json } = await world.post('/v1/webhooks/ask/invoke', { data: { input: '1' } })
      values.push(json.attempt.durationMs)
    }
  }
  await Promise.all(Array.from({ length: 8 }, ask))
  const families = await scrape(world)
  const sorted = values.toSorted((a, b) => a - b)
  for (const quantile of [0.5, 0.9, 0.99, 0.999]) {
    const exact = sorted[Math.ceil(quantile * sorted.length) - 1] ?? Number.NaN
    const labels = { endpoint: customer.origin, quantile: String(quantile) }
    const shown = (valueIn(families, 'switchhook_endpoint_latency_seconds', labels) ?? Number.NaN) * 1000
    expect(Math.abs(shown - exact)).toBeLessThanOrEqual(exact / 100 + ROUNDING_MS)
  }
  const within = (boundMs: number): number =>
    valueIn(families, 'switchhook_attempt_duration_seconds_bucket', { webhook: 'ask', le: String(boundMs / 1000) }) ?? 0
  for (const boundMs of [5, 10, 25, 50]) {
    const [low, high] = [boundMs - ROUNDING_MS, boundMs + ROUNDING_MS]
    expect(within(boundMs)).toBeGreaterThanOrEqual(values.filter((value) => value <= low).length)
    expect(within(boundMs)).toBeLessThanOrEqual(values.filter((value) => value <= high).length)
  }
})
