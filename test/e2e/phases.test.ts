/** Where the time of requests went, as a scrape tells it: each request's phases once, and together no more than what the requests took. */
import { expect, test } from 'vitest'
import { type Family, readExposition, valueIn } from '../metrics/read-exposition.ts'
import { Receiver } from '../worker/receiver.ts'
import { startWorld, type World } from './world.ts'

const EVENTS = 12
const CALLS = 5

async function metricsOf(world: World): Promise<ReadonlyMap<string, Family>> {
  return readExposition(await (await fetch(`${world.url}/metrics`)).text())
}

test.each([0, 1])('phases are counted once a request, with %i workers', async (workers) => {
  await using server = await Receiver.start()
  server.answer = ({ url }, response) => response.writeHead(url === '/ask' ? 200 : 204).end()
  const world = await startWorld(`
workers: ${workers}
webhooks:
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${server.origin}/feed', body: '%callid%' }
  - { id: ask, profile: wix-answers-ivr, url: '${server.origin}/ask' }
`)
  for (let index = 0; index < EVENTS; index += 1) {
    await world.post('/v1/events', { type: 'call.end', data: { callid: String(index) } })
  }
  for (let index = 0; index < CALLS; index += 1) await world.post('/v1/webhooks/ask/invoke', { data: {} })
  await expect
    .poll(async () =>
      valueIn(await metricsOf(world), 'switchhook_deliveries_total', { webhook: 'feed', result: 'delivered' }),
    )
    .toBe(EVENTS)
  const families = await metricsOf(world)
  const of = (sample: string, kind: string, phase: string): number =>
    valueIn(families, `switchhook_phase_seconds_${sample}`, { kind, phase }) ?? 0

  for (const phase of ['queue', 'render', 'waiting', 'first_byte', 'body']) {
    expect([phase, of('count', 'send', phase), of('count', 'invoke', phase)]).toEqual([phase, EVENTS, CALLS])
  }
  expect(of('count', 'invoke', 'interpret')).toBe(CALLS)
  expect(of('count', 'send', 'interpret')).toBe(0)
  expect(of('count', 'send', 'connect')).toBeGreaterThan(0)
  for (const [kind, webhook] of [
    ['send', 'feed'],
    ['invoke', 'ask'],
  ] as const) {
    const onTheWire = ['waiting', 'dns', 'connect', 'tls', 'first_byte', 'body']
    const sum = onTheWire.reduce((all, phase) => all + of('sum', kind, phase), 0)
    const took = valueIn(families, 'switchhook_attempt_duration_seconds_sum', { webhook }) ?? 0
    expect(sum).toBeLessThanOrEqual(took * 1.000_001)
    expect(sum).toBeGreaterThan(0)
  }
})
