/**
 * A connection that was had counted as an end of the failures, so that a proxy which takes each one and ends it was asked several
 * times a second for ever; `Retry-After` was not heard; a stream without line ends was kept in memory whole; and what was told
 * without the members of its kind ended `tail` as an internal error.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { type Happening, SwitchhookClient, type WatchOptions } from '../../src/client/client.ts'
import { EventStreamParser } from '../../src/client/event-stream.ts'

async function startServer(answer: (response: ServerResponse, count: number) => void): Promise<string> {
  let count = 0
  const server = createServer((_, response) => {
    count += 1
    answer(response, count)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
}

/** The waits before the first `count` tries after a break. */
async function waitsOf(url: string, count: number, options: WatchOptions): Promise<readonly number[]> {
  const waits: number[] = []
  const end = new AbortController()
  const onBreak = (_cause: unknown, waitMs: number): void => {
    waits.push(waitMs)
    if (waits.length === count) end.abort()
  }
  for await (const _ of new SwitchhookClient({ url }).watch({}, { ...options, signal: end.signal, onBreak }));
  return waits
}

const STREAM = { 'content-type': 'text/event-stream' }

test('waits longer and longer for a server that ends each stream at once', async () => {
  const url = await startServer((response) => response.writeHead(200, STREAM).end(': hello\n\n'))
  const waits = await waitsOf(url, 5, { firstWaitMs: 4, mostWaitMs: 40 })
  for (const [index, most] of [4, 8, 16, 32, 40].entries()) expect(waits[index]).toBeGreaterThanOrEqual(most / 2)
})

test('begins anew after a stream that lasted', async () => {
  const url = await startServer((response, count) => {
    response.writeHead(200, STREAM).flushHeaders()
    if (count < 4) response.end()
    else setTimeout(() => response.end(), 60)
  })
  const waits = await waitsOf(url, 4, { firstWaitMs: 4, mostWaitMs: 30 })
  expect(waits[2]).toBeGreaterThanOrEqual(8)
  expect(waits[3]).toBeLessThanOrEqual(4)
})

test('waits as long as it is told to, up to the most', async () => {
  const url = await startServer((response, count) => {
    if (count === 1) response.writeHead(200, STREAM).end()
    else response.writeHead(503, { 'retry-after': count === 2 ? '0' : '5' }).end('{}')
  })
  const [, asked, most] = await waitsOf(url, 3, { firstWaitMs: 1, mostWaitMs: 20 })
  expect(asked).toBeLessThan(20)
  expect(most).toBe(20)
})

test('a message has a length at which it is given up', () => {
  const parser = new EventStreamParser()
  const mebibyte = 'x'.repeat(1_048_576)
  expect(parser.push('data: ')).toEqual([])
  for (let count = 0; count < 15; count += 1) expect(parser.push(mebibyte)).toEqual([])
  expect(parser.push('\n\n')).toHaveLength(1)
  const lines = (): void => {
    for (let count = 0; count < 17; count += 1) parser.push(`data: ${mebibyte}\n`)
  }
  expect(lines).toThrow('a message of the stream has no end')
})

test('what is told without the members of its kind is passed over', async () => {
  const event = { time: '2026-11-21T08:00:00Z', account: 'a', id: 'i', type: 't', subject: 's', deliveries: 1 }
  const url = await startServer((response) => {
    response.writeHead(200, STREAM)
    for (const told of [{}, [], 1, { ...event, time: 1 }, { ...event, kind: 'dropped' }]) {
      response.write(`event: event\ndata: ${JSON.stringify(told)}\n\n`)
    }
  })
  const told: Happening[] = []
  for await (const happening of new SwitchhookClient({ url }).watch()) {
    told.push(happening)
    break
  }
  expect(told).toEqual([{ ...event, kind: 'event' }])
})
