/**
 * Mutants over real sockets, once in one piece and once in pieces that end anywhere: what is made of them must not depend on how the
 * network cut them, on the way in as on the way back.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Running, run } from '../ingress/recording.ts'
import { type Reading, startAnswers, withBody } from './answers-world.ts'
import { ACTIONS, EVENTS, MESSAGES, REDIRECTS, VARIABLES } from './corpus.ts'
import { MUTANTS, mutantOf, SEED } from './mutants.ts'

const RUNS = { numRuns: Math.ceil(MUTANTS / 80), seed: SEED }

/** Sizes of the pieces, in turn; small ones, since that is where a head, a character or a mark is cut through. */
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 200 })), {
  minLength: 1,
  maxLength: 8,
})

function* piecesOf(bytes: Buffer, each: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(each[turn % each.length] ?? 1, Math.ceil(bytes.length / 200))
    yield bytes.subarray(at, at + size)
    at += size
  }
}

/** Writes pieces, each in a turn of its own, so that they arrive as such. */
async function writeAll(socket: Socket, pieces: Iterable<Buffer>): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return
    socket.write(piece)
    await new Promise(setImmediate)
  }
}

describe('a mutant request', () => {
  const types = [
    'application/json',
    'application/cloudevents+json',
    'application/x-ndjson',
    'application/x-www-form-urlencoded',
  ]

  /** Status, what is told, and what was accepted, without the ids that were made up. */
  const told = async (server: Running, type: string, pieces: Iterable<Buffer>, framing: string) => {
    server.engine.accepted.length = 0
    const { hostname, port } = new URL(server.url)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    onTestFinished(() => {
      socket.destroy()
    })
    let answer = ''
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    const closed = once(socket, 'close')
    socket.on('error', () => undefined)
    socket.write(
      `POST /v1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: ${type}\r\n${framing}\r\n\r\n`,
    )
    await writeAll(socket, pieces)
    await closed
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    const known = ({ hasOwnId, id, ...event }: Running['engine']['accepted'][number]) => ({
      ...event,
      id: hasOwnId ? id : '',
    })
    return {
      status: head.slice(0, 12),
      body: body.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id'),
      events: server.engine.accepted.map(known),
    }
  }

  test.each(types)('of type %s is the same in chunks that end anywhere as in one', async (type) => {
    await using server = await run()
    await fc.assert(
      fc.asyncProperty(mutantOf(EVENTS), sizes, async (bytes, each) => {
        const chunks = [...piecesOf(bytes, each)].map((piece) =>
          Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
        )
        const whole = await told(server, type, [bytes], `content-length: ${bytes.length}`)
        expect(await told(server, type, [...chunks, Buffer.from('0\r\n\r\n')], 'transfer-encoding: chunked')).toEqual(
          whole,
        )
      }),
      RUNS,
    )
  })
})

describe('a mutant answer', () => {
  const bodies: readonly (readonly [Reading, string, readonly string[]])[] = [
    ['next-action', '', ACTIONS],
    ['message', '', MESSAGES],
    ['variables', 'application/json', VARIABLES],
    ['text', 'text/plain', VARIABLES],
    ['redirect', '', REDIRECTS],
  ]

  test.each(bodies)('read as %s is the same in pieces that end anywhere as in one', async (reading, type, examples) => {
    await using world = await startAnswers()
    await fc.assert(
      fc.asyncProperty(mutantOf(examples), sizes, async (bytes, each) => {
        const answer = Buffer.from(withBody(bytes, type))
        const row = { name: '', reading, decision: {} }
        const whole = await world.decide({ ...row, answer })
        const inPieces = (socket: Socket): void => void writeAll(socket.setNoDelay(true), piecesOf(answer, each))
        expect(await world.decide({ ...row, answer: inPieces })).toEqual(whole)
      }),
      RUNS,
    )
    expect(world.errors).toEqual([])
  })
})
