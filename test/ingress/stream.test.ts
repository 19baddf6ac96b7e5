/** The stream over real sockets: who is told what, and readers that are slow, silent or gone. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type LiveMessage, QUEUE_LIMIT, WATCHERS_LIMIT } from '../../src/engine/calls/live.ts'
import type { DeliveryRecord } from '../../src/model/delivery.ts'
import { StreamReader } from './event-stream.ts'
import { INVOKED, problemOf, run } from './recording.ts'

const TOKENS = [
  { name: 'acme', secret: 'acme-secret', may: ['read'], accounts: ['acme'] },
  { name: 'all', secret: 'all-secret', may: ['read'], accounts: 'all' },
] as const

const happened = (id: string, account = 'acme', subject = 'call-1', type = 'call.end'): LiveMessage => {
  return { kind: 'event', atMs: 0, account, event: { id, source: '/', type, subject }, deliveries: 1 }
}
const decided = (webhook: string): LiveMessage => {
  const event = { id: 'i1', source: '/', type: 'call.ivr', subject: 'call-1' }
  return { kind: 'decision', atMs: 0, account: 'acme', event, webhook, durationMs: 1.25, result: INVOKED }
}

/** Something that ends what is told, whatever the filter. */
const LAST = [...['a', 'b'].map((webhook) => decided(webhook)), happened('last')]

async function watch(query: string, token: string, told: readonly LiveMessage[], most: number) {
  await using server = await run({ tokens: TOKENS })
  const headers = { authorization: `Bearer ${token}-secret` }
  const reader = await StreamReader.open(`${server.url}/v1/stream${query}`, headers)
  for (const message of told) server.engine.calls.feed.tell(message)
  return { reader, messages: await reader.take(most) }
}

