/** With `workers: 0` a batch was rendered and sent in one turn of the main thread's loop, and live calls waited for it. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createBlock } from '../../src/metrics/layout.ts'
import { InlineSender } from '../../src/worker/inline-sender.ts'
import type { Outgoing } from '../../src/worker/sender.ts'
import { webhook } from '../engine/webhooks.ts'

test('the main thread lets others have their turn while it sends a batch', async () => {
  const told: string[] = []
  const sender = new InlineSender(
    { version: '1', metricsBlock: createBlock() },
    {
      onOutcomes: (deliveries) => told.push(...deliveries.map(({ deliveryId }) => deliveryId)),
      onReady: () => told.push('ready'),
      onWorkerDeath: () => undefined,
    },
  )
  onTestFinished(() => sender.close())
  sender.configure({ pointNames: new Set<string>(), maxConnectionsPerEndpoint: 100, refusedListeners: [] })
  // Refused before anything is sent: how far the batch is can be told by the outcomes alone.
  const target = webhook('crm', { endpoint: { id: 'e', origin: 'http://127.0.0.1:9', allow: [] } })
  const source = { webhook: target, version: 1, metricsRow: 0 }
  const ids = Array.from({ length: 64 }, (_, index) => `d${index}`)
  sender.post(ids.map((deliveryId): Outgoing => ({ deliveryId, traceparent: '', payload: '{}', context: '', source })))
  expect(sender.isReady).toBe(false)
  expect(sender.inFlight).toBe(64)
  let turns = 0
  while (!told.includes('ready')) {
    await nextTurn()
    turns += 1
  }
  expect(turns).toBeGreaterThanOrEqual(4)
  expect(sender.isReady).toBe(true)
  while (sender.inFlight > 0) await nextTurn()
  expect(told.filter((id) => id !== 'ready')).toEqual(ids)
})
