/** The figures that operators see are true: every name of the contract is there, and the counts are the receiver's. */
import { describe, expect, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { startWorld, type World } from './world.ts'

/** The value of a sample; `undefined` where there is none. */
function sample(text: string, name: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}

async function scrape(world: World): Promise<string> {
  return await (await fetch(`${world.url}/metrics`)).text()
}

const CONFIG = (origin: string): string => `
webhooks:
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${origin}/feed', body: '%callid%', circuit: off, retry: { schedule: [0s, 20ms, 20ms], jitter: 0 } }
  - { id: ask, profile: wix-answers-ivr, url: '${origin}/ask' }
`

describe('the metrics', () => {
  test('have every name of the contract', async () => {
    await using receiver = await Receiver.start()
    const world = await startWorld(CONFIG(receiver.origin))
    await world.post('/v1/events', { type: 'call.end', data: { callid: '1' } })
    await world.post('/v1/webhooks/ask/invoke', { data: { input: '1' } })
    await receiver.until(() => receiver.received.length === 2)
    const text = await scrape(world)
    for (const name of [
      'switchhook_events_total',
      'switchhook_deliveries_total',
      'switchhook_attempts_total',
      'switchhook_attempt_duration_seconds',
      'switchhook_invoke_duration_seconds',
      'switchhook_overhead_seconds',
      'switchhook_delivery_lag_seconds',
      'switchhook_outbox_deliveries',
      'switchhook_outbox_oldest_seconds',
      'switchhook_circuit_state',
      'switchhook_endpoint_latency_seconds',
      'switchhook_http_requests_total',
      'switchhook_worker_utilization',
    ]) {
      expect(text).toContain(`# TYPE ${name} `)
    }
    expect(text).toMatch(/^process_cpu_user_seconds_total /m)
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m)
  })

  test.each([['auto'], [0]])('agree with what the receiver counted, with failures, at workers: %s', async (workers) => {
    await using receiver = await Receiver.start()
    // Of each ten: one never works, two work at the second attempt, the rest at once.
    receiver.answer = ({ id, body }, response) => {
      const digit = Number(body) % 10
      const times = receiver.received.filter((request) => request.id === id).length
      const fails = digit === 0 || ((digit === 1 || digit === 2) && times === 1)
      response.writeHead(fails ? 500 : 204).end()
    }
    const world = await startWorld(`workers: ${workers}\n${CONFIG(receiver.origin)}`)
    const lines = Array.from({ length: 200 }, (_, index) => `{"type":"call.end","data":{"callid":"${index}"}}`)
    await world.post('/v1/events', lines.join('\n'), { 'content-type': 'application/x-ndjson' })
    await receiver.until(() => receiver.received.length === 200 + 40 + 20 * 2)
    await expect.poll(() => world.service.engine.stats()).toMatchObject({ outbox: { pending: 0 } })

    const text = await scrape(world)
    expect({
      events: sample(text, 'switchhook_events_total{type="call.end",result="accepted"}'),
      delivered: sample(text, 'switchhook_deliveries_total{webhook="feed",result="delivered"}'),
      dead: sample(text, 'switchhook_deliveries_total{webhook="feed",result="dead"}'),
      retried: sample(text, 'switchhook_deliveries_total{webhook="feed",result="retried"}'),
      succeeded: sample(text, 'switchhook_attempts_total{webhook="feed",result="success"}'),
      failed: sample(text, 'switchhook_attempts_total{webhook="feed",result="status"}'),
      durations: sample(text, 'switchhook_attempt_duration_seconds_count{webhook="feed"}'),
      lags: sample(text, 'switchhook_delivery_lag_seconds_count'),
      deadKept: sample(text, 'switchhook_outbox_deliveries{state="dead"}'),
    }).toEqual({
      events: 200,
      delivered: 180,
      dead: 20,
      retried: 40 + 20 * 2,
      succeeded: 180,
      failed: 40 + 20 * 3,
      durations: receiver.received.length,
      lags: 200,
      deadKept: 20,
    })
  })
})

describe('deliveries', () => {
  test('are listed with their attempts, and go out again when asked to', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = (_, response) => response.writeHead(500).end('no room')
    const world = await startWorld(CONFIG(receiver.origin))
    await world.post('/v1/events', { id: 'e1', type: 'call.end', subject: 'c1', data: { callid: '7' } })
    await receiver.until(() => receiver.received.length === 3)
    await expect.poll(async () => (await world.get('/v1/deliveries?state=dead')).json.deliveries).toHaveLength(1)
    const [dead] = (await world.get('/v1/deliveries?webhook=feed&event=e1')).json.deliveries
    expect(dead).toMatchObject({
      webhook: 'feed',
      state: 'dead',
      reason: 'status',
      event: { id: 'e1', subject: 'c1' },
      attempts: [1, 2, 3].map((attempt) => ({
        attempt,
        status: 500,
        error: 'the server answered 500',
        answer: 'no room',
      })),
    })

    receiver.answer = (_, response) => response.end()
    expect((await world.post(`/v1/deliveries/${dead.id}/retry`, '')).status).toBe(202)
    await receiver.until(() => receiver.received.length === 4)
    expect(receiver.received[3]?.id).toBe(receiver.received[0]?.id)
    await expect.poll(async () => (await world.get(`/v1/deliveries/${dead.id}`)).json.state).toBe('delivered')
  })

  test('of one call go out in order where the webhook asks for it', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = (_, response) => response.writeHead(receiver.received.length <= 2 ? 500 : 200).end()
    const ordered = CONFIG(receiver.origin).replace('circuit: off', 'circuit: off, ordered: true')
    const world = await startWorld(ordered)
    for (const callid of ['1', '2', '3'])
      await world.post('/v1/events', { type: 'call.end', subject: 'c1', data: { callid } })
    await receiver.until(() => receiver.received.length === 5)
    expect(receiver.received.map(({ body }) => body)).toEqual(['1', '1', '1', '2', '3'])
  })
})
