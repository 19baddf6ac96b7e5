/** Spans of what seldom happens, told by hand: a store that can't write, a backlog that is full, a worker that died. */
import * as api from '@opentelemetry/api'
import { expect, test } from 'vitest'
import type { Outcome } from '../../src/model/attempt.ts'
import { guarded } from '../../src/tracing/guarded.ts'
import { OpenTelemetryTracing } from '../../src/tracing/open-telemetry.ts'
import { outcome, webhook } from '../engine/webhooks.ts'
import { recordSpans } from './recording-provider.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const CALL = { id: 'e1', hasOwnId: true, source: '/', type: 't', subject: '', account: 'a', time: '', data: {} }
const DELIVERY = { id: 'd1', account: 'a', traceparent: TRACEPARENT, attempts: 2 }
const CRM = webhook('crm')

function fail(error: unknown): never {
  throw error
}

test.each([
  ['the store could not keep', undefined, 'store'],
  ['the backlog had no room for', { kind: 'rejected', detail: 'full', retryable: true } as const, 'backlog'],
  ['triggers too many webhooks', { kind: 'rejected', detail: 'many', retryable: false } as const, 'deliveries'],
])('an event that %s is rejected with an error', (_, result, type) => {
  const spans = recordSpans()
  const trace = new OpenTelemetryTracing(api).accept({ ...CALL, traceparent: '' }, 1000)
  trace?.end?.(result, 1000.25)
  expect(spans.span('accept')).toMatchObject({
    ...{ attributes: { 'switchhook.result': 'rejected', 'error.type': type }, status: { code: 2 } },
    ...{ startMs: 1000, endMs: 1000.25 },
  })
})

test('of what is not sampled there is a header, and nothing that could be told', () => {
  recordSpans(false)
  const tracing = guarded(new OpenTelemetryTracing(api), fail)
  const traceparent = expect.stringMatching(/-00$/)
  expect(tracing.accept({ ...CALL, traceparent: '' }, 1000)).toEqual({ traceparent })
  const unsampled = { ...DELIVERY, traceparent: `${TRACEPARENT.slice(0, -2)}00` }
  expect(tracing.deliver(unsampled, CRM, 1000)).toEqual({ traceparent })
})

test.each([
  ['/pbx?s3cret', '/pbx?[masked]'],
  ['https://u:p@a.example/x?k=1#part', 'https://[masked]@a.example/x?[masked]#part'],
])('a source %s is shown without what may be secret in it', (source, shown) => {
  const spans = recordSpans()
  new OpenTelemetryTracing(api).accept({ ...CALL, source, traceparent: '' }, 1000)?.end?.({ kind: 'duplicate' }, 1001)
  expect(spans.span('accept').attributes['cloudevents.event_source']).toBe(shown)
})

test.each([
  ['http://[2001:db8::1]:8080', '2001:db8::1', 8080],
  ['https://a.example', 'a.example', 443],
])('a server at %s is named by address and port', (origin, address, port) => {
  const spans = recordSpans()
  const target = { ...CRM, endpoint: { ...CRM.endpoint, origin } }
  new OpenTelemetryTracing(api).deliver(DELIVERY, target, 5000)
  expect(spans.span('POST').attributes).toMatchObject({ 'server.address': address, 'server.port': port })
})

test('a request of which no worker came back ends when that is known', () => {
  const spans = recordSpans()
  const tracing = new OpenTelemetryTracing(api)
  const died: Outcome = {
    ...outcome(),
    result: 'unsettled',
    startedAtMs: 0,
    durationMs: 0,
    status: 0,
    reason: 'internal',
  }
  tracing.deliver(DELIVERY, CRM, 5000)?.settled?.(died, { to: 'again' }, 6000)
  tracing.kept([DELIVERY], 6010)
  expect(spans.spans.map(({ name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
    ['deliver crm', 5000, 6010],
    ['POST', 5000, 6000],
    ['settle crm', 6000, 6010],
  ])
  expect(spans.span('POST').attributes).toMatchObject({ 'error.type': 'internal', 'http.request.resend_count': 2 })
})

test('an attempt ends when what became of it is on disk, and not before', () => {
  const spans = recordSpans()
  const tracing = new OpenTelemetryTracing(api)
  const sent: Outcome = { ...outcome(), startedAtMs: 5003, durationMs: 20, phases: { renderMs: 0.5 } }
  tracing.deliver(DELIVERY, CRM, 5000)?.settled?.(sent, { to: 'dead', reason: 'expired' }, 5030)
  tracing.kept([{ id: 'another' }], 5035)
  expect(spans.spans.map(({ name, endings }) => [name, endings])).toEqual([
    ['deliver crm', 0],
    ['POST', 1],
    ['render', 1],
    ['settle crm', 0],
  ])
  tracing.kept([DELIVERY, DELIVERY], 5040)
  expect(spans.spans.map(({ name, startMs, endMs, endings }) => [name, startMs, endMs, endings])).toEqual([
    ['deliver crm', 5000, 5040, 1],
    ['POST', 5000, 5023.5, 1],
    ['render', 5003, 5003.5, 1],
    ['settle crm', 5030, 5040, 1],
  ])
  expect(spans.span('POST').attributes).toMatchObject({
    ...{ 'switchhook.phase.queue': 0.003, 'switchhook.phase.render': 0.0005 },
  })
  expect(spans.span('settle crm').attributes).toMatchObject({
    ...{ 'switchhook.settlement': 'dead', 'switchhook.dead.reason': 'expired' },
  })
})

test('requests to one server say the same of it, and each how often it was made before', () => {
  const spans = recordSpans()
  const tracing = new OpenTelemetryTracing(api)
  const other = { ...CRM, endpoint: { ...CRM.endpoint, origin: 'https://b.example' } }
  for (const attempts of [0, 1]) {
    tracing.deliver({ ...DELIVERY, id: `to CRM ${attempts}`, attempts }, CRM, 5000)
    tracing.deliver({ ...DELIVERY, id: `to another ${attempts}`, attempts }, other, 5000)
  }
  const said = spans
    .named('POST')
    .map(({ attributes }) => [attributes['server.address'], attributes['http.request.resend_count']])
  const { hostname } = new URL(CRM.endpoint.origin)
  expect(said).toEqual([
    [hostname, undefined],
    ['b.example', undefined],
    [hostname, 1],
    ['b.example', 1],
  ])
})

test('what could never be sent has no render, and says why', () => {
  const spans = recordSpans()
  const tracing = new OpenTelemetryTracing(api)
  const invalid: Outcome = {
    ...{ ...outcome(), result: 'invalid', reason: 'invalid-request', detail: 'the path holds 555-123-4567' },
    ...{ status: 0, startedAtMs: 5001, durationMs: 0 },
  }
  tracing.deliver(DELIVERY, CRM, 5000)?.settled?.(invalid, { to: 'dead', reason: 'invalid-request' }, 5002)
  expect(spans.named('render')).toEqual([])
  expect(spans.span('POST')).toMatchObject({
    ...{ attributes: { 'error.type': 'invalid-request' }, status: { code: 2, message: 'the path holds ***67' } },
  })
})
