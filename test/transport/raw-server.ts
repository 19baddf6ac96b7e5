/**
 * What the transport's tests talk to: a bare TCP (or TLS) server that writes exactly the bytes that a case names, and a short way
 * to make one exchange with it. Real sockets on port 0 throughout.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Exchange } from '../../src/model/attempt.ts'
import type { Endpoint } from '../../src/model/webhook.ts'
import type { ExchangeRequest, Transport } from '../../src/transport/transport.ts'

/** A server that is listening on 127.0.0.1. */
export interface RawServer extends AsyncDisposable {
  readonly port: number
  readonly endpoint: Endpoint
  /** Connections accepted so far. */
  accepted(): number
  /** Complete requests received so far, head and body. */
  readonly requests: string[]
  /** Connections that are open now. */
  readonly sockets: ReadonlySet<Socket>
  /** Resolves when `count` requests have been received. */
  received(count: number): Promise<void>
  /** Resolves when no connection is open. */
  empty(): Promise<void>
}

/** What a server does, with a connection and with each complete request on it. */
export interface Behaviour {
  onConnection?(socket: Socket): void
  onRequest?(socket: Socket, index: number): void
}

/** Starts a server; `tls` makes it one that speaks TLS. */
export async function startServer(behaviour: Behaviour, tls?: TlsOptions): Promise<RawServer> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const watchers = new Set<() => void>()
  let accepted = 0
  const onSocket = (socket: Socket) => {
    accepted += 1
    sockets.add(socket)
    // A client that goes away in the middle is what many cases are about.
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      sockets.delete(socket)
      for (const watcher of watchers) watcher()
    })
    let text = ''
    if (behaviour.onRequest !== undefined) {
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
        for (let size = completeSize(text); size > 0; size = completeSize(text)) {
          requests.push(text.slice(0, size))
          text = text.slice(size)
          behaviour.onRequest?.(socket, requests.length - 1)
          for (const watcher of watchers) watcher()
        }
      })
    }
    // A socket that nobody reads does not notice that the other side is gone.
    if (behaviour.onRequest === undefined) socket.resume()
    behaviour.onConnection?.(socket)
  }
  const server = tls === undefined ? createServer(onSocket) : createTlsServer(tls, onSocket)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return
        watchers.delete(check)
        resolve()
      }
      watchers.add(check)
      check()
    })
  return {
    port,
    endpoint: loopback(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`),
    accepted: () => accepted,
    requests,
    sockets,
    received: (count) => until(() => requests.length >= count),
    empty: () => until(() => sockets.size === 0),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Size of the first complete request in `text`, or 0. */
function completeSize(text: string): number {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return 0
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? '0'
  const size = headEnd + 4 + Number(length)
  return text.length >= size ? size : 0
}

/** Writes `answer` for each request. */
export function answering(answer: string): Behaviour {
  return { onRequest: (socket) => void socket.write(answer, 'latin1') }
}

/** A complete answer with a length. */
export function answerOf(body: string, fields: readonly string[] = []): string {
  return ['HTTP/1.1 200 OK', ...fields, `content-length: ${Buffer.byteLength(body)}`, '', body].join('\r\n')
}

/** An endpoint that may be on this machine. */
export function loopback(origin: string): Endpoint {
  return { id: origin, origin, allow: ['127.0.0.0/8', '::1/128'] }
}

/** A POST with limits that no test waits for, but for those that a case names. */
export function requestTo(endpoint: Endpoint, changes: Partial<ExchangeRequest> = {}): ExchangeRequest {
  return {
    endpoint,
    method: 'POST',
    path: '/hook?a=1',
    headers: ['content-type', 'text/plain'],
    body: 'hello',
    connectTimeoutMs: 5000,
    responseTimeoutMs: 5000,
    bodyLimitBytes: 65_536,
    overflow: 'fail',
    ...changes,
  }
}

/** Makes one exchange. */
export function exchange(
  transport: Transport,
  endpoint: Endpoint,
  changes: Partial<ExchangeRequest> = {},
): Promise<Exchange> {
  return new Promise((resolve) => {
    transport.send(requestTo(endpoint, changes), resolve)
  })
}

/** The body of an answer as text; of a failure, its reason and detail, so that a failed expectation shows them. */
export function textOf(result: Exchange): string {
  return result.kind === 'answered' ? Buffer.from(result.body).toString() : `${result.reason}: ${result.detail}`
}
