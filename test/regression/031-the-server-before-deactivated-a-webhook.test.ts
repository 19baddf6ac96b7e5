/**
 * A webhook was given another server while a request was under way to the one before, which answered 410 Gone: the webhook was
 * deactivated, although nobody had asked its new server.
 */
import { expect, test, vi } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, settingsOf, startEngine } from './engine-world.ts'

function webhookAt(origin: string): string {
  return `webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${origin}/' }
`
}

test('a 410 of the server before leaves the webhook active, and its delivery goes to the new one', async () => {
  await using before = await Receiver.start()
  await using now = await Receiver.start()
  const asked = Promise.withResolvers<() => void>()
  before.answer = (_, response) => asked.resolve(() => response.writeHead(410).end())
  const { engine, outbox } = startEngine(webhookAt(before.origin))
  await engine.accept([callEvent('call.end')])
  const answer = await asked.promise
  const reload = await engine.prepareReload(settingsOf(webhookAt(now.origin)))
  reload()
  answer()
  await now.until(() => now.received.length === 1)
  await vi.waitFor(() => expect(outbox.counts()).toMatchObject({ pending: 0, delivered: 1 }), { timeout: 30_000 })
  expect((await engine.stats())['deactivated']).toEqual([])
})
