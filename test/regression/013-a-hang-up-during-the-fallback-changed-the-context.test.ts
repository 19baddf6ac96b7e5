/** A caller who hung up while the fallback server was asked was recorded under the first server's failure. */
import { expect, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, startEngine } from './engine-world.ts'

test('a hang-up while the fallback is asked is cancelled and leaves the context alone', async () => {
  await using first = await Receiver.start()
  await using second = await Receiver.start()
  first.answer = (_, response) => response.writeHead(500).end()
  second.answer = () => undefined
  const { engine } = startEngine(
    `webhooks:
  - { id: ask, profile: wix-answers-ivr, url: '${first.origin}/', fallback: { url: '${second.origin}/' } }
`,
  )
  const caller = new AbortController()
  const invoked = engine.invoke('ask', callEvent('call.ivr'), { signal: caller.signal })
  await second.until(() => second.received.length === 1)
  caller.abort()
  expect(await invoked).toMatchObject({ decision: { kind: 'backup', reason: 'cancelled' } })
  expect(await engine.stats()).toMatchObject({ calls: 0 })
})

test('a fallback that fails is told of where the first was not even asked', async () => {
  await using second = await Receiver.start()
  second.answer = (_, response) => response.writeHead(503).end()
  const { engine } = startEngine(
    `webhooks:
  - { id: ask, profile: custom, answer: status, method: POST, url: 'https://example.com/%callid%', fallback: { url: '${second.origin}/' } }
`,
  )
  const result = await engine.invoke('ask', callEvent('call.ivr', '..'), {})
  expect(result).toMatchObject({
    decision: { kind: 'backup', reason: 'invalid-request' },
    attempt: { status: 503, fallback: true },
  })
})
