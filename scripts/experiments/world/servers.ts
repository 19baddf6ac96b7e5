/**
 * The customers' web servers, one a webhook, in this process: they enter every request into the books, compare what arrives
 * with what was sent, and refuse some by rule. From {@link Servers.takeAll} on they take everything.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { memberOf } from '../../json-member.ts'
import type { Books } from './books.ts'
import { AWAY, HELD, INVOKED, noteOf, WEBHOOKS, type WorldWebhook } from './webhooks.ts'

/** See the head of this file. */
export class Servers implements AsyncDisposable {
  readonly #books: Books
  readonly #servers = new Map<string, Server>()
  #isTakingAll = false
  /** Whether the server of the webhook `away` breaks every connection. */
  isAway = false
  /** Whether the server of the webhook `held` refuses everything. */
  isHolding = false

  constructor(books: Books) {
    this.#books = books
    for (const webhook of WEBHOOKS)
      this.#serve(webhook.id, (request, response) => this.#receive(webhook, request, response))
    this.#serve(INVOKED, async (_request, response) => {
      response.setHeader('content-type', 'text/plain').end('Good morning')
    })
  }

  /** Resolves when all listen on free ports. */
  async listen(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => once(server.listen(0, '127.0.0.1'), 'listening')))
  }

  /** The address of a webhook's server. */
  originOf(webhook: string): string {
    const address = this.#servers.get(webhook)?.address()
    if (address === null || address === undefined || typeof address === 'string')
      throw new Error(`no server for ${webhook}`)
    return `http://127.0.0.1:${address.port}/`
  }

  /** Every request is taken from now on. */
  takeAll(): void {
    this.#isTakingAll = true
    this.isAway = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#servers.values()].map(async (server) => {
        const closed = once(server, 'close')
        server.close()
        server.closeAllConnections()
        await closed
      }),
    )
  }

  #serve(webhook: string, handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): void {
    const server = createServer((request, response) => {
      handle(request, response).catch((error: unknown) => {
        if (!request.destroyed) this.#books.wrong(`the server of ${webhook}: ${String(error)}`)
        response.destroy()
      })
    })
    server.keepAliveTimeout = 60_000
    this.#servers.set(webhook, server)
  }

  async #receive({ id, manner }: WorldWebhook, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: unknown = JSON.parse(await text(request))
    const number = Number(memberOf(body, 'event'))
    if (memberOf(body, 'note') !== noteOf(number)) this.#books.wrong(`${id}: event ${number} arrived damaged`)
    if (manner.delayMs > 0) await pause(manner.delayMs)
    const status = this.#statusFor(id, manner, number)
    const { 'webhook-id': webhookId, 'webhook-timestamp': timestamp } = request.headers
    this.#books.arrive(id, number, {
      atMs: performance.now(),
      isTaken: status === 200,
      webhookId: String(webhookId),
      timestamp: Number(timestamp),
    })
    if (status === 0) response.destroy()
    else response.writeHead(status).end()
  }

  /** 0: the connection is broken. */
  #statusFor(id: string, { refusesFirstOfEvery, refusesAllOfEvery }: WorldWebhook['manner'], number: number): number {
    if (id === AWAY && this.isAway) return 0
    if (this.#isTakingAll) return 200
    if (id === HELD && this.isHolding) return 503
    if (refusesAllOfEvery > 0 && number % refusesAllOfEvery === 0) return 400
    const isFirst = this.#books.requests(id, number).length === 0
    return refusesFirstOfEvery > 0 && number % refusesFirstOfEvery === 0 && isFirst ? 503 : 200
  }
}

/** Opens all servers. */
export async function openServers(books: Books): Promise<Servers> {
  const servers = new Servers(books)
  await servers.listen()
  return servers
}
