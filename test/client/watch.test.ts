/** Watching an engine: over real sockets, against an engine and against servers that break off, fall silent or refuse. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../scripts/free-port.ts'
import { type Happening, ProblemError, SwitchhookClient, UnreachableError } from '../../src/client/client.ts'
import { startWorld } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'

/** A server that answers each connection as the list says, the last one for good. */
async function startStreams(
  ...answers: readonly ((response: ServerResponse, request: IncomingMessage) => void)[]
): Promise<string> {
  let count = 0
  const server = createServer((request, response) => {
    const answer = answers[Math.min(count, answers.length - 1)]
    count += 1
    answer?.(response, request)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

const dropped = (count: number): string => `event: dropped\ndata: {"count":${count}}\n\n`

function streaming(...texts: readonly string[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const text of texts) response.write(text)
  }
}

function ending(...texts: readonly string[]): (response: ServerResponse) => void {
  return (response) => {
    streaming(...texts)(response)
    response.end()
  }
}

const QUICK = { firstWaitMs: 1, mostWaitMs: 4 }

async function take(happenings: AsyncIterable<Happening>, count: number): Promise<readonly Happening[]> {
  const taken: Happening[] = []
  for await (const happening of happenings) {
    taken.push(happening)
    if (taken.length === count) break
  }
  return taken
}

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('watching an engine', () => {
  test('tells of events, deliveries and decisions as they happen, as its filter says', async () => {
    const receiver = await Receiver.start()
    onTestFinished(() => receiver[Symbol.asyncDispose]())
    const world = await startWorld(`workers: 0
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}', body: '%callid%' }
`)
    const client = new SwitchhookClient({ url: world.url })
    const isWatching = Promise.withResolvers<void>()
    const watching = take(client.watch({ subject: 'call-1' }, { onConnect: isWatching.resolve }), 3)
    await isWatching.promise
    await client.send(
      { type: 'call.end', subject: 'call-2', data: {} },
      { type: 'call.end', id: 'e1', subject: 'call-1' },
    )
    await expect.poll(async () => (await world.service.engine.stats())['outbox']).toMatchObject({ delivered: 2 })
    await client.invoke('crm', { subject: 'call-1' })
    expect(await watching).toMatchObject([
      { kind: 'event', id: 'e1', type: 'call.end', subject: 'call-1', deliveries: 1, account: 'default' },
      {
        kind: 'delivery',
        webhook: 'crm',
        state: 'delivered',
        event: { id: 'e1' },
        attempts: [{ attempt: 1, status: 200 }],
      },
      { kind: 'decision', webhook: 'crm', decision: { kind: 'continue' }, event: { subject: 'call-1' } },
    ])
  })

  test('goes on after the connection is lost, and says that there is a gap', async () => {
    const said: string[] = []
    const url = await startStreams(
      ending(': watching\n\n', dropped(1)),
      (response) => response.writeHead(503, { 'retry-after': '1' }).end('{}'),
      (response) => response.destroy(),
      streaming(dropped(2), 'event: news\ndata: {}\n\n', dropped(3)),
    )
    const happenings = new SwitchhookClient({ url, token: 't' }).watch(
      {},
      { ...QUICK, onConnect: () => said.push('connected'), onBreak: ({ message }) => said.push(message) },
    )
    expect(await take(happenings, 3)).toEqual([1, 2, 3].map((count) => ({ kind: 'dropped', count })))
    expect(said).toEqual([
      'connected',
      expect.stringContaining('the engine has closed the stream'),
      'Service Unavailable',
      expect.stringContaining('nobody answers'),
      'connected',
    ])
  })

  test('waits longer after each failure in a row, up to a limit', async () => {
    const waits: number[] = []
    const end = new AbortController()
    const url = await startStreams(ending(), (response) => response.destroy())
    const onBreak = (_cause: unknown, waitMs: number): void => {
      waits.push(waitMs)
      if (waits.length === 5) end.abort()
    }
    const options = { firstWaitMs: 4, mostWaitMs: 16, signal: end.signal, onBreak }
    expect(await take(new SwitchhookClient({ url }).watch({}, options), 1)).toEqual([])
    for (const [index, most] of [4, 8, 16, 16, 16].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(most / 2)
      expect(waits[index]).toBeLessThanOrEqual(most)
    }
  })

  test('takes a connection on which nothing comes for lost', async () => {
    const url = await startStreams(streaming(dropped(1)), streaming(dropped(2)))
    const causes: string[] = []
    const options = { ...QUICK, silenceMs: 50, onBreak: ({ message }: Error) => causes.push(message) }
    expect(await take(new SwitchhookClient({ url }).watch({}, options), 2)).toHaveLength(2)
    expect(causes[0]).toContain('nothing came for 0 s')
  })

  test('ends when it is told to, also while it waits', async () => {
    const end = new AbortController()
    const url = await startStreams(streaming(': watching\n\n'))
    const watching = take(
      new SwitchhookClient({ url }).watch({}, { signal: end.signal, onConnect: () => end.abort() }),
      1,
    )
    expect(await watching).toEqual([])
    const later = new AbortController()
    const closing = await startStreams(ending())
    const options = { firstWaitMs: 60_000, mostWaitMs: 60_000, signal: later.signal, onBreak: () => later.abort() }
    expect(await take(new SwitchhookClient({ url: closing }).watch({}, options), 1)).toEqual([])
  })

  test('the connection ends with the loop that reads it', async () => {
    const isClosed = Promise.withResolvers<void>()
    const url = await startStreams((response) => {
      response.once('close', isClosed.resolve)
      streaming(dropped(1))(response)
    })
    await take(new SwitchhookClient({ url }).watch(), 1)
    await isClosed.promise
  })
})

describe('watching what can not be watched', () => {
  test('where nobody answers is told at once', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    expect(await thrownBy(take(new SwitchhookClient({ url }).watch(), 1))).toBeInstanceOf(UnreachableError)
  })

  test.each([401, 403, 422, 503])('a first answer of %i is told at once', async (status) => {
    const url = await startStreams((response) => response.writeHead(status).end('{"title":"no"}'))
    const error = await thrownBy(take(new SwitchhookClient({ url }).watch(), 1))
    expect(error).toBeInstanceOf(ProblemError)
    expect(error).toMatchObject({ problem: { status, title: 'no' } })
  })

  test('a token that is refused later ends it', async () => {
    const url = await startStreams(ending(dropped(1)), (response) => response.writeHead(401).end('{}'))
    expect(await thrownBy(take(new SwitchhookClient({ url }).watch({}, QUICK), 2))).toMatchObject({
      problem: { status: 401 },
    })
  })

  test('a page is no stream', async () => {
    const url = await startStreams((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>'))
    expect(await thrownBy(take(new SwitchhookClient({ url }).watch(), 1))).toMatchObject({
      problem: { title: 'The answer is not one of Switchhook', detail: expect.stringContaining('text/event-stream') },
    })
  })
})
