/** Loading OpenTelemetry: what is said where it is not installed, and whether somebody listens. */
import * as api from '@opentelemetry/api'
import { expect, onTestFinished, test } from 'vitest'
import { loadTracing } from '../../src/tracing/load.ts'
import { tracingOfPeer } from '../../src/tracing/peer.ts'
import { webhook } from '../engine/webhooks.ts'
import { recordSpans } from './recording-provider.ts'

const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const EVENT = { id: 'e1', hasOwnId: true, source: '/', type: 't', subject: '', account: 'a', time: '', data: {} }

test('what is not installed is a mistake that tells what to do', async () => {
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
  await expect(tracingOfPeer(() => Promise.reject(missing))).rejects.toMatchObject({
    code: 'config',
    message: expect.stringMatching(/^tracing\.enabled: .*@opentelemetry\/api is not installed: npm install/),
  })
})

test('what is installed and broken is shown as it is', async () => {
  await expect(tracingOfPeer(() => Promise.reject(new Error('half of it is gone')))).rejects.toThrow(
    'half of it is gone',
  )
})

test.each([true, false])('a provider is heard of, whether it samples (%s) or not', async (samplesRoots) => {
  const spans = recordSpans(samplesRoots)
  expect(await loadTracing()).toMatchObject({ isHeard: true })
  expect(spans.spans).toEqual([])
})

test('nobody is heard of where no provider is registered', async () => {
  expect(await tracingOfPeer(() => Promise.resolve(api))).toMatchObject({ isHeard: false })
})

test('a provider that makes no spans is nobody', async () => {
  const tracer: api.Tracer = {
    // As the API itself without a provider: the span above, or one without ids.
    startSpan: (_name, _options, above = api.ROOT_CONTEXT) =>
      api.trace.wrapSpanContext(api.trace.getSpanContext(above) ?? api.INVALID_SPAN_CONTEXT),
    startActiveSpan: () => {
      throw new Error('spans are never active here: their parents are told')
    },
  }
  api.trace.setGlobalTracerProvider({ getTracer: () => tracer })
  onTestFinished(() => api.trace.disable())
  const { tracing, isHeard } = await loadTracing()
  expect(isHeard).toBe(false)
  for (const traceparent of ['', SAMPLED]) expect(tracing.accept({ ...EVENT, traceparent }, 1)).toBeUndefined()
})

test('a provider that is registered later is heard from then on', async () => {
  const { tracing } = await loadTracing()
  const event = { ...EVENT, traceparent: SAMPLED }
  const delivery = { id: 'd1', account: 'a', traceparent: SAMPLED, attempts: 0 }
  const crm = webhook('crm')
  expect(tracing.accept(event, 1)).toBeUndefined()
  expect(tracing.deliver(delivery, crm, 1)).toBeUndefined()
  expect(tracing.invoke('i1', crm, event, 1)).toBeUndefined()
  const spans = recordSpans()
  expect(tracing.accept(event, 1)?.traceparent).toBe(spans.span('accept').traceparent)
  expect(tracing.deliver(delivery, crm, 1)?.traceparent).toBe(spans.span('POST').traceparent)
  expect(tracing.invoke('i1', crm, event, 1)?.traceparent).toBe(spans.span('invoke crm').traceparent)
})
