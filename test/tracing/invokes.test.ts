/** Spans of live calls, over a whole engine and real sockets: one for the call, and for each request render, send and interpret. */
import { expect, test } from 'vitest'
import { startWorld, type World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import { recordSpans } from './recording-provider.ts'

const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const UNSAMPLED = `${SAMPLED.slice(0, -2)}00`

/** An engine with one webhook to invoke, `ask`, at `server`; with a second server where there is one. */
function worldFor(server: Receiver, second?: Receiver): Promise<World> {
  const fallback = second === undefined ? '' : `, fallback: { url: '${second.origin}/second' }`
  return startWorld(`
tracing: { enabled: true }
workers: 0
webhooks:
  - { id: ask, profile: wix-answers-ivr, url: '${server.origin}/ask/secret?key=k1', circuit: off${fallback} }
`)
}

function invoke(world: World, traceparent: string): ReturnType<World['post']> {
  return world.post('/v1/webhooks/ask/invoke', { subject: 'call-1', traceparent, data: { callId: 'call-1' } })
}

test('a live call is one trace, from what the switch began to what its answer means', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  await invoke(await worldFor(server), SAMPLED)
  const call = spans.span('invoke ask')
  expect(call.parent).toMatchObject({ spanId: SAMPLED.slice(36, 52), isRemote: true })
  expect(spans.spans.map(({ name, kind, parent }) => `${kind} ${name} ${parent?.spanId}`)).toEqual([
    `SERVER invoke ask ${SAMPLED.slice(36, 52)}`,
    ...['CLIENT POST', 'INTERNAL render', 'INTERNAL interpret'].map((each) => `${each} ${call.spanContext().spanId}`),
  ])
  expect(spans.spans.every(({ endings }) => endings === 1)).toBe(true)
  const [render, post, interpret] = ['render', 'POST', 'interpret'].map((name) => spans.span(name))
  const moments = [call.startMs, render?.startMs, render?.endMs, post?.startMs, post?.endMs, interpret?.startMs]
  expect([...moments].sort((a = 0, b = 0) => a - b)).toEqual(moments)
  expect(server.received[0]?.headers['traceparent']).toBe(post?.traceparent)
})

test('spans tell the decision, and nothing of what was said', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  await invoke(await worldFor(server), SAMPLED)
  const { port } = new URL(server.origin)
  expect(spans.span('invoke ask').attributes).toMatchObject({
    ...{ 'switchhook.webhook': 'ask', 'switchhook.account': 'default', 'switchhook.decision': 'disconnect' },
    'cloudevents.event_subject': 'call-1',
  })
  expect(spans.span('interpret').attributes).toEqual({ 'switchhook.decision': 'disconnect' })
  expect(spans.span('POST').attributes).toMatchObject({
    ...{ 'http.request.method': 'POST', 'http.response.status_code': 200, 'server.address': '127.0.0.1' },
    ...{ 'server.port': Number(port), 'url.full': `${server.origin}/ask/secret?[masked]` },
    ...{ 'switchhook.phase.queue': expect.any(Number), 'switchhook.phase.interpret': expect.any(Number) },
  })
})

test.each([
  ['a wrong status', 500, '', 'status', '500'],
  ['an answer that means nothing', 200, 'what?', 'invalid-response', 'invalid-response'],
])('%s is told as an error of the request and of the call', async (_, status, body, reason, sendError) => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  server.answer = (_, response) => response.writeHead(status).end(body)
  const { json } = await invoke(await worldFor(server), SAMPLED)
  expect(json.decision).toMatchObject({ kind: 'backup', reason })
  expect(spans.span('POST')).toMatchObject({ attributes: { 'error.type': sendError }, status: { code: 2 } })
  expect(spans.span('invoke ask')).toMatchObject({
    ...{ attributes: { 'switchhook.decision': 'backup', 'error.type': reason }, status: { code: 2 } },
  })
})

test('both servers of a call have a request of their own in its trace', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  await using second = await Receiver.start()
  server.answer = (_, response) => response.writeHead(500).end()
  await invoke(await worldFor(server, second), SAMPLED)
  const posts = spans.named('POST')
  expect(posts.map(({ attributes }) => attributes['url.full'])).toEqual([
    `${server.origin}/ask/secret?[masked]`,
    `${second.origin}/second`,
  ])
  const headers = [server, second].map(({ received }) => received[0]?.headers['traceparent'])
  expect(headers).toEqual(posts.map(({ traceparent }) => traceparent))
  expect(spans.span('invoke ask').status).toEqual({ code: 0 })
})

test('a call that is not sampled is one span, which its header names', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  await invoke(await worldFor(server), UNSAMPLED)
  const [call, ...others] = spans.begun.filter(({ name }) => name !== 'probe')
  expect(others).toEqual([])
  expect(server.received[0]?.headers['traceparent']).toBe(call?.traceparent)
  expect(call?.traceparent).toMatch(/-00$/)
})

test('a call that could not be asked about is a span with the reason, and no request', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  const world = await worldFor(server)
  await world.post('/v1/webhooks/ask/deactivate', {})
  await invoke(world, SAMPLED)
  expect(spans.spans.map(({ name }) => name)).toEqual(['invoke ask'])
  expect(spans.span('invoke ask').attributes).toMatchObject({ 'error.type': 'inactive' })
})

test('a caller who hangs up is nobody’s error', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  const asked = Promise.withResolvers<void>()
  server.answer = () => asked.resolve()
  const world = await worldFor(server)
  const hangUp = new AbortController()
  const call = fetch(`${world.url}/v1/webhooks/ask/invoke`, {
    ...{ method: 'POST', body: JSON.stringify({ traceparent: SAMPLED, data: {} }), signal: hangUp.signal },
    headers: { 'content-type': 'application/json' },
  })
  await asked.promise
  hangUp.abort()
  await expect(call).rejects.toThrow()
  await spans.ended('invoke ask')
  expect(spans.span('POST').attributes).toMatchObject({ 'error.type': 'cancelled' })
  expect(spans.span('invoke ask').status).toEqual({ code: 0 })
  expect(spans.named('interpret')).toEqual([])
})
