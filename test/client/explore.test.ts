/** What the client is told about calls, data points and figures, by a running engine. */
import { expect, onTestFinished, test } from 'vitest'
import { SwitchhookClient } from '../../src/client/client.ts'
import { startWorld } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'

async function start(): Promise<{
  readonly receiver: Receiver
  readonly client: SwitchhookClient
  readonly url: string
}> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const world = await startWorld(`workers: 0
dataPoints: [{ name: queue_depth, description: Callers waiting, example: 7 }]
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}/crm', body: '%callid%' }
  - { id: other, profile: custom, method: POST, url: '${receiver.origin}/other', body: '<%callid%>', contentType: text }
`)
  return { receiver, client: new SwitchhookClient({ url: world.url }), url: world.url }
}

test('the story of a call, and the calls of which something happened last', async () => {
  const { client } = await start()
  expect(await client.recentCalls()).toEqual([])
  await client.send({ type: 'call.end', subject: 'call/1', data: { callid: '1' } })
  await client.invoke('other', { subject: 'call-2', data: { callid: '2' } })
  await expect
    .poll(async () => (await client.recentCalls())[1])
    .toMatchObject({
      ...{ subject: 'call/1', account: 'default', time: expect.stringMatching(/^20.*Z$/) },
      latest: { kind: 'delivery', type: 'call.end', webhook: 'crm', state: 'delivered' },
    })
  const decided = { kind: 'decision', type: 'call.ivr', webhook: 'other', decision: 'continue' }
  expect(await client.recentCalls({ limit: 1, account: 'default' })).toMatchObject([
    { subject: 'call-2', latest: decided },
  ])
  expect(await client.call('call/1', { limit: 10 })).toMatchObject({
    subject: 'call/1',
    entries: [
      { kind: 'event', data: { callid: '1' } },
      { kind: 'delivery', request: { body: '1' } },
    ],
    next: null,
  })
})

test('what a webhook would be sent for a past delivery', async () => {
  const { client, receiver } = await start()
  await client.send({ type: 'call.end', subject: 'call-1', data: { callid: '1' } })
  await receiver.until(() => receiver.received.length === 1)
  const [delivery] = (await client.deliveryPage({})).deliveries
  expect(await client.renderDelivery(delivery?.id ?? '', 'crm')).toMatchObject({
    url: `${receiver.origin}/crm`,
    body: '1',
  })
  expect(await client.renderDelivery(delivery?.id ?? '', 'other')).toMatchObject({ body: '<1>' })
})

test('data points, fields and figures', async () => {
  const { client } = await start()
  const platforms = await client.catalog()
  expect(platforms.map(({ id }) => id)).toEqual(expect.arrayContaining(['autoid', 'vcc-live-ivr', 'own']))
  expect(platforms.at(-1)?.categories[0]?.dataPoints[0]).toEqual({
    name: 'queue_depth',
    description: 'Callers waiting',
    example: 7,
  })
  expect(await client.extract('json', '{"a":{"b":"%ani%"},"c":[1]}')).toEqual([
    { path: 'a.b', token: 'ani' },
    { path: 'c.0', token: null },
  ])
  await expect(client.extract('json', '{\n "a": ,}')).rejects.toMatchObject({
    problem: { status: 422, errors: [{ path: 'format', line: 2, column: 7 }] },
  })
  expect(await client.stats()).toMatchObject({
    webhooks: 2,
    outbox: { pending: 0, delivered: 0, dead: 0 },
    circuits: [],
  })
})
