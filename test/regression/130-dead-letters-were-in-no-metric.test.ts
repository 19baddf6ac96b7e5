/**
 * Dead letters that no attempt made were in no metric: what was held for too long, and what was left of a webhook that is gone. So the
 * alert for dead letters did not tell of them.
 */
import { expect, onTestFinished, test, vi } from 'vitest'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { event, T0 } from '../contract/outbox-world.ts'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, startEngine } from './engine-world.ts'

const DAY_MS = 86_400_000

/** Far more than is needed. */
const PATIENCE = { timeout: 30_000 }

function crm(more: string, origin = 'http://127.0.0.1:9'): string {
  return `webhooks:\n  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${origin}/', ${more} }\n`
}

/** What is counted of a webhook, by result. */
async function counted(engine: ReturnType<typeof startEngine>['engine'], webhook: string): Promise<object> {
  const text = await engine.metrics.text()
  const of = (result: string): number =>
    Number(
      new RegExp(`^switchhook_deliveries_total{webhook="${webhook}",result="${result}"} (.*)$`, 'm').exec(text)?.[1],
    )
  return { delivered: of('delivered'), dead: of('dead') }
}

test.each([
  ['were held for too long', 'crm', T0, T0 + 2 * DAY_MS],
  ['are due and have no webhook', 'gone', T0, T0],
  ['wait and have no webhook', 'gone', T0 + 1, T0],
])('dead letters that %s are counted', async (_, webhook, dueMs, nowMs) => {
  const outbox = new MemoryOutbox()
  const names = Array.from({ length: 250 }, (__, index) => `${webhook}:${index}`)
  await outbox.accept([event('e1', names, { dueMs })])
  const clock = { nowMs: () => nowMs, monotonicMs: () => 0 }
  const { engine } = startEngine(crm('active: false'), { outbox, clock })
  await vi.waitFor(() => expect(outbox.counts().dead).toBe(250), PATIENCE)
  await vi.waitFor(async () => expect(await counted(engine, webhook)).toEqual({ delivered: 0, dead: 250 }), PATIENCE)
  expect(await engine.stats()).toMatchObject({ dead: 250 })
})

test.each([
  ['succeeds', 200, { delivered: 1, dead: 2 }],
  ['fails', 500, { delivered: 0, dead: 3 }],
])('a delivery in flight while its webhook goes is counted once, where it %s', async (_, status, expected) => {
  const server = await Receiver.start()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const held = Promise.withResolvers<void>()
  server.answer = (__, response) => void held.promise.then(() => response.writeHead(status).end())
  const { engine, outbox } = startEngine(crm('concurrency: 1', server.origin))
  await engine.accept([callEvent('call.end'), callEvent('call.end', 'c2'), callEvent('call.end', 'c3')])
  await server.until(() => server.received.length === 1)
  engine.change({ webhooks: [{ id: 'crm', webhook: undefined }], bindings: [] })
  await vi.waitFor(() => expect(outbox.counts().dead).toBe(2), PATIENCE)
  held.resolve()
  await vi.waitFor(() => expect(outbox.counts().pending).toBe(0), PATIENCE)
  await vi.waitFor(async () => expect(await counted(engine, 'crm')).toEqual(expected), PATIENCE)
})
