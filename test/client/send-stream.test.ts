/**
 * The stream of events against a server that behaves as the contract lets an engine behave: it takes some, refuses some, and has
 * no room for a while. Every event gets one outcome, and none is sent again after it was taken.
 */
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type EventOutcome, SwitchhookClient } from '../../src/client/client.ts'
import { type Answerer, Receiver } from '../worker/receiver.ts'

async function startReceiver(answer: Answerer): Promise<Receiver> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  receiver.answer = answer
  return receiver
}

function linesOf(body: string): readonly string[] {
  return body.split('\n').filter((line) => line !== '')
}

/** Takes all lines. */
const takeAll: Answerer = ({ body }, response) => {
  const accepted = linesOf(body).map((id, index) => ({ index, id, deliveries: 1 }))
  response.writeHead(202).end(JSON.stringify({ accepted, duplicates: [], rejected: [] }))
}

const BUSY = { title: 'No more is taken for now', detail: 'the outbox is full' }

/** Has no room `times` times, then takes all. */
function busyAtFirst(times: number, status = 429): Answerer {
  let left = times
  return (request, response) => {
    left -= 1
    if (left < 0) takeAll(request, response)
    else response.writeHead(status, { 'retry-after': '0' }).end(JSON.stringify(BUSY))
  }
}

async function outcomes(
  server: Receiver,
  events: Parameters<SwitchhookClient['sendStream']>[0],
  options?: Parameters<SwitchhookClient['sendStream']>[1],
): Promise<readonly EventOutcome[]> {
  const found: EventOutcome[] = []
  const stream = new SwitchhookClient({ url: server.origin }).sendStream(events, options)
  for await (const outcome of stream) found.push(outcome)
  return found
}

