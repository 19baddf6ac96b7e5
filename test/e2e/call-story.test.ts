/** A call's story over the API: what is told of its events, deliveries and decisions, in order, page by page. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { type Json, startWorld, type World } from './world.ts'

/** What is waited for comes in milliseconds, unless the machine is busy with other tests. */

async function startReceiver(): Promise<Receiver> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  return receiver
}

const webhooks = (origin: string): string => `webhooks:
  - { id: ask, profile: custom, answer: variables, method: POST, url: '${origin}/ask?who=%ani%', headers: [{ name: X-Key, value: { env: KEY } }], body: '{"a":"%ani%"}' }
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${origin}/feed', tokens: dollar, body: '{"lead":"\${lead}"}', retry: { schedule: [0s, 1h] } }
`

async function start(more = ''): Promise<{ readonly world: World; readonly receiver: Receiver }> {
  const receiver = await startReceiver()
  const world = await startWorld(`${more}workers: 0\n${webhooks(receiver.origin)}`, { KEY: 'very-secret' })
  return { world, receiver }
}

const invoke = (world: World, subject = 'call-1', more: object = {}): Promise<{ json: Json }> =>
  world.post('/v1/webhooks/ask/invoke', { id: 'i1', subject, data: { ani: '+15551234567' }, ...more })

const send = (world: World, id: string, more: object = {}): Promise<{ status: number }> =>
  world.post('/v1/events', { id, type: 'call.end', subject: 'call-1', data: { n: id }, ...more })

