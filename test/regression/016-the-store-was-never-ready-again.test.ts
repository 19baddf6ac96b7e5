/**
 * After the store had failed to write a settlement the engine was not ready until the next event was accepted. Where a load
 * balancer sends events only to what is ready, there was no such event.
 */
import { expect, test } from 'vitest'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, startEngine } from './engine-world.ts'

class FailingOnce extends MemoryOutbox {
  #hasFailed = false

  override settle(...args: Parameters<MemoryOutbox['settle']>): Promise<void> {
    if (this.#hasFailed) return super.settle(...args)
    this.#hasFailed = true
    return Promise.reject(new Error('disk full'))
  }
}

test('the store is ready again when it could write, without any event from outside', async () => {
  await using receiver = await Receiver.start()
  const { engine } = startEngine(
    `webhooks:
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}/' }
`,
    { outbox: new FailingOnce() },
  )
  const store = (): object | undefined => engine.readiness().find(({ name }) => name === 'store')
  await engine.accept([callEvent('call.end')])
  await expect.poll(store).toMatchObject({ ready: false, detail: 'disk full' })
  await expect.poll(store).toMatchObject({ ready: true })
  expect(await engine.stats()).toMatchObject({ outbox: { pending: 0, delivered: 1 } })
})
