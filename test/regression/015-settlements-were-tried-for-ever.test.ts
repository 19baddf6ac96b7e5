/** What the store could not keep was tried again each second, also after the engine had closed: the process never ended. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, startEngine } from './engine-world.ts'

class BrokenOutbox extends MemoryOutbox {
  settled = 0

  override settle(): Promise<void> {
    this.settled += 1
    return Promise.reject(new Error('disk full'))
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('once the engine has closed the store is left alone, whatever it could not keep', async () => {
  await using receiver = await Receiver.start()
  const outbox = new BrokenOutbox()
  const { engine } = startEngine(
    `webhooks:
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}/' }
`,
    { outbox },
  )
  await engine.accept([callEvent('call.end')])
  await expect.poll(() => outbox.settled).toBe(1)
  await vi.advanceTimersByTimeAsync(1000)
  expect(outbox.settled).toBe(2)

  await engine.close(0)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(outbox.settled).toBe(2)
})
