/** Metrics that count nothing, as benches need them: whatever happens, only what is looked up at a scrape is shown. */
import { expect, test } from 'vitest'
import { Metrics } from '../../src/metrics/metrics.ts'
import { Recorder } from '../../src/metrics/recorder.ts'
import { readExposition } from './read-exposition.ts'

/** Everything that can be counted, once. */
function countAll(metrics: Metrics): void {
  metrics.event('call.end', 'accepted')
  metrics.delivery('crm', 'delivered')
  metrics.recorder.attempt(metrics.rowOf('crm'), 'success', 12)
  metrics.recorder.phases('send', { waitingMs: 1, bodyMs: 2 })
  metrics.recorder.overhead('render', 0.2)
  metrics.recorder.engine('loopDelay', 3)
  metrics.invoke('crm', 'success', 30)
  metrics.exemplar('crm', 'invoke', 30, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 1)
  metrics.lag(4)
  metrics.storeCommit(3)
  metrics.endpointLatency('https://crm.example.com', 12)
  metrics.httpRequest('/v1/events', 'POST', 202)
  metrics.outbox(() => ({ pending: 3, dead: 1, oldestMs: 2500 }))
}

/** Families that have a sample above 0. */
async function shownBy(metrics: Metrics): Promise<readonly string[]> {
  const families = [...readExposition(await metrics.text()).values()]
  const shown = families.filter(({ samples }) => samples.some(({ value }) => value > 0))
  return shown.map(({ name }) => name).sort()
}

test('show what can be looked up, and neither what happened nor the process', async () => {
  const metrics = new Metrics({ version: '1.2.3', isCounting: false })
  countAll(metrics)
  expect(await shownBy(metrics)).toEqual([
    'switchhook_build_info',
    'switchhook_config_last_reload_successful',
    'switchhook_outbox_deliveries',
    'switchhook_outbox_oldest_seconds',
  ])
  expect(metrics.snapshot()).toMatchObject({ events: 0, attempts: 0, delivered: 0, invokes: 0 })
  expect(metrics.snapshot()).not.toHaveProperty('invokeP99Ms')
})

test('would show all of it if they counted', async () => {
  const metrics = new Metrics({ version: '1.2.3' })
  countAll(metrics)
  const shown = await shownBy(metrics)
  for (const family of ['events_total', 'deliveries_total', 'attempts_total', 'invokes_total', 'http_requests_total']) {
    expect(shown).toContain(`switchhook_${family}`)
  }
  expect(shown).toContain('switchhook_phase_seconds')
  expect(shown).toContain('process_cpu_seconds_total')
})

test('a recorder without a block takes everything and keeps nothing', () => {
  const recorder = new Recorder(undefined)
  expect(() => {
    recorder.attempt(0, 'success', 1)
    recorder.phases('invoke', { bodyMs: 1 })
    recorder.overhead('queue', 1)
    recorder.delivery(0, 'dead', 1)
    recorder.invoke(0, 'success', 1)
    recorder.engine('storeCommit', 1)
  }).not.toThrow()
})
