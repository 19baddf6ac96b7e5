/**
 * The engines that the examples of the pages speak to.
 */
import { join } from 'node:path'
import { expect } from 'vitest'
import { startWorld, type World } from '../e2e/world.ts'
import type { Receiver } from '../worker/receiver.ts'
import { runnableConfiguration, variablesOf } from './configurations.ts'

/** What examples send as their token; engines without tokens take no notice. */
export const TOKEN = 'example-token'

/** An engine with the configuration of a page. */
export function startEngineWith(configuration: string): Promise<World> {
  return startWorld(`workers: 0\n${runnableConfiguration(configuration)}`, variablesOf(configuration))
}

/** An engine on `data` in a folder, with three dead letters of the webhook `crm`, whose server works again. */
export async function startEngineWithDeadLetters(folder: string, receiver: Receiver): Promise<World> {
  receiver.answer = (_, response) => response.writeHead(400).end()
  const world = await startWorld(
    `workers: 0
store: { engine: embedded, path: ${join(folder, 'data')}, minFree: 0B }
auth: { tokens: [{ name: night-shift, secret: { env: TOKEN }, may: [manage, send, invoke] }] }
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}', body: '%callid%', retry: { schedule: [0s] } }
`,
    { TOKEN },
  )
  for (const callid of ['1', '2', '3']) {
    const event = { type: 'call.end', subject: `call-${callid}`, data: { callid } }
    await world.post('/v1/events', event, { authorization: `Bearer ${TOKEN}` })
  }
  await expect.poll(async () => (await world.service.engine.stats())['outbox']).toMatchObject({ pending: 0, dead: 3 })
  receiver.answer = (_, response) => response.end()
  return world
}