describe('a stream of events', () => {
  test('goes out in requests of so many events, objects and lines alike', async () => {
    const server = await startReceiver(takeAll)
    const events = [{ type: 'call.end' }, '"1"', ' ', '{\r\n"a":2}', '"4"']
    const found = await outcomes(server, events, { batchEvents: 2 })
    expect(server.received.map(({ body }) => body)).toEqual(['{"type":"call.end"}\n"1"\n', '{ "a":2}\n"4"\n'])
    expect(server.received[0]?.headers['content-type']).toBe('application/x-ndjson')
    expect(found.map(({ index }) => index)).toEqual([0, 1, 3, 4])
  })

  test('keeps to the bytes of a request, but for a single longer event', async () => {
    const server = await startReceiver(takeAll)
    await outcomes(server, ['aaa', 'bb', 'cccccccccc', 'd', 'é'], { batchBytes: 7 })
    expect(server.received.map(({ body }) => body)).toEqual(['aaa\nbb\n', 'cccccccccc\n', 'd\né\n'])
  })

  test('asks for the next event only when the batch before is answered', async () => {
    const seen: string[] = []
    const server = await startReceiver((request, response) => {
      seen.push(`request ${request.body.trim()}`)
      takeAll(request, response)
    })
    function* events(): Generator<string> {
      for (const id of ['1', '2', '3']) {
        seen.push(`event ${id}`)
        yield id
      }
    }
    await outcomes(server, events(), { batchEvents: 1 })
    expect(seen).toEqual(['event 1', 'event 2', 'request 1', 'event 3', 'request 2', 'request 3'])
  })

  test.each([429, 503])('waits as long as %i says, and sends the same again', async (status) => {
    const server = await startReceiver(busyAtFirst(3, status))
    const waits: number[] = []
    const found = await outcomes(server, ['1', '2'], { onWait: (waitMs) => waits.push(waitMs) })
    expect(found).toMatchObject([
      { kind: 'accepted', id: '1' },
      { kind: 'accepted', id: '2' },
    ])
    expect(server.received.map(({ body }) => body)).toEqual(Array.from({ length: 4 }, () => '1\n2\n'))
    expect(waits).toEqual([0, 0, 0])
  })

  test('ends with the problem when there is no room for longer than it has patience', async () => {
    const server = await startReceiver((_, response) => {
      response.writeHead(429, { 'retry-after': '1' }).end(JSON.stringify(BUSY))
    })
    await expect(outcomes(server, ['1'], { patienceMs: 999 })).rejects.toMatchObject({
      problem: { status: 429, detail: 'the outbox is full' },
      retryAfterMs: 1000,
    })
    expect(server.received).toHaveLength(1)
  })

  test('a wait can be ended', async () => {
    const server = await startReceiver((_, response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end(JSON.stringify(BUSY))
    })
    const controller = new AbortController()
    const options = { patienceMs: 1e9, signal: controller.signal, onWait: () => controller.abort() }
    await expect(outcomes(server, ['1'], options)).rejects.toThrow('aborted')
  })

  test('an error that asking again does not help ends it', async () => {
    const server = await startReceiver((_, response) => response.writeHead(403).end('{"title":"no"}'))
    await expect(outcomes(server, ['1', '2'])).rejects.toMatchObject({ problem: { status: 403 } })
    expect(server.received).toHaveLength(1)
  })

  test('a request that is too large is the fault of its event only where there is one', async () => {
    const server = await startReceiver((_, response) => response.writeHead(413).end('{"title":"too large"}'))
    expect(await outcomes(server, ['1'])).toEqual([{ kind: 'rejected', index: 0, detail: 'too large' }])
    await expect(outcomes(server, ['1', '2'])).rejects.toMatchObject({ problem: { status: 413 } })
  })

  test('refused lines lose the number that they have in the request', async () => {
    const server = await startReceiver((_, response) => {
      const rejected = [
        { index: 0, detail: 'line 1: line 1, column 9: no JSON' },
        { index: 1, detail: 'line 7 of the song is missing' },
      ]
      response.writeHead(400).end(JSON.stringify({ title: 'none', accepted: [], duplicates: [], rejected }))
    })
    expect(await outcomes(server, ['', 'a', 'b'])).toEqual([
      { kind: 'rejected', index: 1, detail: 'column 9: no JSON' },
      { kind: 'rejected', index: 2, detail: 'line 7 of the song is missing' },
    ])
  })

  test('lines that can be sent again are refused at last, when patience is over', async () => {
    const server = await startReceiver((_, response) => {
      const accepted = [{ index: 0, id: 'x', deliveries: 0 }]
      const rejected = [{ index: 1, detail: 'full', retryable: true }]
      response.writeHead(202).end(JSON.stringify({ accepted, duplicates: [], rejected }))
    })
    expect(await outcomes(server, ['a', 'b'], { patienceMs: 0 })).toEqual([
      { kind: 'accepted', index: 0, id: 'x', deliveries: 0 },
      { kind: 'rejected', index: 1, detail: 'full' },
    ])
  })

  test('whatever is refused, busy or taken: each event has one outcome, in order, and is taken once', async () => {
    // What becomes of an event: refused for good, a duplicate, or taken; and how often its request finds no room before.
    const scripts = fc.array(fc.constantFrom('refuse', 'duplicate', 'take'), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(scripts, fc.integer({ min: 1, max: 6 }), fc.nat(2), async (script, batchEvents, busyTimes) => {
        const taken: number[] = []
        let busyLeft = busyTimes
        await using server = await Receiver.start()
        server.answer = ({ body }, response) => {
          if (busyLeft > 0) {
            busyLeft -= 1
            response.writeHead(503, { 'retry-after': '0' }).end('{}')
            return
          }
          busyLeft = busyTimes
          const answer = { accepted: [] as object[], duplicates: [] as object[], rejected: [] as object[] }
          for (const [index, line] of linesOf(body).entries()) {
            const fate = script[Number(line)]
            if (fate === 'take') taken.push(Number(line))
            if (fate === 'take') answer.accepted.push({ index, id: line, deliveries: 1 })
            if (fate === 'duplicate') answer.duplicates.push({ index, id: line })
            if (fate === 'refuse') answer.rejected.push({ index, detail: 'no' })
          }
          response.writeHead(answer.accepted.length > 0 ? 202 : 400).end(JSON.stringify(answer))
        }
        const kinds = { take: 'accepted', duplicate: 'duplicate', refuse: 'rejected' }
        const found = await outcomes(server, [...script.keys()].map(String), { batchEvents })
        expect(found.map(({ index, kind }) => [index, kind])).toEqual(script.map((fate, index) => [index, kinds[fate]]))
        expect(taken).toEqual([...script.keys()].filter((index) => script[index] === 'take'))
      }),
      { numRuns: 40 },
    )
  })
})
