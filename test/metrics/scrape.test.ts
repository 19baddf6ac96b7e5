/** What a scrape shows: the exact text of small ones, and what every scrape owes to Prometheus. */
import { describe, expect, test } from 'vitest'
import type { HeldLevel } from '../../src/metrics/gauges.ts'
import { createBlock } from '../../src/metrics/layout.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { Recorder } from '../../src/metrics/recorder.ts'
import { contentTypeOf, PLAIN } from '../../src/metrics/scrape-format.ts'
import { readExposition, valueIn } from './read-exposition.ts'

/** Metrics without those of the process, on a clock that stands still. */
function quietMetrics(): Metrics {
  return new Metrics({ version: '1.2.3', showsProcess: false, monotonicMs: () => 0 })
}

/** Metrics in which everything has happened once. */
function busyMetrics(): Metrics {
  const metrics = new Metrics({ version: '1.2.3' })
  metrics.event('call.end', 'accepted')
  metrics.delivery('crm', 'delivered')
  metrics.recorder.attempt(metrics.rowOf('crm'), 'success', 12)
  metrics.recorder.overhead('render', 0.2)
  metrics.recorder.phases('invoke', { waitingMs: 0.1, interpretMs: 0.4 })
  metrics.invoke('crm', 'success', 30)
  metrics.lag(4)
  metrics.endpointLatency('https://crm.example.com', 12)
  metrics.httpRequest('/v1/events', 'POST', 202)
  metrics.replacedBytes(2)
  metrics.outbox(() => ({ pending: 3, delivered: 4, dead: 1, oldestMs: 2500, bytes: 9000, limit: 10 }))
  metrics.circuits(() => [{ endpoint: 'https://crm.example.com', state: 'open' }])
  metrics.held(() => [{ reason: 'circuit-open', deliveries: 2 }])
  metrics.workers(() => [{ worker: 1, utilization: 0.25, inFlight: 7, queuedBatches: 2 }])
  metrics.workerDeaths(1, 0)
  metrics.storeCommit(3)
  metrics.space(() => ({ freeBytes: 5000, reserveBytes: 64 }))
  metrics.ready(() => [{ name: 'store', ready: true }])
  return metrics
}

/** The lines of one family. */
async function linesOf(metrics: Metrics, family: string): Promise<readonly string[]> {
  const lines = (await metrics.text()).split('\n')
  return lines.filter(
    (line) => line.includes(` ${family} `) || line.startsWith(`${family}{`) || line.startsWith(`${family}_`),
  )
}

