/** Invoke over the whole road: context, fallback, budget, limits, and what the caller is told. */

import { request as httpRequest } from 'node:http'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../scripts/free-port.ts'
import { Lateness } from '../setup/lateness.ts'
import type { Received } from '../worker/receiver.ts'
import { Receiver } from '../worker/receiver.ts'
import { startWorld } from './world.ts'

const XML = { 'content-type': 'text/xml' }

const ivr = (origin: string, more = ''): string =>
  `  - { id: ask, profile: dialogtech-ivr, answer: next-action, method: GET, url: '${origin}/ask'${more} }\n`

const action = (passThrough: string, user = ''): string =>
  `<action><app>ivr</app><parameters><id>12345</id>${user}${passThrough}</parameters></action>`

/** What stood in the query of a request. */
function query(request: Received | undefined): URLSearchParams {
  return new URL(request?.url ?? '', 'http://receiver').searchParams
}

describe('the call context', () => {
  test('brings pass-through data back with the next step of the same call, and with no other', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = (_, response) =>
      response.writeHead(200, XML).end(action('<p_t>user_id|90786||step|verify_user</p_t>'))
    const world = await startWorld(`webhooks:\n${ivr(receiver.origin)}`)
    const first = await world.post('/v1/webhooks/ask/invoke', { subject: 'c1', data: {} })
    expect(first.json.decision).toMatchObject({
      passThrough: 'user_id|90786||step|verify_user',
      passThroughValues: { user_id: '90786', step: 'verify_user' },
    })
    await world.post('/v1/webhooks/ask/invoke', { subject: 'c1', data: {} })
    await world.post('/v1/webhooks/ask/invoke', { subject: 'c2', data: {} })
    expect(receiver.received.map((request) => query(request).get('ivr_pass_through'))).toEqual([
      '',
      'user_id|90786||step|verify_user',
      '',
    ])
  })

  test('is emptied of pass-through data by an action without any, and an event’s own data goes before it', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = (_, response) =>
      response.writeHead(200, XML).end(action(receiver.received.length === 1 ? '<p_t>a|1</p_t>' : ''))
    const world = await startWorld(`webhooks:\n${ivr(receiver.origin)}`)
    const ask = (data: object) => world.post('/v1/webhooks/ask/invoke', { subject: 'c1', data })
    await ask({})
    await ask({ ivr_pass_through: 'own' })
    await ask({})
    expect(receiver.received.map((request) => query(request).get('ivr_pass_through'))).toEqual(['', 'own', ''])
  })

  test('reaches the deliveries of the call’s end as it was at their acceptance', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = ({ url }, response) => {
      if (url.startsWith('/ask')) {
        const value = receiver.received.filter((request) => request.url.startsWith('/ask')).length
        response.writeHead(200, XML).end(action('', `<user_parameters><mood>m${value}</mood></user_parameters>`))
      } else
        response.writeHead(receiver.received.filter((request) => request.url === '/end').length === 1 ? 500 : 200).end()
    }
    const world = await startWorld(`
dataPoints: [{ name: mood, description: Set by the customer }]
webhooks:
${ivr(receiver.origin)}
  - { id: end, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}/end', body: '%mood% %netget_status%', retry: { schedule: [0s, 300ms], jitter: 0 } }
`)
    await world.post('/v1/webhooks/ask/invoke', { subject: 'c1', data: {} })
    await world.post('/v1/events', { type: 'call.end', subject: 'c1', data: {} })
    await receiver.until(() => receiver.received.some(({ url }) => url === '/end'))
    await world.post('/v1/webhooks/ask/invoke', { subject: 'c1', data: {} })
    await receiver.until(() => receiver.received.filter(({ url }) => url === '/end').length === 2)
    const bodies = receiver.received.filter(({ url }) => url === '/end').map(({ body }) => body)
    expect(bodies).toEqual(['m1 next-action', 'm1 next-action'])
  })
})

describe('a fallback server', () => {
  const withFallback = (first: string, second: string, after = ''): string =>
    `webhooks:\n${ivr(first, `, fallback: { url: '${second}/second'${after} }, backup: { route: desk }`)}`

  test.each([
    ['an error status', (): [number, string] => [500, '']],
    ['an answer that can not be used', (): [number, string] => [200, '<nonsense/>']],
  ])('is asked once when the first gives %s', async (_, failing) => {
    await using first = await Receiver.start()
    await using second = await Receiver.start()
    first.answer = (_request, response) => response.writeHead(...([failing()[0], XML] as const)).end(failing()[1])
    second.answer = (_request, response) => response.writeHead(200, XML).end(action(''))
    const world = await startWorld(withFallback(first.origin, second.origin))
    const { json } = await world.post('/v1/webhooks/ask/invoke', { data: { ivr_caller_id: '777' } })
    expect(json).toMatchObject({ decision: { kind: 'next-action' }, attempt: { status: 200, fallback: true } })
    expect(second.received).toHaveLength(1)
    expect(query(second.received[0]).get('ivr_caller_id')).toBe('777')
    expect(second.received[0]?.id).toBe(first.received[0]?.id)
  })

  test('is not asked when the first is usable', async () => {
    await using first = await Receiver.start()
    await using second = await Receiver.start()
    first.answer = (_, response) => response.writeHead(200, XML).end(action(''))
    const world = await startWorld(withFallback(first.origin, second.origin, ', after: 5s'))
    const { json } = await world.post('/v1/webhooks/ask/invoke', { data: {} })
    expect(json.attempt).not.toHaveProperty('fallback')
    expect(second.received).toEqual([])
  })

  test('is asked as well when the first dawdles, and the first usable answer wins', async () => {
    await using first = await Receiver.start()
    await using second = await Receiver.start()
    first.answer = () => undefined
    second.answer = (_, response) => response.writeHead(200, XML).end(action(''))
    const world = await startWorld(withFallback(first.origin, second.origin, ', after: 50ms'))
    const { json } = await world.post('/v1/webhooks/ask/invoke', { data: {} })
    expect(json).toMatchObject({ decision: { kind: 'next-action' }, attempt: { fallback: true } })
  })

  test('that fails too gives the first’s reason, both details and the backup object', async () => {
    await using first = await Receiver.start()
    await using second = await Receiver.start()
    first.answer = (_, response) => response.writeHead(503).end()
    second.answer = (_, response) => response.writeHead(404).end()
    const world = await startWorld(withFallback(first.origin, second.origin))
    const { json } = await world.post('/v1/webhooks/ask/invoke', { data: {} })
    expect(json).toMatchObject({
      decision: {
        kind: 'backup',
        reason: 'status',
        detail: 'the server answered 503; fallback: status, the server answered 404',
        backup: { route: 'desk' },
      },
      attempt: { status: 503 },
    })
  })
})

