/** What a whole service streams: events, decisions and deliveries as they happen, to those who may see them. */
import { expect, onTestFinished, test } from 'vitest'
import { StreamReader } from '../ingress/event-stream.ts'
import { Receiver } from '../worker/receiver.ts'
import { startWorld } from './world.ts'

const TOKENS = { ACME: 'acme-secret', BETA: 'beta-secret', ALL: 'all-secret' }
const bearer = (token: string) => ({ authorization: `Bearer ${token}-secret` })

async function start() {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const hook = (account: string): string =>
    `  - { id: ${account}-feed, account: ${account}, profile: custom, on: [call.end], method: POST, url: 'http://user:password@${receiver.origin.slice(7)}/', headers: [{ name: X-Key, value: { env: ALL } }], answer: status, body: '{"ani":"%ani%"}', retry: { schedule: [0s, 0s] } }\n`
  const world = await startWorld(
    `workers: 0
auth:
  tokens:
    - { name: acme, secret: { env: ACME }, may: [read], accounts: [acme] }
    - { name: beta, secret: { env: BETA }, may: [read], accounts: [beta] }
    - { name: all, secret: { env: ALL }, may: [send, invoke, read] }
webhooks:
${hook('acme')}${hook('beta')}`,
    TOKENS,
  )
  const send = (account: string, id: string) =>
    world.post(
      '/v1/events',
      { account, id, type: 'call.end', subject: `${account}-call`, data: { ani: '+15551234567' } },
      bearer('all'),
    )
  return { receiver, world, send }
}

test('events, decisions and every step of deliveries are streamed as they happen, without data or secrets', async () => {
  const { receiver, world, send } = await start()
  receiver.answer = (_, response) => response.writeHead(receiver.received.length === 1 ? 500 : 200).end('answer')
  const reader = await StreamReader.open(`${world.url}/v1/stream`, bearer('acme'))
  await send('beta', 'e0')
  await send('acme', 'e1')
  const [event, first] = await reader.take(2)
  expect(event).toEqual({
    event: 'event',
    data: {
      ...{ time: expect.any(String), account: 'acme', id: 'e1', source: '/', type: 'call.end' },
      ...{ subject: 'acme-call', deliveries: 1 },
    },
  })
  const steps = [first]
  while (steps.at(-1)?.data.state !== 'delivered') steps.push(...(await reader.take(1)))
  for (const step of steps) {
    expect(step).toMatchObject({
      event: 'delivery',
      data: { webhook: 'acme-feed', account: 'acme', event: { id: 'e1' } },
    })
  }
  expect(steps.at(-1)?.data.attempts).toMatchObject([{ status: 200, answer: 'answer' }])
  const data = { data: { ani: '+15551234567' }, subject: 'acme-call', id: 'i1' }
  const { json } = await world.post('/v1/webhooks/acme-feed/invoke', data, bearer('all'))
  const [decision] = await reader.take(1)
  expect(decision).toMatchObject({ event: 'decision', data: { account: 'acme', event: { id: 'i1' }, ...json } })
  expect(JSON.stringify([event, steps, decision])).not.toMatch(/beta|password|secret|5551234567/)
})

test('a stream of one call tells of nothing else', async () => {
  const { world, send } = await start()
  const reader = await StreamReader.open(`${world.url}/v1/stream?subject=beta-call`, bearer('all'))
  await send('acme', 'e1')
  await send('beta', 'e2')
  const [event, delivery] = await reader.take(2)
  expect(event).toMatchObject({ event: 'event', data: { id: 'e2' } })
  expect(delivery).toMatchObject({ event: 'delivery', data: { event: { id: 'e2' } } })
})

test('the service ends while somebody watches', async () => {
  const { world } = await start()
  const reader = await StreamReader.open(`${world.url}/v1/stream`, bearer('all'))
  await world.service.close(60_000)
  expect(await reader.next()).toBeUndefined()
})
