/**
 * The spans of an attempt that the end of the engine cut off never ended, so that no exporter saw them: of a server that hangs
 * while the engine is restarted there was nothing to be found.
 */
import * as api from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { OpenTelemetryTracing } from '../../src/tracing/open-telemetry.ts'
import { startWorld } from '../e2e/world.ts'
import { outcome, webhook } from '../engine/webhooks.ts'
import { recordSpans } from '../tracing/recording-provider.ts'
import { Receiver } from '../worker/receiver.ts'

const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const CRM = webhook('crm')

test.each([
  ['on the main thread', 0],
  ['by a worker', 1],
])('what is sent %s when the engine ends has its spans, with the reason', async (_, workers) => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  server.answer = () => undefined
  const world = await startWorld(`
tracing: { enabled: true }
workers: ${workers}
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${server.origin}/', body: x }
`)
  await world.post('/v1/events', { type: 'call.end', traceparent: SAMPLED, data: {} })
  await server.until(() => server.received.length === 1)
  await world.service.close(10)
  expect(spans.spans.filter(({ endings }) => endings !== 1)).toEqual([])
  for (const name of ['POST', 'deliver crm']) {
    expect(spans.span(name)).toMatchObject({ attributes: { 'error.type': 'unsettled' }, status: { code: 2 } })
  }
})

test('what is told after the end ends nothing twice, and what was decided ends as well', () => {
  const spans = recordSpans()
  const tracing = new OpenTelemetryTracing(api)
  const [first, second] = ['d1', 'd2'].map((id) => ({ id, account: 'a', traceparent: SAMPLED, attempts: 0 }))
  if (first === undefined || second === undefined) throw new Error('there are two')
  const sent = tracing.deliver(first, CRM, 1000)
  tracing.deliver(second, CRM, 1000)?.settled?.(outcome(), { to: 'delivered' }, 1010)
  tracing.close(1020)
  sent?.settled?.(outcome(), { to: 'delivered' }, 1030)
  tracing.kept([first, second], 1040)
  tracing.close(1050)
  expect(spans.spans.map(({ name, endings }) => [name, endings])).toEqual([
    ['deliver crm', 1],
    ['POST', 1],
    ['deliver crm', 1],
    ['POST', 1],
    ['settle crm', 1],
  ])
})
