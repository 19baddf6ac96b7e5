/** An invoke that ended gave its place back, but nobody told the scheduler: the delivery that waited for it was never sent. */
import { expect, test, vi } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, startEngine } from './engine-world.ts'

test('a delivery that waits for an invoke’s place goes out when the invoke has ended', async () => {
  await using receiver = await Receiver.start()
  const asked = Promise.withResolvers<() => void>()
  receiver.answer = (_, response) => {
    if (receiver.received.length === 1) asked.resolve(() => response.end())
    else response.end()
  }
  const { engine, outbox } = startEngine(
    `webhooks:
  - { id: both, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}/', concurrency: 1 }
`,
  )
  const invoked = engine.invoke('both', callEvent('call.ivr'), {})
  const answer = await asked.promise
  await engine.accept([callEvent('call.end')])
  await vi.waitUntil(() => outbox.nextDueMs() === undefined, { timeout: 30_000 })
  expect(receiver.received).toHaveLength(1)

  answer()
  await invoked
  await receiver.until(() => receiver.received.length === 2)
})
