/** Changes and reloads under load of events: none is lost or refused, and none is rendered by half of one and half of the other. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { endOf, startManaged } from './management-world.ts'

const CHANGES = 1000

/** Events a second in batches; fewer where the machine can't. */
const RATE = 2000
const BATCH = 50

test('1,000 changes and reloads in between lose no event, refuse none, and mix nothing', async () => {
  await using receiver = await Receiver.start()
  /** A version stands in the path, in the template's text and in a header: all three change at once. */
  const webhook = (version: string): object => ({
    ...{ profile: 'custom', method: 'POST', on: ['call.end'], url: `${receiver.origin}/${version}`, circuit: 'off' },
    ...{ body: `${version} %callid%`, headers: { 'x-version': version } },
  })
  const file = (count: number): string =>
    `workers: 0\nwebhooks:\n  - { id: of-file, profile: custom, on: [call.end], url: '${receiver.origin}/file${count % 2}', body: 'file${count % 2} %callid%', headers: { x-version: file${count % 2} }, circuit: off }\n`
  const world = await startManaged(file(0).replace('workers: 0\n', ''))
  await world.ask('PUT', '/v1/webhooks/crm', webhook('v0'))
  let isChanging = true
  let sent = 0
  const send = async (): Promise<void> => {
    const startedAt = performance.now()
    while (isChanging) {
      const events = Array.from({ length: BATCH }, () => endOf(`c${sent++}`))
      const { status, json } = await world.post('/v1/events', events, {
        'content-type': 'application/cloudevents-batch+json',
      })
      expect(status).toBe(202)
      expect(json.rejected).toEqual([])
      expect(json.accepted.every(({ deliveries }: { deliveries: number }) => deliveries >= 2)).toBe(true)
      await pause(Math.max(0, startedAt + (sent / RATE) * 1000 - performance.now()))
    }
  }
  const call = async (): Promise<void> => {
    while (isChanging) {
      const { json } = await world.post('/v1/webhooks/crm/invoke', { data: { callid: 'live' } })
      expect(json.decision.kind).toBe('continue')
    }
  }
  const change = async (): Promise<void> => {
    for (let count = 1; count <= CHANGES; count += 1) {
      const { status } = await world.ask('PUT', '/v1/webhooks/crm', webhook(`v${count}`))
      expect(status).toBe(200)
      if (count % 10 === 0)
        await world.ask(
          count % 20 === 0 ? 'PUT' : 'DELETE',
          '/v1/webhooks/other',
          count % 20 === 0 ? webhook('other') : undefined,
        )
      if (count % 50 === 0) await world.reload(file(count / 50))
    }
    isChanging = false
  }
  await Promise.all([change(), send(), call()])

  await expect
    .poll(() => world.service.engine.stats(), { timeout: 30_000 })
    .toMatchObject({ inFlight: 0, outbox: { pending: 0 } })
  const mixed = receiver.received.filter(({ url, body, headers }) => {
    const version = url.slice(1)
    return !body.startsWith(`${version} `) || headers['x-version'] !== version
  })
  expect(mixed).toEqual([])
  for (const kind of ['v', 'file']) {
    const calls = receiver.received.filter(({ body }) => new RegExp(`^${kind}\\d+ c`).test(body))
    expect(new Set(calls.map(({ body }) => body.split(' ')[1])).size).toBe(sent)
  }
  // What the API deleted again and again arrived, or says why it did not.
  const { json } = await world.get('/v1/deliveries?state=dead&limit=1000')
  expect(json.deliveries.filter(({ reason }: { reason: string }) => reason !== 'webhook-removed')).toEqual([])
}, 120_000)
