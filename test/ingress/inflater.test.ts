/** Bodies are decompressed on a thread of their own, and given back to the system when their requests are answered. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { giveBack, withOwnMemory } from '../../src/ingress/body/body-memory.ts'
import type { Compression } from '../../src/ingress/body/inflate.ts'
import { Inflater } from '../../src/ingress/body/inflater.ts'
import { LoopTurns } from '../../src/ingress/body/loop-turns.ts'
import { type BodyResult, BodyRoom, withBody } from '../../src/ingress/body/read-body.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import { Deadlines } from '../../src/transport/deadlines.ts'
import { KILLED, killThreads, watchThreads } from '../threads.ts'

/** Smaller bodies are left to V8. */
const GIVEN_BACK_BYTES = 4096

function startInflater(deaths: string[] = []): Inflater {
  const inflater = new Inflater(2, (detail) => void deaths.push(detail))
  onTestFinished(() => inflater[Symbol.asyncDispose]())
  return inflater
}

describe('the thread', () => {
  const CODINGS: readonly [coding: Compression, compress: (text: string) => Buffer][] = [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ]
  test.each(CODINGS)('decompresses %s up to the limit and not beyond it', async (coding, compress) => {
    const inflater = startInflater()
    for (const length of [0, 1, 100_000]) {
      const text = 'é'.repeat(length)
      const limitBytes = Buffer.byteLength(text)
      const inflated = await inflater.inflate(compress(text), coding, Math.max(1, limitBytes))
      if (inflated.kind !== 'body') throw new Error(`it is ${inflated.kind}`)
      expect(Buffer.from(inflated.bytes).toString()).toBe(text)
      const more = await inflater.inflate(compress(`${text}ab`), coding, limitBytes + 1)
      expect(more).toEqual({ kind: 'too-large' })
    }
  })

  test('tells what is wrong with a body', async () => {
    expect(await startInflater().inflate(Buffer.from('trash'), 'gzip', 10)).toEqual({
      kind: 'malformed',
      detail: 'the body is not gzip, as content-encoding says: incorrect header check',
    })
  })

  test('starts with the first body, has all of them, and is started anew when it has died', async () => {
    const threads = watchThreads()
    const deaths: string[] = []
    const inflater = startInflater(deaths)
    expect(threads).toHaveLength(0)
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const both = [1, 2].map(() => inflater.inflate(Buffer.from(bomb), 'gzip', 60_000_000))
    await expect.poll(() => threads).toHaveLength(1)
    await killThreads(threads)
    expect(await Promise.all(both)).toEqual([{ kind: 'lost' }, { kind: 'lost' }])
    expect(await inflater.inflate(gzipSync('a'), 'gzip', 10)).toMatchObject({ kind: 'body' })
    expect(await inflater.inflate(gzipSync('b'), 'gzip', 10)).toMatchObject({ kind: 'body' })
    expect(threads).toHaveLength(2)
    await inflater[Symbol.asyncDispose]()
    // The second was ended by its owner.
    expect(deaths).toEqual([expect.stringMatching(KILLED)])
  })

  test('is not started after the end', async () => {
    const threads = watchThreads()
    const inflater = startInflater()
    await inflater[Symbol.asyncDispose]()
    await inflater[Symbol.asyncDispose]()
    expect(await inflater.inflate(gzipSync('a'), 'gzip', 10)).toEqual({ kind: 'lost' })
    expect(threads).toEqual([])
  })
})

describe('the memory of a body', () => {
  /** What `withBody` hands out for a request with this body, and what it held then and when it was over. */
  async function read(
    body: Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<[BodyResult, number, number]> {
    const context = {
      limits: DEFAULT_LIMITS,
      room: new BodyRoom(10_000_000),
      inflater: startInflater(),
      turns: new LoopTurns(),
      paces: new Deadlines(systemClock),
    }
    const arrived = Promise.withResolvers<IncomingMessage>()
    const server = createServer((request) => arrived.resolve(request)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    send({ port, method: 'POST', headers })
      .on('error', () => undefined)
      .end(body)
    const request = await arrived.promise
    const lengthOf = (result: BodyResult): number => (result.kind === 'body' ? result.bytes.length : -1)
    const [result, held] = await withBody(
      request,
      'single',
      context,
      async (given) => [given, lengthOf(given)] as const,
    )
    return [result, held, lengthOf(result)]
  }

  test.each([
    ['of the least length', GIVEN_BACK_BYTES, {}],
    ['that came in many pieces', 1_000_000, {}],
    ['that came in chunks', 200_000, { 'transfer-encoding': 'chunked' }],
  ])('%s is given back when its request is answered', async (_name, length, headers) => {
    expect((await read(Buffer.alloc(length, 'x'), headers)).slice(1)).toEqual([length, 0])
  })

  test('that was compressed is given back as well', async () => {
    const zipped = gzipSync(Buffer.alloc(60_000, 'x'))
    expect((await read(zipped, { 'content-encoding': 'gzip' })).slice(1)).toEqual([60_000, 0])
  })

  test('that is small is left to V8', async () => {
    const length = GIVEN_BACK_BYTES - 1
    expect((await read(Buffer.alloc(length, 'x'))).slice(1)).toEqual([length, length])
  })

  test('is not touched where it is shared with others', () => {
    const whole = Buffer.alloc(3 * GIVEN_BACK_BYTES, 'x')
    const part = whole.subarray(0, 2 * GIVEN_BACK_BYTES)
    giveBack(part)
    const own = withOwnMemory(part)
    expect([whole.length, part.length, own.length]).toEqual([3, 2, 2].map((times) => times * GIVEN_BACK_BYTES))
    expect(own.buffer).not.toBe(whole.buffer)
    expect(withOwnMemory(own).buffer).toBe(own.buffer)
  })
})
