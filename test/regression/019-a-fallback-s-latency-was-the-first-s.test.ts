/** The latency of a fallback server was counted for the endpoint of the webhook's first server. */
import { expect, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, startEngine } from './engine-world.ts'

test('each server of an invoke has its own latency', async () => {
  await using second = await Receiver.start()
  const { engine } = startEngine(
    `webhooks:
  - { id: ask, profile: wix-answers-ivr, url: 'http://192.0.2.1/', fallback: { url: '${second.origin}/' } }
`,
  )
  expect(await engine.invoke('ask', callEvent('call.ivr'), {})).toMatchObject({ attempt: { fallback: true } })
  const shown = (await engine.metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('switchhook_endpoint_latency'))
  expect(shown.some((line) => line.includes(`endpoint="${second.origin}"`))).toBe(true)
  expect(shown.some((line) => line.includes('192.0.2.1'))).toBe(false)
})
