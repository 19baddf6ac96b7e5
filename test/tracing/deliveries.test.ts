/** Spans of events and their deliveries, over a whole engine and real sockets: names, parents, what they say, and the header. */
import { expect, test } from 'vitest'
import { startWorld, type World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import { type KeptSpan, recordSpans } from './recording-provider.ts'

const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const UNSAMPLED = `${SAMPLED.slice(0, -2)}00`

/** An engine with one webhook, `crm`, at `server`. */
function worldFor(server: Receiver, tracing = true, workers = 0): Promise<World> {
  const url = server.origin.replace('//', '//user:secret-word@')
  return startWorld(`
tracing: { enabled: ${tracing} }
workers: ${workers}
webhooks:
  - id: crm
    profile: custom
    on: [call.end]
    method: POST
    url: '${url}/calls/%callid%?key=k1&from=%ani%'
    body: '%callid%'
    circuit: off
    retry: { schedule: [0s, 10ms], jitter: 0 }
`)
}

function send(world: World, traceparent: string, id = 'e1'): Promise<{ readonly status: number }> {
  return world.post('/v1/events', {
    ...{ id, source: '/pbx?token=t1', type: 'call.end', subject: '+1 555 123 4567' },
    ...(traceparent === '' ? {} : { traceparent }),
    data: { callid: '555-123-4567' },
  })
}

/** Names of spans with those of their parents; `remote` is the sender's. */
function tree(spans: readonly KeptSpan[]): readonly string[] {
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]))
  return spans.map(({ name, parent }) =>
    parent === undefined ? name : `${names.get(parent.spanId) ?? 'remote'} > ${name}`,
  )
}

test.each([
  ['on the main thread', 0],
  ['in a worker', 1],
])('an event sent %s is one trace from its acceptance to its settlement', async (_, workers) => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  await send(await worldFor(server, true, workers), SAMPLED)
  await spans.ended('deliver crm')
  expect([...tree(spans.spans)].sort()).toEqual([
    'accept > deliver crm',
    'accept > route',
    'deliver crm > POST',
    'deliver crm > render',
    'deliver crm > settle crm',
    'remote > accept',
  ])
  expect(spans.spans.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
    'CLIENT POST',
    'CONSUMER accept',
    'INTERNAL render',
    'INTERNAL route',
    'INTERNAL settle crm',
    'PRODUCER deliver crm',
  ])
  for (const { name, endings, startMs, endMs, parent, status } of spans.spans) {
    expect({ name, endings, parent: parent?.traceId, status }).toEqual({
      ...{ name, endings: 1, parent: SAMPLED.slice(3, 35), status: { code: 0 } },
    })
    expect(endMs).toBeGreaterThanOrEqual(startMs)
  }
  expect(spans.span('accept').parent).toMatchObject({ spanId: SAMPLED.slice(36, 52), traceFlags: 1, isRemote: true })
})

test('the header names the span of the very request that carries it', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  server.answer = (_, response) => response.writeHead(server.received.length === 1 ? 500 : 200).end()
  await send(await worldFor(server), SAMPLED)
  await spans.ended('deliver crm', 2)
  const headers = server.received.map(({ headers }) => headers['traceparent'])
  expect(headers).toEqual(spans.named('POST').map(({ traceparent }) => traceparent))
  expect(new Set(headers).size).toBe(2)
})

test('spans speak the words of the semantic conventions, and hide what is nobody’s business', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  server.answer = (_, response) => response.writeHead(server.received.length === 1 ? 503 : 200).end('0123456789')
  const world = await worldFor(server)
  await send(world, SAMPLED)
  await spans.ended('deliver crm', 2)
  const { hostname, port } = new URL(server.origin)
  const [failed, delivered] = spans.named('POST')
  expect(failed?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'url.full': `http://[masked]@${hostname}:${port}/calls/[masked]?[masked]`,
    'server.address': hostname,
    'server.port': Number(port),
    'http.response.status_code': 503,
    'http.response.body.size': 10,
    'error.type': '503',
    'switchhook.phase.first_byte': expect.any(Number),
  })
  expect(failed?.attributes).not.toHaveProperty('http.request.resend_count')
  expect(failed?.status).toEqual({ code: 2 })
  expect(delivered?.attributes).toMatchObject({ 'http.response.status_code': 200, 'http.request.resend_count': 1 })
  expect(delivered?.attributes).not.toHaveProperty('error.type')

  const event = { 'cloudevents.event_id': 'e1', 'cloudevents.event_type': 'call.end', 'switchhook.account': 'default' }
  expect(spans.span('accept').attributes).toMatchObject({
    ...{ ...event, 'cloudevents.event_source': '/pbx?[masked]', 'cloudevents.event_subject': '***67' },
    ...{ 'messaging.system': 'switchhook', 'messaging.operation.name': 'accept', 'messaging.message.id': 'e1' },
    ...{ 'switchhook.result': 'accepted', 'switchhook.deliveries': 1 },
  })
  const [first] = server.received
  const message = { 'messaging.destination.name': 'crm', 'messaging.message.id': first?.id }
  expect(spans.named('deliver crm').map(({ attributes }) => attributes)).toMatchObject([
    { ...message, 'switchhook.attempt': 1, 'switchhook.result': 'failure', 'error.type': '503' },
    { ...message, 'switchhook.attempt': 2, 'switchhook.result': 'success' },
  ])
  expect(spans.named('settle crm').map(({ attributes }) => attributes)).toMatchObject([
    { ...message, 'messaging.operation.type': 'settle', 'switchhook.settlement': 'again' },
    { ...message, 'switchhook.settlement': 'delivered' },
  ])
  expect(spans.span('route').attributes).toEqual({ 'switchhook.webhooks': 1 })
  const said = JSON.stringify(spans.spans.map(({ attributes, status }) => [attributes, status]))
  expect(said).not.toMatch(/secret-word|k1|t1|1234567|123-4567/)
})

