/**
 * When a stop's time was over, outcomes that a thread had told, and that nobody had read yet, were thrown away with the thread: what
 * had been delivered was delivered once more after the next start.
 */
import { expect, test } from 'vitest'
import { CATALOG_NAMES } from '../../src/catalog/catalog.ts'
import { ATTEMPT_RESULTS, ATTEMPTS_AT, cellsOf, createBlock, rowAt } from '../../src/metrics/layout.ts'
import { WorkerSender } from '../../src/worker/worker-sender.ts'
import { webhook } from '../engine/webhooks.ts'

test('what a thread had told before it is ended is settled', async () => {
  const told: string[] = []
  const ready = Promise.withResolvers<void>()
  const metricsBlock = createBlock()
  const sender = new WorkerSender(
    '1',
    { version: '1.2.3', metricsBlock },
    {
      onOutcomes: (deliveries, outcomes) => {
        for (const [index, { deliveryId }] of deliveries.entries())
          told.push(`${deliveryId} ${outcomes[index]?.result}`)
      },
      onReady: ready.resolve,
      onWorkerDeath: () => undefined,
    },
  )
  sender.configure({ pointNames: CATALOG_NAMES, maxConnectionsPerEndpoint: 1, refusedListeners: [] })
  await ready.promise
  const { request, ...crm } = webhook('crm')
  const url = { text: 'https://crm.example.com/calls/%callid%/end', syntax: 'percent' } as const
  const source = { webhook: { ...crm, request: { ...request, url } }, version: 1, metricsRow: 0 }
  // A path that can't be sent, so that the thread is done with it by itself.
  sender.post([{ deliveryId: 'd1', traceparent: '', payload: '{"callid":".."}', context: '', source }])
  // Without a turn of this thread's loop: it is counted before it is told, and told before its thread idles.
  const counts = cellsOf(metricsBlock)
  const idleMs = (): number | undefined => sender.thread?.performance.eventLoopUtilization().idle
  while (counts[rowAt(0) + ATTEMPTS_AT + ATTEMPT_RESULTS.indexOf('invalid-request')] !== 1) idleMs()
  const beforeMs = idleMs()
  while (idleMs() === beforeMs);
  await sender.close()
  expect(told).toEqual(['d1 invalid'])
})
