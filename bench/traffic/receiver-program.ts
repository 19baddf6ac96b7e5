/**
 * The customers' servers as a process of its own: counts and checks what arrives, takes down when, and answers at once with
 * the same few bytes. Listens on all addresses of 127.0.0.0/8, so that it can be any number of endpoints.
 */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { answerCommands } from '../processes/answering.ts'
import { momentMs } from '../processes/moment.ts'
import { numberInBody } from './call-data.ts'
import { type Fingerprint, FingerprintSum } from './fingerprint.ts'
import { RequestReader } from './request-reader.ts'

/** What the receiver is asked. */
export type ReceiverCommands = {
  /** Listens and answers every request with 200 and this JSON body; gives the port. */
  readonly listen: (answer: string) => Promise<number>
  /** Begins anew; with `timesFrom`, takes down when the calls from this number on arrive. */
  readonly begin: (slice: Slice) => void
  /** Resolves when all have arrived, or none for `quietMs`. */
  readonly arrived: (input: { readonly quietMs: number }) => Promise<Arrived>
  /** When each call of the slice arrived, as `momentMs`; NaN for those that did not. */
  readonly times: (input: undefined) => Float64Array
  /** Connections open now. */
  readonly connections: (input: undefined) => number
}

/** What is about to be sent. */
export interface Slice {
  readonly count: number
  readonly timesFrom?: number
}

/** What came of it. */
export interface Arrived extends Fingerprint {
  /** Of all request heads. */
  readonly headBytes: number
  readonly lastAtMs: number
}

/** Connections that may wait to be taken. */
const ACCEPT_QUEUE = 4096

/** How often is looked whether anything still comes. */
const LOOK_MS = 10

answerCommands(receiverCommands())

function receiverCommands(): ReceiverCommands {
  const sockets = new Set<Socket>()
  let slice = newSlice({ count: 0 })
  const onRequest = (body: Buffer, headBytes: number): void => {
    slice.lastAtMs = momentMs()
    slice.sum.add(body)
    slice.received += 1
    slice.headBytes += headBytes
    if (slice.times.length > 0) {
      const index = numberInBody(body) - slice.timesFrom
      if (Number.isNaN(slice.times[index])) slice.times[index] = slice.lastAtMs
    }
    if (slice.received === slice.count) slice.complete.resolve()
  }
  return {
    listen: async (answer) => {
      const length = Buffer.byteLength(answer)
      const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`
      const reply = Buffer.from(head + answer)
      const server = createServer({ noDelay: true }, (socket) => {
        // It listens for all addresses to have those of the whole network 127; nobody else is served.
        if (socket.remoteAddress?.startsWith('127.') !== true) {
          socket.destroy()
          return
        }
        sockets.add(socket)
        socket.on('close', () => sockets.delete(socket))
        // Clients are killed at the end of a bench; what they leave behind is nobody's mistake.
        socket.on('error', () => socket.destroy())
        const reader = new RequestReader((requestHead, body) => {
          onRequest(body, requestHead.length)
          socket.write(reply)
        })
        socket.on('data', (chunk) => reader.push(chunk))
      })
      server.listen({ host: '0.0.0.0', port: 0, backlog: ACCEPT_QUEUE })
      await once(server, 'listening')
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('the receiver has no port')
      return address.port
    },
    begin: (next) => {
      slice = newSlice(next)
    },
    arrived: async ({ quietMs }) => {
      const awaited = slice
      const look = setInterval(() => {
        if (momentMs() - awaited.lastAtMs > quietMs) awaited.complete.resolve()
      }, LOOK_MS)
      await awaited.complete.promise
      clearInterval(look)
      return { ...awaited.sum.value, headBytes: awaited.headBytes, lastAtMs: awaited.lastAtMs }
    },
    times: () => slice.times,
    connections: () => sockets.size,
  }
}

interface OpenSlice {
  readonly timesFrom: number
  readonly count: number
  readonly times: Float64Array
  readonly sum: FingerprintSum
  readonly complete: PromiseWithResolvers<void>
  received: number
  headBytes: number
  lastAtMs: number
}

function newSlice({ count, timesFrom }: Slice): OpenSlice {
  return {
    count,
    timesFrom: timesFrom ?? 0,
    times: new Float64Array(timesFrom === undefined ? 0 : count).fill(Number.NaN),
    sum: new FingerprintSum(),
    complete: Promise.withResolvers(),
    received: 0,
    headBytes: 0,
    lastAtMs: momentMs(),
  }
}