/** Opens the stream on a bare socket, which reads nothing more once it watches. */
async function deafReader(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  socket.write('GET /v1/stream HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
  await once(socket, 'data')
  socket.pause()
  return socket
}

describe('who watches', () => {
  test('is told in the order in which it happened, in the shape of the API', async () => {
    const record: DeliveryRecord = {
      ...{ id: 'd1', webhook: 'crm', account: 'acme', event: { id: 'e1', source: '/', type: 'x', subject: '' } },
      ...{ state: 'delivered', acceptedAtMs: 0, endedAtMs: 5, attempts: [] },
    }
    const delivery: LiveMessage = {
      kind: 'delivery',
      atMs: 9,
      account: 'acme',
      event: record.event,
      webhook: 'crm',
      record,
    }
    const { reader, messages } = await watch('', 'acme', [happened('e1'), decided('crm'), delivery], 3)
    expect(reader.contentType).toBe('text/event-stream')
    const time = '1970-01-01T00:00:00.000Z'
    const identity = { id: 'e1', source: '/', type: 'call.end', subject: 'call-1' }
    expect(messages).toEqual([
      { event: 'event', data: { time, account: 'acme', ...identity, deliveries: 1 } },
      {
        event: 'decision',
        data: {
          time,
          account: 'acme',
          event: { ...identity, id: 'i1', type: 'call.ivr' },
          ...INVOKED,
          durationMs: 1.3,
        },
      },
      {
        event: 'delivery',
        data: {
          ...{ time: '1970-01-01T00:00:00.009Z', id: 'd1', webhook: 'crm', account: 'acme', event: record.event },
          ...{ state: 'delivered', acceptedAt: time, endedAt: '1970-01-01T00:00:00.005Z', attempts: [] },
        },
      },
    ])
  })

  test.each([
    ['acme', '', ['e1', 'e3', 'e4', 'i1', 'i1', 'last']],
    ['all', '', ['e1', 'e2', 'e3', 'e4', 'i1', 'i1', 'last']],
    ['all', '?account=beta', ['e2']],
    ['all', '?account=acme&subject=call-2', ['e3']],
    ['acme', '?type=call.begin', ['e4']],
    ['acme', '?webhook=b', ['i1']],
    ['acme', '?webhook=&subject=', ['e1', 'e3', 'e4', 'i1', 'i1', 'last']],
  ])('with the token %s and %j is told of what it asked for alone', async (token, query, expected) => {
    const told = [happened('e1'), happened('e2', 'beta'), happened('e3', 'acme', 'call-2')]
    const more = [happened('e4', 'acme', 'call-1', 'call.begin'), ...LAST]
    const { messages } = await watch(query, token, [...told, ...more], expected.length)
    expect(messages.map(({ data }) => data.id ?? data.event.id)).toEqual(expected)
  })

  test.each([
    ['acme', '?account=beta', 404],
    ['acme', '?acount=acme', 422],
    ['acme', '?type=a&type=b', 422],
    ['acme', `?subject=${'x'.repeat(1024)}`, 200],
    ['acme', `?subject=${'x'.repeat(1025)}`, 422],
  ])('with the token %s and %j is answered %i', async (token, query, status) => {
    const { reader } = await watch(query, token, [], 0)
    expect(reader.status).toBe(status)
  })

  test('hears a sign of life where nothing happens', async () => {
    await using server = await run({ limits: { heartbeatMs: 5 } })
    const reader = await StreamReader.open(`${server.url}/v1/stream`)
    for (let count = 0; count < 3; count += 1) await reader.untilComment()
    expect(reader.comments).toBe(4)
  })

  test('is refused beyond as many as there may be, until one goes', async () => {
    await using server = await run()
    const url = `${server.url}/v1/stream`
    const readers = await Promise.all(Array.from({ length: WATCHERS_LIMIT }, () => StreamReader.open(url)))
    const refused = await fetch(url)
    expect(await problemOf(refused)).toMatchObject({ status: 503 })
    expect(refused.headers.get('retry-after')).toBe('5')
    await readers[0]?.close()
    await expect.poll(async () => (await StreamReader.open(url)).status).toBe(200)
  })
})

describe('a reader', () => {
  test('that is slow loses what it has no room for, is told how much, and hears the rest', async () => {
    await using server = await run()
    const { feed } = server.engine.calls
    const socket = await deafReader(server.url)
    let text = ''
    let told = 0
    // More than fits into the sockets' buffers, in turns, as it would happen.
    for (; told < 200_000; told += 1) {
      feed.tell(happened(`e${told}`, 'acme', 'x'.repeat(500)))
      if (told % 500 === 0) await new Promise(setImmediate)
    }
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    socket.resume()
    await expect.poll(() => text).toMatch(/event: dropped\ndata: .*\n/)
    feed.tell(happened('afterwards'))
    await expect.poll(() => text).toContain('"id":"afterwards"')
    const ids = [...text.matchAll(/"id":"e(\d+)"/g)].map(([, id]) => Number(id))
    const dropped = [...text.matchAll(/event: dropped\ndata: \{"count":(\d+)\}/g)].map(([, count]) => Number(count))
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    expect(ids.length + dropped.reduce((sum, count) => sum + count, 0)).toBe(told)
    expect(ids.length).toBeGreaterThan(QUEUE_LIMIT)
  })

  test('that takes nothing for long is cut off', async () => {
    await using server = await run({ limits: { heartbeatMs: 10 } })
    const { feed } = server.engine.calls
    const socket = await deafReader(server.url)
    const closed = once(socket, 'close')
    while (feed.isWatched) {
      for (let count = 0; count < 500; count += 1) feed.tell(happened('e', 'acme', 'x'.repeat(500)))
      await new Promise(setImmediate)
    }
    socket.resume()
    await closed
  })

  test('that goes is no longer told', async () => {
    await using server = await run()
    const { feed } = server.engine.calls
    const socket = await deafReader(server.url)
    expect(feed.isWatched).toBe(true)
    socket.destroy()
    await expect.poll(() => feed.isWatched).toBe(false)
  })

  test('does not keep the service from ending, nor a token that is taken away', async () => {
    const server = await run({ tokens: TOKENS })
    const open = (): Promise<StreamReader> =>
      StreamReader.open(`${server.url}/v1/stream`, { authorization: 'Bearer acme-secret' })
    const first = await open()
    server.ingress.renew({ tokens: TOKENS })
    expect(await first.next()).toBeUndefined()
    const second = await open()
    const closed = server.ingress.close(60_000)
    expect(await second.next()).toBeUndefined()
    await closed
    expect(server.engine.calls.feed.isWatched).toBe(false)
  })
})
