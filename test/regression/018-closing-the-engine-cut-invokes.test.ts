/** Where no delivery was in flight the engine closed at once and cut the invokes under way, whatever time it was given. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, startEngine } from './engine-world.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('an invoke that is under way when the engine closes is answered within the deadline', async () => {
  await using receiver = await Receiver.start()
  const asked = Promise.withResolvers<() => void>()
  receiver.answer = (_, response) => asked.resolve(() => response.end())
  const { engine } = startEngine(`webhooks:\n  - { id: ask, profile: wix-answers-ivr, url: '${receiver.origin}/' }\n`)
  const invoked = engine.invoke('ask', callEvent('call.ivr'), {})
  const answer = await asked.promise
  const closed = engine.close(1000)
  await vi.advanceTimersByTimeAsync(999)
  answer()
  expect(await invoked).toMatchObject({ decision: { kind: 'disconnect' } })
  await closed
})
