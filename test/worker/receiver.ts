/** A customer's server for tests: counts what it gets by `webhook-id` and answers as it is told. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** One request as it came. */
export interface Received {
  readonly id: string
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** How a request is answered; by default with 200 and no body. */
export type Answerer = (request: Received, response: ServerResponse) => void

/** See the head of this file. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = []
  answer: Answerer = (_, response) => response.end()
  readonly #server: Server
  readonly #waiting = new Set<() => void>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<Receiver> {
    const server = createServer()
    const receiver = new Receiver(server)
    server.on('request', (request, response) => receiver.#take(request, response))
    const listening = Promise.withResolvers<void>()
    server.listen(0, '127.0.0.1', listening.resolve)
    await listening.promise
    return receiver
  }

  get origin(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the receiver does not listen')
    return `http://127.0.0.1:${address.port}`
  }

  /** How often each delivery came. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { id } of this.received) counts.set(id, (counts.get(id) ?? 0) + 1)
    return counts
  }

  /** Resolves when `isDone`, looked at again whenever a request came; the test's own time limit ends it otherwise. */
  async until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      const next = Promise.withResolvers<void>()
      this.#waiting.add(next.resolve)
      await next.promise
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>()
    this.#server.close(() => closed.resolve())
    this.#server.closeAllConnections()
    await closed.promise
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const received = {
        id: String(request.headers['webhook-id'] ?? ''),
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      this.received.push(received)
      this.answer(received, response)
      for (const wake of this.#waiting) wake()
      this.#waiting.clear()
    })
  }
}