test('a request that never came back ends with its reason', async () => {
  const spans = recordSpans()
  const server = await Receiver.start()
  const world = await worldFor(server)
  await server[Symbol.asyncDispose]()
  await send(world, SAMPLED)
  await spans.ended('deliver crm', 2)
  const [post] = spans.named('POST')
  expect(post).toMatchObject({
    attributes: { 'error.type': 'connection' },
    status: { code: 2, message: expect.stringContaining('ECONNREFUSED') },
  })
  expect(post?.attributes).not.toHaveProperty('http.response.status_code')
  expect(spans.named('settle crm').map(({ attributes }) => attributes['switchhook.settlement'])).toEqual([
    'again',
    'dead',
  ])
  expect(spans.named('settle crm')[1]?.attributes['switchhook.dead.reason']).toBe('connection')
})

test('an event without a trace begins one, sampled as the provider says', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  await send(await worldFor(server), '')
  await spans.ended('deliver crm')
  const accept = spans.span('accept')
  expect(accept.parent).toBeUndefined()
  expect(server.received[0]?.headers['traceparent']).toBe(spans.span('POST').traceparent)
  expect(spans.span('POST').spanContext().traceId).toBe(accept.spanContext().traceId)
})

test.each([
  ['a sender', UNSAMPLED, true],
  ['the provider', '', false],
])('what %s does not sample is sent on unsampled and costs one span a step', async (_, traceparent, samplesRoots) => {
  const spans = recordSpans(samplesRoots)
  await using server = await Receiver.start()
  await send(await worldFor(server), traceparent)
  await server.until(() => server.received.length === 1)
  expect(spans.spans).toEqual([])
  expect(spans.begun.map(({ name }) => name).filter((name) => name !== 'probe')).toEqual(['accept', 'deliver crm'])
  const header = server.received[0]?.headers['traceparent']
  expect(header).toBe(spans.begun.find(({ name }) => name === 'deliver crm')?.traceparent)
  expect(header).toMatch(/-00$/)
})

test('a duplicate is an acceptance and nothing else', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  const world = await worldFor(server)
  await send(world, SAMPLED)
  await spans.ended('deliver crm')
  await send(world, SAMPLED)
  const results = spans.named('accept').map(({ attributes }) => attributes['switchhook.result'])
  expect(results).toEqual(['accepted', 'duplicate'])
  expect(spans.named('deliver crm')).toHaveLength(1)
})

test('events of a batch have a trace each', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  const world = await worldFor(server)
  const event = (id: string): object => ({ id, type: 'call.end', data: { callid: id } })
  await world.post('/v1/events', [event('a'), event('b')], { 'content-type': 'application/cloudevents-batch+json' })
  await spans.ended('deliver crm', 2)
  const traceIds = spans.named('accept').map((span) => span.spanContext().traceId)
  expect(new Set(traceIds).size).toBe(2)
  expect(spans.named('route').map(({ parent }) => parent?.traceId)).toEqual(traceIds)
  const sent = server.received.map(({ headers, body }) => [body, headers['traceparent']?.slice(3, 35)])
  expect(new Map(sent.map(([body, traceId]) => [body, traceId]))).toEqual(
    new Map([
      ['a', traceIds[0]],
      ['b', traceIds[1]],
    ]),
  )
})

test('of a batch those are told of whose traces are sampled, each with its own routing', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  const world = await worldFor(server)
  const event = (id: string, type: string, traceparent: string): object => ({
    id,
    type,
    traceparent,
    data: { callid: id },
  })
  const batch = [event('a', 'call.end', UNSAMPLED), event('b', 'call.end', SAMPLED), event('c', 'other', SAMPLED)]
  await world.post('/v1/events', batch, { 'content-type': 'application/cloudevents-batch+json' })
  await spans.ended('deliver crm')
  const said = spans.named('accept').map(({ attributes }) => attributes['messaging.message.id'])
  expect(said).toEqual(['b', 'c'])
  expect(spans.named('route').map(({ parent, attributes }) => [parent?.spanId, attributes])).toEqual(
    spans.named('accept').map((accept, index) => [accept.spanContext().spanId, { 'switchhook.webhooks': 1 - index }]),
  )
  await server.until(() => server.received.length === 2)
})

test('without tracing there are no spans, and ids are made as ever', async () => {
  const spans = recordSpans()
  await using server = await Receiver.start()
  await send(await worldFor(server, false), SAMPLED)
  await server.until(() => server.received.length === 1)
  expect(spans.begun).toEqual([])
  expect(server.received[0]?.headers['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/)
})

test('tracing that nobody listens to says so, and ids are made as ever', async () => {
  await using server = await Receiver.start()
  const world = await worldFor(server)
  expect(world.logged).toContainEqual(
    expect.objectContaining({ level: 'warn', message: expect.stringContaining('tracer provider') }),
  )
  await send(world, '')
  await server.until(() => server.received.length === 1)
  expect(server.received[0]?.headers['traceparent']).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/)
})
