/** What the engine finds again when it starts on the outbox of the one before: deliveries, contexts, circuits, activations. */
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { CallEvent } from '../../src/model/event.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { Receiver } from '../worker/receiver.ts'

const CONFIG = (origin: string): string => `
network: { allow: [127.0.0.0/8] }
workers: 0
webhooks:
  - { id: ask, profile: dialogtech-ivr, answer: next-action, method: GET, url: '${origin}/ask' }
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${origin}/feed', body: '%callid%', circuit: { failures: 2, probe: 1s }, retry: { schedule: [0s, 10ms, 10ms, 10ms], jitter: 0 } }
`

function event(type: string): CallEvent {
  const none = { hasOwnId: false, source: '/', time: '', traceparent: '' }
  return { ...none, id: type, type, subject: 'c1', account: 'default', data: { callid: '1' } }
}

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

function start(outbox: MemoryOutbox, origin: string, text = CONFIG(origin)): Engine {
  const loaded = parseConfig(text, 'test.yaml', {})
  if (loaded.kind === 'refused') throw new Error(loaded.issues.map(({ message }) => message).join('\n'))
  const { config } = loaded
  // A store that is opened again has nothing parked; this one was never closed.
  for (const [webhook] of outbox.pendingByWebhook()) outbox.unpark(webhook)
  const engine = new Engine({
    plan: config,
    dataPoints: [],
    outbox,
    backlog: config.store.backlog,
    retention: config.store.retention,
    workers: config.workers,
    connections: config.network.connections,
    version: '1.2.3',
    log,
  })
  onTestFinished(() => engine.close(0))
  engine.start([])
  return engine
}

test('a call goes on with its context', async () => {
  await using receiver = await Receiver.start()
  receiver.answer = (_, response) =>
    response
      .setHeader('content-type', 'text/xml')
      .end('<action><app>ivr</app><parameters><id>1</id><p_t>a|1</p_t></parameters></action>')
  const outbox = new MemoryOutbox()
  const first = start(outbox, receiver.origin)
  await first.invoke('ask', event('call.ivr'), {})
  await first.close(1000)

  await start(outbox, receiver.origin).invoke('ask', event('call.ivr'), {})
  expect(
    receiver.received.map(({ url }) => new URL(url, receiver.origin).searchParams.get('ivr_pass_through')),
  ).toEqual(['', 'a|1'])
})

test('a webhook that was deactivated stays so, and its deliveries wait', async () => {
  await using receiver = await Receiver.start()
  receiver.answer = (_, response) => response.writeHead(410).end()
  const outbox = new MemoryOutbox()
  const first = start(outbox, receiver.origin)
  await first.accept([event('call.end')])
  const deactivated = [{ webhook: 'feed', reason: 'gone', since: expect.any(String) }]
  await expect.poll(() => first.stats()).toMatchObject({ deactivated })
  await first.close(1000)

  receiver.answer = (_, response) => response.end()
  const second = start(outbox, receiver.origin)
  expect(await second.stats()).toMatchObject({ deactivated, outbox: { pending: 1 } })
  await second.setActive('feed', true)
  await receiver.until(() => receiver.received.length === 2)
  expect(receiver.received[0]?.id).toBe(receiver.received[1]?.id)
})

/** The circuits in an engine's stats. */
async function circuitsOf(engine: Engine): Promise<readonly { readonly since: string }[]> {
  return (await engine.stats())['circuits'] as readonly { readonly since: string }[]
}

test('what waits for a webhook that no longer exists is dead, and can be sent again when it is back', async () => {
  await using receiver = await Receiver.start()
  receiver.answer = (_, response) => response.writeHead(500).end()
  const outbox = new MemoryOutbox()
  const text = CONFIG(receiver.origin).replaceAll('10ms', '1h')
  const first = start(outbox, receiver.origin, text)
  await first.accept([event('call.end')])
  await receiver.until(() => receiver.received.length === 1)
  await first.close(1000)

  const second = start(outbox, receiver.origin, 'workers: 0')
  await expect.poll(() => second.stats()).toMatchObject({ outbox: { pending: 0, dead: 1 } })
  const [delivery] = (await second.deliveries({ limit: 1 })).deliveries
  expect(delivery).toMatchObject({ state: 'dead', reason: 'webhook-removed' })
  await second.close(1000)

  receiver.answer = (_, response) => response.end()
  const third = start(outbox, receiver.origin, text)
  await third.retry(delivery?.id ?? '')
  await expect.poll(() => third.stats()).toMatchObject({ outbox: { delivered: 1, dead: 0 } })
})

test('a deactivation whose time was not kept counts all the same', async () => {
  await using receiver = await Receiver.start()
  const outbox = new MemoryOutbox()
  outbox.notes.put('activations', 'feed', '{"isActive":false}')
  outbox.notes.put('activations', 'ask', '{"isActive":"no"}')
  const { deactivated } = await start(outbox, receiver.origin).stats()
  expect(deactivated).toEqual([{ webhook: 'feed', reason: 'command' }])
})

test('an open circuit stays open, with its reason, until a probe succeeds', async () => {
  await using receiver = await Receiver.start()
  receiver.answer = (_, response) => response.writeHead(500).end()
  const outbox = new MemoryOutbox()
  const first = start(outbox, receiver.origin)
  await first.accept([event('call.end')])
  await expect.poll(async () => (await first.stats())['circuits']).toMatchObject([{ state: 'open', reason: 'status' }])
  const [delivery] = (await first.deliveries({ limit: 1 })).deliveries
  const [before] = await circuitsOf(first)
  await first.close(1000)

  receiver.answer = (_, response) => response.end()
  const second = start(outbox, receiver.origin)
  expect((await second.stats())['circuits']).toMatchObject([
    { endpoint: receiver.origin, account: 'default', state: 'open', reason: 'status', since: before?.since },
  ])
  expect(delivery === undefined ? undefined : second.holdOf(delivery)).toMatchObject({ reason: 'circuit-open' })
  await expect.poll(() => second.stats()).toMatchObject({ circuits: [], outbox: { pending: 0 } })
  await second.close(1000)
  expect([...outbox.notes.all('circuits')]).toEqual([])
})

test('the circuit of an endpoint that no webhook uses any more is forgotten', async () => {
  await using receiver = await Receiver.start()
  const outbox = new MemoryOutbox()
  const circuit = { kind: 'open', sinceMs: 1, lastProbeMs: 1, askedWaitMs: 0, reason: 'dns' }
  const note = JSON.stringify({ endpoint: 'https://gone.example.com', account: 'default', circuit })
  outbox.notes.put('circuits', 'default\nhttps://gone.example.com', note)
  const engine = start(outbox, receiver.origin)
  expect((await engine.stats())['circuits']).toEqual([])
  expect([...outbox.notes.all('circuits')]).toEqual([])
})
