/**
 * Below `store.minFree` of free disk events were refused, but what was delivered meanwhile was settled, and each time the
 * engine called its store ready again. When there was room and nobody sent events, because it was not ready, it stayed so.
 */
import { expect, test } from 'vitest'
import type { AcceptVerdict, OutboxHealth } from '../../src/outbox/contract.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, startEngine } from './engine-world.ts'

/** Takes no events, but settles, until it has room again. */
class NearlyFullOutbox extends MemoryOutbox {
  hasRoom = true

  override health(): OutboxHealth {
    return this.hasRoom ? super.health() : { isWritable: false, detail: 'the disk is nearly full' }
  }

  override accept(...args: Parameters<MemoryOutbox['accept']>): Promise<readonly AcceptVerdict[]> {
    return this.hasRoom ? super.accept(...args) : Promise.reject(new Error('the disk is nearly full'))
  }
}

test('the store is not ready while it takes no events, and is as soon as it does', async () => {
  await using receiver = await Receiver.start()
  const outbox = new NearlyFullOutbox()
  const { engine } = startEngine(
    `webhooks:
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}/', rate: 20/s }
`,
    { outbox },
  )
  const store = (): object | undefined => engine.readiness().find(({ name }) => name === 'store')
  const counts = async (): Promise<unknown> => (await engine.stats())['outbox']
  await engine.accept(Array.from({ length: 5 }, (_, index) => callEvent('call.end', `call-${index}`)))
  outbox.hasRoom = false
  await expect(engine.accept([callEvent('call.end')])).rejects.toMatchObject({ code: 'unavailable' })
  await expect.poll(counts).toMatchObject({ pending: 0, delivered: 5 })
  expect(store()).toMatchObject({ ready: false, detail: 'the disk is nearly full' })
  outbox.hasRoom = true
  expect(store()).toMatchObject({ ready: true })
})
