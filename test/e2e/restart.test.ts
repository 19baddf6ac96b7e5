/** What the engine finds again when it starts on the outbox of the one before: deliveries, contexts, circuits, activations. */
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { CallEvent } from '../../src/model/event.ts'
import { MemoryOutbox } from '../../src/outbox/memory.ts'
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

function start(outbox: MemoryOutbox, origin: string): Engine {
  const loaded = parseConfig(CONFIG(origin), 'test.yaml', {})
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
  await expect.poll(() => first.stats()).toMatchObject({ deactivated: ['feed'] })
  await first.close(1000)

  receiver.answer = (_, response) => response.end()
  const second = start(outbox, receiver.origin)
  expect(second.stats()).toMatchObject({ deactivated: ['feed'], outbox: { pending: 1 } })
  await second.setActive('feed', true)
  await receiver.until(() => receiver.received.length === 2)
  expect(receiver.received[0]?.id).toBe(receiver.received[1]?.id)
})

test('an open circuit stays open, with its reason, until a probe succeeds', async () => {
  await using receiver = await Receiver.start()
  receiver.answer = (_, response) => response.writeHead(500).end()
  const outbox = new MemoryOutbox()
  const first = start(outbox, receiver.origin)
  await first.accept([event('call.end')])
  await expect.poll(() => first.stats()['circuits']).toMatchObject([{ kind: 'open', reason: 'status' }])
  await first.close(1000)

  receiver.answer = (_, response) => response.end()
  const second = start(outbox, receiver.origin)
  expect(second.stats()['circuits']).toMatchObject([
    { endpoint: receiver.origin, account: 'default', kind: 'open', reason: 'status' },
  ])
  await expect.poll(() => second.stats(), { timeout: 5000 }).toMatchObject({ circuits: [], outbox: { pending: 0 } })
  await second.close(1000)
  expect([...outbox.notes.all('circuits')]).toEqual([])
})