describe('text', () => {
  test('has every family of the contract, with its type and labels', async () => {
    const families = readExposition(await busyMetrics().text())
    const shown = [...families.values()]
      .filter(({ name }) => name.startsWith('switchhook_'))
      .map(({ name, type, samples }) => `${type} ${name}{${Object.keys(samples.at(0)?.labels ?? {}).join()}}`)
    expect(shown.sort()).toEqual([
      'counter switchhook_attempts_total{webhook,result}',
      'counter switchhook_config_reloads_total{result}',
      'counter switchhook_deliveries_total{webhook,result}',
      'counter switchhook_events_refused_total{reason}',
      'counter switchhook_events_total{type,result}',
      'counter switchhook_http_requests_total{route,method,status}',
      'counter switchhook_invokes_total{webhook,result}',
      'counter switchhook_replaced_bytes_total{}',
      'counter switchhook_store_errors_total{}',
      'counter switchhook_worker_deaths_total{worker}',
      'gauge switchhook_build_info{version}',
      'gauge switchhook_circuit_state{endpoint}',
      'gauge switchhook_config_last_reload_success_timestamp_seconds{}',
      'gauge switchhook_config_last_reload_successful{}',
      'gauge switchhook_held_deliveries{reason}',
      'gauge switchhook_outbox_bytes{}',
      'gauge switchhook_outbox_deliveries{state}',
      'gauge switchhook_outbox_limit_deliveries{}',
      'gauge switchhook_outbox_oldest_seconds{}',
      'gauge switchhook_ready{check}',
      'gauge switchhook_store_free_bytes{}',
      'gauge switchhook_store_reserve_bytes{}',
      'gauge switchhook_worker_in_flight_deliveries{worker}',
      'gauge switchhook_worker_queued_batches{worker}',
      'gauge switchhook_worker_utilization{worker}',
      'histogram switchhook_attempt_duration_seconds{webhook,le}',
      'histogram switchhook_delivery_lag_seconds{le}',
      'histogram switchhook_event_loop_delay_seconds{le}',
      'histogram switchhook_invoke_duration_seconds{webhook,le}',
      'histogram switchhook_overhead_seconds{stage,le}',
      'histogram switchhook_phase_seconds{kind,phase,le}',
      'histogram switchhook_store_commit_seconds{le}',
      'summary switchhook_endpoint_latency_seconds{endpoint,quantile}',
    ])
  })

  test('has a help text for every family, and those of the process', async () => {
    const families = readExposition(await busyMetrics().text())
    for (const { name, help } of families.values()) expect(`${name}: ${help}`).toMatch(/: [A-Z].*\.$/)
    expect(families.get('process_cpu_seconds_total')?.type).toBe('counter')
    expect(families.get('nodejs_eventloop_lag_seconds')?.type).toBe('gauge')
  })

  test('leaves the process out where it is told to', async () => {
    const families = readExposition(await quietMetrics().text())
    expect([...families.keys()].filter((name) => !name.startsWith('switchhook_'))).toEqual([])
  })

  test('shows the phases that happened, of live calls and of deliveries apart', async () => {
    const metrics = quietMetrics()
    metrics.recorder.phases('send', { queueMs: 3, firstByteMs: 11 })
    metrics.recorder.phases('invoke', { firstByteMs: 7, interpretMs: 0.2 })
    const counts = (await linesOf(metrics, 'switchhook_phase_seconds')).filter((line) => line.includes('_sum{'))
    expect(counts).toEqual([
      'switchhook_phase_seconds_sum{kind="invoke",phase="first_byte"} 0.007',
      'switchhook_phase_seconds_sum{kind="invoke",phase="interpret"} 0.0002',
      'switchhook_phase_seconds_sum{kind="send",phase="queue"} 0.003',
      'switchhook_phase_seconds_sum{kind="send",phase="first_byte"} 0.011',
    ])
  })

  test('writes counters of a webhook exactly so', async () => {
    const metrics = quietMetrics()
    metrics.delivery('crm', 'retried', 2)
    expect(await linesOf(metrics, 'switchhook_deliveries_total')).toEqual([
      '# HELP switchhook_deliveries_total What became of deliveries, each time that something did.',
      '# TYPE switchhook_deliveries_total counter',
      'switchhook_deliveries_total{webhook="crm",result="delivered"} 0',
      'switchhook_deliveries_total{webhook="crm",result="retried"} 2',
      'switchhook_deliveries_total{webhook="crm",result="dead"} 0',
    ])
  })

  test('writes a histogram exactly so', async () => {
    const metrics = quietMetrics()
    for (const durationMs of [0.1, 30, 30, 20_000]) metrics.invoke('crm', 'success', durationMs)
    const counts = [1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3, 4]
    const bounds = '0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf'.split(' ')
    const name = 'switchhook_invoke_duration_seconds'
    expect((await linesOf(metrics, name)).slice(2)).toEqual([
      ...bounds.map((bound, index) => `${name}_bucket{webhook="crm",le="${bound}"} ${counts[index]}`),
      `${name}_sum{webhook="crm"} 20.0601`,
      `${name}_count{webhook="crm"} 4`,
    ])
  })

  test('writes a summary exactly so', async () => {
    const metrics = quietMetrics()
    for (let latencyMs = 1; latencyMs <= 1000; latencyMs += 1)
      metrics.endpointLatency('https://crm.example.com', latencyMs)
    const name = 'switchhook_endpoint_latency_seconds'
    const families = readExposition(await metrics.text())
    const endpoint = 'https://crm.example.com'
    for (const quantile of ['0.5', '0.9', '0.99', '0.999']) {
      const seconds = valueIn(families, name, { endpoint, quantile }) ?? Number.NaN
      expect(Math.abs(seconds - Number(quantile))).toBeLessThanOrEqual(Number(quantile) / 100)
    }
    expect(valueIn(families, `${name}_sum`, { endpoint })).toBe(500.5)
    expect(valueIn(families, `${name}_count`, { endpoint })).toBe(1000)
  })

  test('an endpoint that was idle for two minutes keeps sum and count, and has no quantiles', async () => {
    let nowMs = 0
    const metrics = new Metrics({ version: '1', showsProcess: false, monotonicMs: () => nowMs })
    metrics.endpointLatency('a', 50)
    nowMs = 120_000
    expect((await linesOf(metrics, 'switchhook_endpoint_latency_seconds')).slice(2)).toEqual([
      'switchhook_endpoint_latency_seconds_sum{endpoint="a"} 0.05',
      'switchhook_endpoint_latency_seconds_count{endpoint="a"} 1',
    ])
  })

  test.each(['a"b', 'a\\b', 'a\nb', 'a\\nb', 'a,b="c"', 'Anruf beendet \u{1f4de}', '}', ''])(
    'shows the event type %j unchanged',
    async (type) => {
      const metrics = quietMetrics()
      metrics.event(type, 'rejected', 5)
      const families = readExposition(await metrics.text())
      expect(valueIn(families, 'switchhook_events_total', { type, result: 'rejected' })).toBe(5)
    },
  )

  test('is declared as the Prometheus text format', () => {
    expect(contentTypeOf(PLAIN)).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  test('two engines of one process know nothing of each other', async () => {
    const [one, two] = [busyMetrics(), busyMetrics()]
    one.event('call.end', 'accepted', 9)
    const accepted = { type: 'call.end', result: 'accepted' }
    expect(valueIn(readExposition(await one.text()), 'switchhook_events_total', accepted)).toBe(10)
    expect(valueIn(readExposition(await two.text()), 'switchhook_events_total', accepted)).toBe(1)
  })

  test('scrapes at the same time do not disturb each other', async () => {
    const metrics = busyMetrics()
    const texts = await Promise.all([metrics.text(), metrics.text(), metrics.text()])
    for (const text of texts) {
      const families = readExposition(text)
      expect(valueIn(families, 'switchhook_outbox_deliveries', { state: 'pending' })).toBe(3)
      expect(valueIn(families, 'switchhook_events_total', { type: 'call.end', result: 'accepted' })).toBe(1)
    }
  })

  test('with many webhooks gives other work its turns', async () => {
    const metrics = quietMetrics()
    for (let index = 0; index < 1000; index += 1) metrics.invoke(`webhook-${index}`, 'success', index)
    let turns = 0
    const counting = setInterval(() => {
      turns += 1
    }, 0)
    await metrics.text()
    clearInterval(counting)
    expect(turns).toBeGreaterThan(0)
  })
})

describe('what alerts watch', () => {
  test('is there before anything has happened', async () => {
    const metrics = quietMetrics()
    metrics.rowOf('crm')
    metrics.workerDeaths(1, 0)
    const families = readExposition(await metrics.text())
    const values = (
      [
        ['switchhook_events_refused_total', { reason: 'backlog' }],
        ['switchhook_events_refused_total', { reason: 'store' }],
        ['switchhook_store_errors_total', {}],
        ['switchhook_worker_deaths_total', { worker: '1' }],
        ['switchhook_config_reloads_total', { result: 'refused' }],
        ['switchhook_deliveries_total', { webhook: 'crm', result: 'dead' }],
        ['switchhook_invokes_total', { webhook: 'crm', result: 'success' }],
      ] as const
    ).map(([name, labels]) => valueIn(families, name, labels))
    expect(values).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(valueIn(families, 'switchhook_config_last_reload_successful')).toBe(1)
  })

  test('is counted', async () => {
    const metrics = quietMetrics()
    metrics.eventsRefused('backlog', 3)
    metrics.storeError()
    metrics.workerDeaths(2, 1)
    metrics.storeCommit(3)
    metrics.recorder.engine('loopDelay', 120)
    metrics.configReload('success')
    metrics.configReload('refused')
    const families = readExposition(await metrics.text())
    expect(valueIn(families, 'switchhook_events_refused_total', { reason: 'backlog' })).toBe(3)
    expect(valueIn(families, 'switchhook_store_errors_total')).toBe(1)
    expect(valueIn(families, 'switchhook_worker_deaths_total', { worker: '2' })).toBe(1)
    expect(valueIn(families, 'switchhook_store_commit_seconds_sum')).toBe(0.003)
    expect(valueIn(families, 'switchhook_event_loop_delay_seconds_bucket', { le: '0.1' })).toBe(0)
    expect(valueIn(families, 'switchhook_event_loop_delay_seconds_bucket', { le: '0.25' })).toBe(1)
    expect(valueIn(families, 'switchhook_config_last_reload_successful')).toBe(0)
    metrics.configReload('success')
    expect(valueIn(readExposition(await metrics.text()), 'switchhook_config_last_reload_successful')).toBe(1)
  })
})

describe('gauges', () => {
  test('show what their owners say at the moment of the scrape', async () => {
    const metrics = busyMetrics()
    let pending = 1
    metrics.outbox(() => ({ pending, dead: 0, oldestMs: 0 }))
    await metrics.text()
    pending = 2
    const families = readExposition(await metrics.text())
    expect(valueIn(families, 'switchhook_outbox_deliveries', { state: 'pending' })).toBe(2)
    expect(valueIn(families, 'switchhook_outbox_oldest_seconds')).toBe(0)
    expect(valueIn(families, 'switchhook_worker_utilization', { worker: '1' })).toBe(0.25)
  })

  test('show what is held by each reason that holds whole webhooks, 0 where none does', async () => {
    const metrics = new Metrics({ version: '1', showsProcess: false })
    let held: readonly HeldLevel[] = [
      { reason: 'inactive', deliveries: 2 },
      { reason: 'rate', deliveries: 1 },
      { reason: 'inactive', deliveries: 1 },
    ]
    metrics.held(() => held)
    const values = async () =>
      (await linesOf(metrics, 'switchhook_held_deliveries')).filter((line) => !line.startsWith('#'))
    const lines = (inactive: number, rate: number): string[] => [
      `switchhook_held_deliveries{reason="inactive"} ${inactive}`,
      ...['circuit-open', 'recovering', 'concurrency'].map(
        (reason) => `switchhook_held_deliveries{reason="${reason}"} 0`,
      ),
      `switchhook_held_deliveries{reason="rate"} ${rate}`,
      ...['endpoint-busy', 'account-share'].map((reason) => `switchhook_held_deliveries{reason="${reason}"} 0`),
    ]
    expect(await values()).toEqual(lines(3, 1))
    held = []
    expect(await values()).toEqual(lines(0, 0))
  })

  test('show a circuit as the worst of its endpoint, and none that is gone', async () => {
    const metrics = quietMetrics()
    const levels = [
      { endpoint: 'a', state: 'closed' },
      { endpoint: 'b', state: 'half-open' },
      { endpoint: 'b', state: 'closed' },
      { endpoint: 'c', state: 'open' },
      { endpoint: 'c', state: 'half-open' },
    ] as const
    metrics.circuits(() => levels)
    const before = readExposition(await metrics.text())
    const shown = levels.map(({ endpoint }) => valueIn(before, 'switchhook_circuit_state', { endpoint }))
    expect(shown).toEqual([0, 1, 1, 2, 2])
    metrics.circuits(() => [])
    expect(await linesOf(metrics, 'switchhook_circuit_state')).toHaveLength(2)
  })

  test('a source that fails makes the scrape fail', async () => {
    const metrics = quietMetrics()
    metrics.outbox(() => {
      throw new Error('store is closed')
    })
    await expect(metrics.text()).rejects.toThrow('store is closed')
  })
})

describe('threads', () => {
  test('a worker that has ended keeps its counts', async () => {
    const metrics = quietMetrics()
    const block = createBlock()
    metrics.addThread(block)
    new Recorder(block).attempt(metrics.rowOf('crm'), 'dns', 7)
    metrics.removeThread(block)
    metrics.removeThread(block)
    metrics.recorder.attempt(metrics.rowOf('crm'), 'dns', 8)
    const families = readExposition(await metrics.text())
    expect(valueIn(families, 'switchhook_attempts_total', { webhook: 'crm', result: 'dns' })).toBe(2)
    expect(valueIn(families, 'switchhook_attempt_duration_seconds_sum', { webhook: 'crm' })).toBe(0.015)
  })
})