describe('the story of a call', () => {
  test('tells what was sent and what came back, in order, without secrets', async () => {
    const { world, receiver } = await start()
    receiver.answer = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"lead":7}')
    const { json: decided } = await invoke(world)
    receiver.answer = (_, response) => response.writeHead(500).end('broken')
    await send(world, 'e1')
    await expect.poll(async () => (await world.get('/v1/stats')).json.retries).toBe(1)
    const { status, json: story } = await world.get('/v1/calls/call-1')
    expect(status).toBe(200)
    expect(story).toMatchObject({ subject: 'call-1', account: 'default', context: { lead: 7 }, next: null })
    expect(story.entries.map(({ kind }: Json) => kind)).toEqual(['decision', 'event', 'delivery'])
    const [decision, event, delivery] = story.entries
    expect(decision).toMatchObject({
      ...{ deliveryId: decided.deliveryId, webhook: 'ask', event: { id: 'i1', type: 'call.ivr' } },
      ...{ data: { ani: '+15551234567' }, context: {}, decision: decided.decision, attempt: decided.attempt },
    })
    expect(decision.requests).toEqual([
      {
        ...{ time: expect.any(String), status: 200, durationMs: expect.any(Number), bytes: 10 },
        phases: expect.objectContaining({
          ...{ queueMs: expect.any(Number), renderMs: expect.any(Number), interpretMs: expect.any(Number) },
        }),
        answer: '{"lead":7}',
        request: {
          method: 'POST',
          url: `${receiver.origin}/ask?who=%2B15551234567`,
          headers: { 'content-type': 'application/json', 'x-key': '[secret]' },
          body: '{"a":"+15551234567"}',
        },
      },
    ])
    expect(event).toMatchObject({ id: 'e1', type: 'call.end', data: { n: 'e1' }, context: { lead: 7 } })
    expect(delivery).toMatchObject({
      ...{
        webhook: 'feed',
        state: 'pending',
        attempts: [
          { status: 500, answer: 'broken', phases: { queueMs: expect.any(Number), renderMs: expect.any(Number) } },
        ],
      },
      request: { url: `${receiver.origin}/feed`, body: '{"lead":"7"}' },
    })
    expect(JSON.stringify(story)).not.toContain('very-secret')
  })

  test('tells why deliveries wait and why nobody was asked', async () => {
    const { world, receiver } = await start()
    receiver.answer = (_, response) => response.writeHead(410).end()
    await send(world, 'e1')
    await world.post('/v1/webhooks/ask/deactivate', {})
    await invoke(world)
    const entries = async (): Promise<Json> => (await world.get('/v1/calls/call-1')).json.entries
    await expect.poll(async () => (await entries())[1]).toMatchObject({ held: { reason: 'inactive' } })
    const [, , decision] = await entries()
    expect(decision).toMatchObject({ decision: { kind: 'backup', reason: 'inactive' }, requests: [] })
  })

  test('tells of both servers where the fallback was asked', async () => {
    const first = await startReceiver()
    const second = await startReceiver()
    first.answer = (_, response) => response.writeHead(503).end('no')
    const world = await startWorld(
      `webhooks:\n  - { id: ask, profile: custom, answer: status, method: POST, url: '${first.origin}/1', fallback: { url: '${second.origin}/2', after: 5s } }\n`,
    )
    await invoke(world)
    const { json } = await world.get('/v1/calls/call-1')
    expect(json.entries).toMatchObject([
      {
        decision: { kind: 'continue' },
        requests: [
          { status: 503, reason: 'status', request: { url: `${first.origin}/1` } },
          { status: 200, fallback: true, request: { url: `${second.origin}/2` } },
        ],
      },
    ])
  })

  test.each(['', 'store: { engine: embedded, path: STORE, minFree: 0B }\n'])(
    'comes page by page, each entry once (%j)',
    async (store) => {
      const folder = mkdtempSync(join(tmpdir(), 'switchhook-story-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const { world } = await start(store.replace('STORE', `${folder}/data`))
      for (let index = 0; index < 13; index += 1) {
        await send(world, `e${index}`)
        if (index % 3 === 0) await invoke(world, 'call-1', { id: `i${index}` })
      }
      const read: Json[] = []
      let next: string | null = ''
      do {
        const { json }: { json: Json } = await world.get(`/v1/calls/call-1?limit=4&cursor=${next}`)
        expect(json.entries.filter(({ kind }: Json) => kind !== 'event').length).toBeLessThanOrEqual(4)
        read.unshift(...json.entries)
        next = json.next
      } while (next !== null)
      const order = read.filter(({ kind }) => kind !== 'event').map(({ event }) => event.id)
      const expected = Array.from({ length: 13 }, (_, index) =>
        index % 3 === 0 ? [`e${index}`, `i${index}`] : [`e${index}`],
      )
      expect(order).toEqual(expected.flat())
      expect(read.filter(({ kind }) => kind === 'event').map(({ id }) => id)).toEqual(expected.map(([id]) => id))
    },
  )

  test('is told of calls whose subject needs escapes and is as long as it may be', async () => {
    const { world } = await start()
    const subject = `é/${'x'.repeat(1022)}`
    await send(world, 'e1', { subject })
    expect((await world.get(`/v1/calls/${encodeURIComponent(subject)}`)).json).toMatchObject({ subject })
  })

  test('is gone when the caller’s data were erased, by call and by number', async () => {
    const { world } = await start()
    await invoke(world, 'call-1')
    await invoke(world, 'call-2')
    await invoke(world, 'call-3', { data: { ani: '+15550000000' } })
    await world.post('/v1/erase', { call: 'call-1' })
    expect((await world.get('/v1/calls/call-1')).status).toBe(404)
    expect((await world.get('/v1/calls/call-2')).json.entries).toHaveLength(1)
    await world.post('/v1/erase', { number: '+1 555 123 4567' })
    const { json } = await world.get('/v1/calls/call-2')
    expect(json.entries ?? []).toEqual([])
    expect((await world.get('/v1/calls/call-3')).json.entries).toHaveLength(1)
  })
})

describe('nobody is told', () => {
  const TOKENS = `auth:
  tokens:
    - { name: a, secret: { env: A }, may: [manage, send, invoke], accounts: [acme] }
    - { name: ab, secret: { env: AB }, may: [manage, send], accounts: [acme, beta] }
    - { name: all, secret: { env: ALL }, may: [manage, send] }
webhooks: [{ id: feed, account: acme, profile: custom, on: [x], method: POST, url: 'http://127.0.0.1:9', body: '{}' }]
`
  test.each([
    ['a', '', 200],
    ['a', '?account=beta', 404],
    ['ab', '', 422],
    ['ab', '?account=acme', 200],
    ['ab', '?account=beta', 404],
    ['all', '?account=acme', 200],
    ['all', '', 404],
    ['a', '?account=acme&acount=acme', 422],
    ['a', '?limit=100', 200],
    ['a', '?limit=101', 422],
    ['a', '?limit=0', 422],
    ['a', '?cursor=elsewhere', 422],
  ])('of the call of another account: token %s asks with %j', async (token, query, expected) => {
    const world = await startWorld(TOKENS, { A: 'a', AB: 'ab', ALL: 'all' })
    const event = { type: 'x', subject: 'call-1', account: 'acme', data: {} }
    await world.post('/v1/events', event, { authorization: 'Bearer all' })
    const headers = { authorization: `Bearer ${token}` }
    expect((await fetch(`${world.url}/v1/calls/call-1${query}`, { headers })).status).toBe(expected)
  })

  test('of a call of which nothing is known', async () => {
    const { world } = await start()
    expect(await world.get('/v1/calls/nobody')).toMatchObject({ status: 404, json: { status: 404 } })
  })
})
