/**
 * Spans told what nobody but the customer knows: a part of an answer that was no right one, as the status of request and call, and
 * telephone numbers in the type and account that a sender chose.
 */
import { expect, test } from 'vitest'
import { startWorld } from '../e2e/world.ts'
import { recordSpans } from '../tracing/recording-provider.ts'
import { Receiver } from '../worker/receiver.ts'

const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('spans hold nothing of an answer, be it the second server’s', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  await using second = await Receiver.start()
  server.answer = (_, response) => response.writeHead(500).end('Miller')
  second.answer = (_, response) => response.writeHead(200).end('Schulze')
  const world = await startWorld(`
tracing: { enabled: true }
workers: 0
webhooks:
  - { id: ask, profile: wix-answers-ivr, url: '${server.origin}/', circuit: off, fallback: { url: '${second.origin}/' } }
`)
  const { json } = await world.post('/v1/webhooks/ask/invoke', { traceparent: SAMPLED, data: {} })
  expect(json.decision.detail).toContain('Schulze')
  expect(spans.named('POST').map(({ attributes }) => attributes['error.type'])).toEqual(['500', 'invalid-response'])
  const said = JSON.stringify(spans.spans.map(({ name, attributes, status }) => [name, attributes, status]))
  expect(said).not.toMatch(/Miller|Schulze/)
})

test('spans hold no telephone number of whatever a sender chose', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  const world = await startWorld(`
tracing: { enabled: true }
workers: 0
webhooks:
  - { id: crm, profile: custom, on: ['15551234567'], account: '15551234567', method: POST, url: '${server.origin}/', body: x }
`)
  const number = '15551234567'
  const event = { id: number, source: number, subject: number, account: number, type: number, data: {} }
  expect(await world.post('/v1/events', { ...event, traceparent: SAMPLED })).toMatchObject({ status: 202 })
  await spans.ended('deliver crm')
  const said = JSON.stringify(spans.spans.map(({ name, attributes, status }) => [name, attributes, status]))
  expect(said).not.toContain('1234567')
})
