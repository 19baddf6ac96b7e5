/** What people are told of deliveries that can not go out: with each delivery, in the stats, in the metrics. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { type Json, startWorld, type World } from './world.ts'

const feed = (origin: string, more: string): string =>
  `webhooks:\n  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${origin}/feed', retry: { schedule: [0s, 0s, 0s], jitter: 0 }${more} }\n`

/** What is waited for comes in milliseconds, unless the machine is busy with other tests. */

/** A server that answers nothing; requests end with the test. */
async function hangingReceiver(): Promise<Receiver> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  receiver.answer = () => undefined
  return receiver
}

async function send(world: World, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await world.post('/v1/events', { id, type: 'call.end', subject: 'call-1', data: {} })
}

/** What holds each pending delivery, the first accepted first. */
async function holds(world: World): Promise<Json> {
  const { deliveries } = (await world.get('/v1/deliveries?state=pending')).json
  return deliveries.map(({ held }: Json) => held).reverse()
}

async function metric(world: World, reason: string): Promise<string | undefined> {
  const text = await (await fetch(`${world.url}/metrics`)).text()
  return new RegExp(`^switchhook_held_deliveries\\{reason="${reason}"\\} (\\d+)$`, 'm').exec(text)?.[1]
}

describe('deliveries that are held', () => {
  test('by an open circuit say so, with the next probe; so do stats and metrics', async () => {
    const receiver = await hangingReceiver()
    receiver.answer = (_, response) => response.writeHead(503, { 'retry-after': '120' }).end()
    const world = await startWorld(feed(receiver.origin, ', circuit: { failures: 1, probe: 60s }'))
    const before = Date.now()
    await send(world, 'e1')
    await expect.poll(async () => (await world.get('/v1/stats')).json.circuits).toHaveLength(1)
    await send(world, 'e2')
    const [asked, held] = await holds(world)
    // The first waits because it was asked to; the others because their endpoint is taken for offline.
    expect(asked).toBeUndefined()
    expect(held).toMatchObject({ reason: 'circuit-open' })
    expect(Date.parse(held.until) - before).toBeGreaterThanOrEqual(120_000)
    const { json: stats } = await world.get('/v1/stats')
    expect(stats.held).toEqual({
      deliveries: { 'circuit-open': 2 },
      webhooks: [{ webhook: 'feed', account: 'default', deliveries: 2, ...held }],
    })
    expect(stats.circuits).toEqual([
      {
        ...{ endpoint: receiver.origin, account: 'default', state: 'open', reason: 'status' },
        ...{ since: expect.any(String), nextProbe: held.until },
      },
    ])
    expect(await metric(world, 'circuit-open')).toBe('2')
    expect(await metric(world, 'inactive')).toBe('0')
  })

  test('by their webhook’s deactivation say so, also those that are due later', async () => {
    const receiver = await hangingReceiver()
    receiver.answer = (_, response) => response.writeHead(410).end()
    const world = await startWorld(feed(receiver.origin, ''))
    await send(world, 'e1')
    await expect.poll(() => holds(world)).toEqual([{ reason: 'inactive' }])
    expect(await metric(world, 'inactive')).toBe('1')
  })

  test('by their webhook’s concurrency say so; the one in flight is not held', async () => {
    const receiver = await hangingReceiver()
    const world = await startWorld(feed(receiver.origin, ', concurrency: 1'))
    await send(world, 'e1', 'e2', 'e3')
    await receiver.until(() => receiver.received.length === 1)
    expect(await holds(world)).toEqual([undefined, { reason: 'concurrency' }, { reason: 'concurrency' }])
    const { json } = await world.get('/v1/stats')
    expect(json.held.deliveries).toEqual({ concurrency: 2 })
  })

  test('by the order of their call say so', async () => {
    const receiver = await hangingReceiver()
    const world = await startWorld(feed(receiver.origin, ', ordered: true'))
    await send(world, 'e1', 'e2')
    await receiver.until(() => receiver.received.length === 1)
    expect(await holds(world)).toEqual([undefined, { reason: 'ordered' }])
    const [id] = (await world.get('/v1/deliveries?event=e2')).json.deliveries.map((delivery: Json) => delivery.id)
    expect((await world.get(`/v1/deliveries/${id}`)).json).toMatchObject({ held: { reason: 'ordered' } })
  })

  test('by nothing but their next time are not held', async () => {
    const receiver = await hangingReceiver()
    receiver.answer = (_, response) => response.writeHead(500).end()
    const world = await startWorld(feed(receiver.origin, '').replace('[0s, 0s, 0s]', '[0s, 1h]'))
    await send(world, 'e1')
    await receiver.until(() => receiver.received.length === 1)
    await expect.poll(async () => (await world.get('/v1/stats')).json.retries).toBe(1)
    expect(await holds(world)).toEqual([undefined])
    expect((await world.get('/v1/stats')).json.held).toEqual({ deliveries: {}, webhooks: [] })
  })
})

test('a first server that always loses against its fallback opens its circuit, and then costs no wait', async () => {
  const first = await hangingReceiver()
  await using second = await Receiver.start()
  const world = await startWorld(
    `webhooks:\n  - { id: ask, profile: custom, answer: status, method: POST, url: '${first.origin}/ask', timeouts: { response: 200ms }, circuit: { failures: 2, probe: 60s }, fallback: { url: '${second.origin}/ask', after: 20ms } }\n`,
  )
  const ask = async (): Promise<Json> => (await world.post('/v1/webhooks/ask/invoke', { data: {} })).json
  for (const json of [await ask(), await ask()]) expect(json.attempt).toMatchObject({ fallback: true })
  await expect
    .poll(async () => (await world.get('/v1/stats')).json.circuits)
    .toMatchObject([{ endpoint: first.origin, state: 'open', reason: 'response-timeout' }])
  expect((await ask()).attempt).toMatchObject({ fallback: true })
  expect(first.received).toHaveLength(2)
})
