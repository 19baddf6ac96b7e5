/**
 * Clients that attack the ingress while they may: connections that send their requests byte by byte, and bombs and rubbish as
 * whole requests. A connection that is closed comes again. Run by `attack-process.ts`.
 */
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

/** Connections that drip, half of them in the head and half in the body of a request. */
const SLOW_CLIENTS = 400
const DRIP_MS = 250

/** Whole hostile requests a second, in turn. */
const REQUESTS_A_SECOND = 50

const post = (fields: string, body: string | Uint8Array): readonly (string | Uint8Array)[] => [
  `POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\n${fields}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`,
  body,
]

const JSON_TYPE = 'content-type: application/json\r\n'

const membersOf = (count: number): string =>
  `{"type":"x","data":{${Array.from({ length: count }, (_, index) => `"a${index}":1`).join()}}}`

/** Each as the pieces that are written. */
const REQUESTS: readonly (readonly (string | Uint8Array)[])[] = [
  post(JSON_TYPE, '['.repeat(500_000)),
  post(JSON_TYPE, `{"type":"x","data":${'{"a":'.repeat(100_000)}`),
  post(`${JSON_TYPE}content-encoding: gzip\r\n`, gzipSync(Buffer.alloc(100 * 2 ** 20))),
  post(JSON_TYPE, membersOf(50_000)),
  // As many as are allowed.
  post(JSON_TYPE, membersOf(3_990)),
  post('content-type: application/x-www-form-urlencoded\r\n', 'a=b&'.repeat(200_000)),
  [`GET /${'a'.repeat(40_000)} HTTP/1.1\r\nhost: h\r\n\r\n`],
  [`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(10_000)}`],
  ['\x16\x03\x01 rubbish \0\xff\r\n\r\n'],
  ['POST /v1/events HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
]

/** See the head of this file; stopped and started as often as wanted. */
export class HostileClients {
  readonly #port: number
  readonly #onRequest: () => void
  readonly #sockets = new Set<Socket>()
  #timers: readonly NodeJS.Timeout[] = []

  /** `onRequest` is told of each whole request. */
  constructor(port: number, onRequest: () => void) {
    this.#port = port
    this.#onRequest = onRequest
  }

  /** Begins. */
  start(): void {
    for (let index = 0; index < SLOW_CLIENTS; index += 1) this.#drip(index % 2 === 0)
    let next = 0
    const send = (): void => {
      const pieces = REQUESTS[next % REQUESTS.length] ?? []
      next += 1
      this.#onRequest()
      const socket = this.#connect()
      for (const piece of pieces) socket.write(piece)
    }
    this.#timers = [setInterval(send, 1000 / REQUESTS_A_SECOND)]
  }

  /** Ends; every connection is closed. */
  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    for (const socket of this.#sockets) socket.destroy()
  }

  #connect(): Socket {
    const socket = connect(this.#port, '127.0.0.1')
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#sockets.delete(socket))
    // What is answered does not matter, but must not stay in the way.
    socket.resume()
    return socket
  }

  #drip(inHead: boolean): void {
    const socket = this.#connect()
    socket.write(
      inHead
        ? 'POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\n'
        : `POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\n${JSON_TYPE}content-length: 100000\r\n\r\n`,
    )
    const timer = setInterval(() => socket.write(inHead ? 'x' : ' '), DRIP_MS)
    socket.once('close', () => {
      clearInterval(timer)
      if (this.#timers.length > 0) this.#drip(inHead)
    })
  }
}