describe('an invoke that gets no answer', () => {
  test('ends after the budget that the caller prefers', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = () => undefined
    const world = await startWorld(`webhooks:\n${ivr(receiver.origin)}`)
    using lateness = new Lateness()
    const startedAt = performance.now()
    const { json } = await world.post('/v1/webhooks/ask/invoke', { data: {} }, { prefer: 'wait=1' })
    expect(json.decision).toMatchObject({ kind: 'backup', reason: 'response-timeout' })
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000)
    expect(performance.now() - startedAt).toBeLessThan(2500 + lateness.ms)
  })

  test('is dropped when the caller hangs up, and leaves the context as it was', async () => {
    await using receiver = await Receiver.start()
    const dropped = Promise.withResolvers<void>()
    receiver.answer = (_, response) => response.once('close', () => dropped.resolve())
    const world = await startWorld(`webhooks:\n${ivr(receiver.origin)}`)
    const caller = httpRequest(`${world.url}/v1/webhooks/ask/invoke?subject=c1`)
    caller.on('error', () => undefined)
    caller.end()
    await receiver.until(() => receiver.received.length === 1)
    caller.destroy()
    await dropped.promise
    expect(await world.service.engine.stats()).toMatchObject({ calls: 0 })
  })

  test('is told that nobody listens, with the backup object', async () => {
    await using receiver = await Receiver.start()
    const { origin } = receiver
    await receiver[Symbol.asyncDispose]()
    const world = await startWorld(`webhooks:\n${ivr(origin, ', backup: { ivr: 7 }')}`)
    const { status, json } = await world.post('/v1/webhooks/ask/invoke', { data: {} })
    expect(status).toBe(200)
    expect(json.decision).toMatchObject({ kind: 'backup', reason: 'connection', backup: { ivr: 7 } })
  })

  test('is told that the circuit is open after six failures in a row', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = (_, response) => response.writeHead(500).end()
    const world = await startWorld(`webhooks:\n${ivr(receiver.origin)}`)
    const reasons: string[] = []
    for (let call = 0; call < 8; call += 1) {
      reasons.push((await world.post('/v1/webhooks/ask/invoke', { data: {} })).json.decision.reason)
    }
    expect(reasons).toEqual([...Array.from({ length: 6 }, () => 'status'), 'circuit-open', 'circuit-open'])
    expect(receiver.received).toHaveLength(6)
  })

  test('is not sent while the webhook is inactive', async () => {
    await using receiver = await Receiver.start()
    const world = await startWorld(`webhooks:\n${ivr(receiver.origin, ', active: false')}`)
    const { json } = await world.post('/v1/webhooks/ask/invoke', { data: {} })
    expect(json.decision).toMatchObject({ kind: 'backup', reason: 'inactive' })
    expect(json).not.toHaveProperty('attempt')
    expect(receiver.received).toEqual([])
  })

  test('is refused an address that is not public', async () => {
    const world = await startWorld(`webhooks:\n${ivr('http://169.254.169.254')}`)
    const { json } = await world.post('/v1/webhooks/ask/invoke', { data: {} })
    expect(json.decision).toMatchObject({ kind: 'backup', reason: 'address-refused' })
  })

  test('never reaches the engine’s own listener, though the range is allowed', async () => {
    const port = await freePort()
    const world = await startWorld(`webhooks:\n${ivr(`http://127.0.0.1:${port}`)}`, {}, port)
    const { json } = await world.post('/v1/webhooks/ask/invoke', { data: {} })
    expect(json.decision).toMatchObject({ kind: 'backup', reason: 'address-refused' })
  })
})

test('while a burst of events is taken in, invokes go on', async () => {
  await using receiver = await Receiver.start()
  const world = await startWorld(`
webhooks:
  - { id: ask, profile: wix-answers-ivr, url: '${receiver.origin}/ask' }
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}/feed', body: '%callid%' }
`)
  const lines = Array.from({ length: 5000 }, (_, index) => `{"type":"call.end","data":{"callid":"${index}"}}`).join(
    '\n',
  )
  const burst = world.post('/v1/events', lines, { 'content-type': 'application/x-ndjson' })
  const kinds = await Promise.all(
    Array.from(
      { length: 50 },
      async () => (await world.post('/v1/webhooks/ask/invoke', { data: {} })).json.decision.kind,
    ),
  )
  expect(kinds.every((kind) => kind === 'disconnect')).toBe(true)
  expect((await burst).json.accepted).toHaveLength(5000)
  await receiver.until(
    () => new Set(receiver.received.filter(({ url }) => url === '/feed').map(({ id }) => id)).size === 5000,
  )
})
