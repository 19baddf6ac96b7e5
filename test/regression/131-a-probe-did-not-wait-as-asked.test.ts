/**
 * A probe that was answered with `Retry-After` was due again at once. A 429 closes the circuit, so the same delivery went out again
 * within milliseconds.
 */
import { expect, onTestFinished, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, startEngine } from './engine-world.ts'

const HOUR_MS = 3_600_000

test.each([429, 503])('a probe that is answered %i with Retry-After waits for so long', async (status) => {
  const server = await Receiver.start()
  onTestFinished(() => server[Symbol.asyncDispose]())
  server.answer = (_, response) => {
    // The first answer opens the circuit, the second is a probe's.
    if (server.received.length === 1) response.writeHead(500).end()
    else response.writeHead(status, { 'retry-after': String(HOUR_MS / 1000) }).end()
  }
  const { engine } = startEngine(`webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${server.origin}/', retry: { schedule: [0s, 0s, 1s] },
      circuit: { failures: 1, within: 60s, probe: 100ms } }
`)
  await engine.accept([callEvent('call.end')])
  const theOnly = async () => (await engine.deliveries({ limit: 1 })).deliveries[0]
  await expect.poll(async () => (await theOnly())?.attempts.length).toBeGreaterThanOrEqual(2)
  const delivery = await theOnly()
  const [, probe] = delivery?.attempts ?? []
  // By the clock that the attempt was begun by, and the wait is counted from its end.
  expect((delivery?.dueMs ?? 0) - (probe?.startedAtMs ?? 0)).toBeGreaterThanOrEqual(HOUR_MS)
  expect(delivery?.attempts).toHaveLength(2)
})
