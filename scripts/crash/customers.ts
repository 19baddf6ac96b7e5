/**
 * The customers' web servers, one a webhook, in this process: they enter every request into the ledger, fail some on purpose,
 * and compare what arrives with what was sent. From {@link Customers.letThrough} on they take everything.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { memberOf } from '../json-member.ts'
import type { Arrival, Ledger } from './ledger.ts'
import type { SeededRandom } from './seeded-random.ts'
import { type CrashWebhook, INVOKED_WEBHOOK, noteOf, WEBHOOKS } from './webhooks.ts'

/** How long a server with outages is there and away, in turn. */
const UP_MS = [1500, 4000] as const
const DOWN_MS = [300, 1200] as const

/** See the head of this file; made by {@link openCustomers}. */
export class Customers implements AsyncDisposable {
  readonly #ledger: Ledger
  readonly #random: SeededRandom
  readonly #servers = new Map<string, Server>()
  readonly #turnsAtMs = new Map<string, number>()
  readonly #away = new Set<string>()
  #isLettingThrough = false

  constructor(ledger: Ledger, random: SeededRandom) {
    this.#ledger = ledger
    this.#random = random
    for (const webhook of WEBHOOKS) {
      this.#serve(webhook.id, (request, response) => this.#receive(webhook, request, response))
    }
    this.#serve(INVOKED_WEBHOOK, async (_request, response) => {
      response.setHeader('content-type', 'text/plain').end('Good morning')
    })
  }

  /** The address of a webhook's server; only after {@link listen}. */
  originOf(webhook: string): string {
    const address = this.#servers.get(webhook)?.address()
    if (address === null || address === undefined || typeof address === 'string') {
      throw new Error(`no server listens for ${webhook}`)
    }
    return `http://127.0.0.1:${address.port}`
  }

  /** Every request is taken from now on. */
  letThrough(): void {
    this.#isLettingThrough = true
  }

  /** Listens on free ports. */
  async listen(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => once(server.listen(0, '127.0.0.1'), 'listening')))
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
        // A request that was cut off by the end of the engine never arrived.
        if (!request.destroyed) this.#ledger.wrong(`the server of ${webhook}: ${String(error)}`)
        response.destroy()
      })
    })
    server.keepAliveTimeout = 60_000
    this.#servers.set(webhook, server)
  }

  async #receive(webhook: CrashWebhook, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const { searchParams } = new URL(request.url ?? '/', 'http://customer')
    const { event, note, generation } = readContent(webhook, searchParams, body)
    const eventId = `e-${event}`
    if (!this.#ledger.events.has(eventId)) this.#ledger.wrong(`${webhook.id}: a request for ${eventId}, never sent`)
    if (note !== noteOf(Number(event))) this.#ledger.wrong(`${webhook.id}: ${eventId} arrived damaged`)
    if (generation !== searchParams.get('reload')) {
      this.#ledger.wrong(`${webhook.id}: ${eventId} was made with halves of two configurations`)
    }
    const arrival = this.#ledger.arrive(webhook.id, eventId, {
      webhookId: String(request.headers['webhook-id'] ?? ''),
      life: Number(searchParams.get('life')),
      generation: Number(generation),
    })
    await this.#answer(webhook, response, arrival)
  }

  async #answer({ id, manner }: CrashWebhook, response: ServerResponse, arrival: Arrival): Promise<void> {
    const chance = this.#isLettingThrough ? 1 : this.#random.next()
    const { refused, unanswered, broken } = manner
    if (chance < unanswered) {
      end(arrival, 'refused')
      return
    }
    if (chance < unanswered + broken || (manner.hasOutages && this.#isAway(id))) {
      end(arrival, 'refused')
      response.destroy()
      return
    }
    const [least, most] = manner.delayMs
    const delayMs = this.#random.between(least, most)
    if (delayMs > 0) await pause(delayMs)
    // Cut off meanwhile: the request was received, but nobody is there to be told so.
    if (response.destroyed) return
    const isRefused = chance < unanswered + broken + refused
    end(arrival, isRefused ? 'refused' : 'taken')
    response.writeHead(isRefused ? 503 : 200).end()
  }

  #isAway(webhook: string): boolean {
    if (this.#isLettingThrough) return false
    const nowMs = performance.now()
    if (nowMs >= (this.#turnsAtMs.get(webhook) ?? 0)) {
      const wasAway = this.#away.delete(webhook)
      if (!wasAway && this.#turnsAtMs.has(webhook)) this.#away.add(webhook)
      const [least, most] = this.#away.has(webhook) ? DOWN_MS : UP_MS
      this.#turnsAtMs.set(webhook, nowMs + this.#random.between(least, most))
    }
    return this.#away.has(webhook)
  }
}

/** Opens all servers. */
export async function openCustomers(ledger: Ledger, random: SeededRandom): Promise<Customers> {
  const customers = new Customers(ledger, random)
  await customers.listen()
  return customers
}

function end(arrival: Arrival, result: 'taken' | 'refused'): void {
  arrival.result = result
  arrival.endedAtMs = performance.now()
}

interface Content {
  readonly event: string
  readonly note: string
  readonly generation: string
}

function readContent({ carries }: CrashWebhook, query: URLSearchParams, body: string): Content {
  if (carries === 'json') {
    const value: unknown = JSON.parse(body)
    const text = (name: string): string => String(memberOf(value, name))
    return { event: text('event'), note: text('note'), generation: text('generation') }
  }
  const params = carries === 'query' ? query : new URLSearchParams(body)
  const text = (name: string): string => params.get(name) ?? ''
  return { event: text('event'), note: text('note'), generation: text('generation') }
}
