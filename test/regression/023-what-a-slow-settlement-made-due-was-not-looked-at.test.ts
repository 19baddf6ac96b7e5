/**
 * A durable outbox keeps a settlement a moment after it was asked to. The scheduler had looked for what is due before that,
 * and nobody told it afterwards: with nothing else going on, a retry and the next event of an ordered call waited for up to a
 * minute, until maintenance came by.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Settlement } from '../../src/outbox/contract.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, startEngine } from './engine-world.ts'

/** Keeps a settlement later, as one that has to reach a disk. */
class SlowOutbox extends MemoryOutbox {
  override async settle(settlements: readonly Settlement[]): Promise<void> {
    await pause(50)
    await super.settle(settlements)
  }
}

const webhook = (origin: string, more: string): string =>
  `webhooks:\n  - { id: crm, profile: custom, on: [step], url: '${origin}/', ${more} }`

test('a delivery that failed is sent again at its time', async () => {
  await using server = await Receiver.start()
  server.answer = (_, response) => response.writeHead(server.received.length === 1 ? 500 : 200).end()
  const yaml = webhook(server.origin, 'retry: { schedule: [0s, 10ms], jitter: 0 }')
  const { engine } = startEngine(yaml, { outbox: new SlowOutbox() })
  await engine.accept([callEvent('step')])
  await server.until(() => server.received.length === 2)
  expect(new Set(server.received.map(({ id }) => id)).size).toBe(1)
}, 10_000)

test('the next event of an ordered call goes when the one before is settled', async () => {
  await using server = await Receiver.start()
  const { engine } = startEngine(webhook(server.origin, 'ordered: true'), { outbox: new SlowOutbox() })
  await engine.accept([callEvent('step'), callEvent('step'), callEvent('step')])
  await server.until(() => server.received.length === 3)
  expect(server.counts().size).toBe(3)
}, 10_000)
