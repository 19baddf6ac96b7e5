/**
 * One customer's web server: takes requests on a port of its own, answers as the customer's resources say, and enters each
 * request into the ledger. It can be switched off and on again; while it is off it breaks every connection, so that nobody
 * else gets its port.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { Ledger, Receipt } from '../ledger.ts'
import {
  type Customer,
  type CustomerAnswer,
  type CustomerRequest,
  findResource,
  type Reading,
  type Resource,
} from './customer.ts'

/** See the head of this file; made by {@link openCustomerServer}. */
export class CustomerServer {
  readonly customer: Customer
  readonly #server: Server
  readonly #ledger: Ledger
  /** Answers that are not the resource's own, by webhook and call. */
  readonly #disturbances = new Map<string, CustomerAnswer>()
  #isOff = false
  #brokenConnections = 0

  constructor(customer: Customer, ledger: Ledger) {
    this.customer = customer
    this.#ledger = ledger
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        // A client that goes away in the middle of its request is the carrier's business.
        if (!request.destroyed) ledger.wrong(`${customer.name}: ${String(error)}`)
        response.destroy()
      })
    })
    this.#server.keepAliveTimeout = 60_000
    this.#server.on('connection', (socket) => {
      if (!this.#isOff) return
      this.#brokenConnections += 1
      socket.destroy()
    })
  }

  /** Listens on any free port. */
  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** Only after {@link listen}. */
  get origin(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error(`${this.customer.name} does not listen`)
    return `http://127.0.0.1:${address.port}`
  }

  /** Connections that were broken because the server was off. */
  get brokenConnections(): number {
    return this.#brokenConnections
  }

  /** Breaks all connections and takes no new ones. */
  switchOff(): void {
    this.#isOff = true
    this.#server.closeAllConnections()
  }

  /** Takes connections again. */
  switchOn(): void {
    this.#isOff = false
  }

  /** Makes the next request of this webhook and call end in `answer`, whatever the customer's script would say. */
  disturb(webhook: string, call: string, answer: CustomerAnswer): void {
    this.#disturbances.set(`${webhook} ${call}`, answer)
  }

  /** Closes the server with all its connections. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://customer')
    const found = findResource(this.customer, pathname)
    const body = await text(request)
    if (found === undefined) {
      this.#ledger.wrong(`${this.customer.name}: a request for ${pathname}, which it does not have`)
      response.writeHead(404).end()
      return
    }
    const { method = '', headers } = request
    const { resource, rest } = found
    const received = receive(resource, { method, rest, headers, body, query: searchParams })
    const answer = this.#disturbance(resource, received) ?? resource.answer(received.reading.content)
    const enter = (): void => {
      this.#ledger.receive(receiptOf(resource, received, answer, String(headers['webhook-id'] ?? '')))
    }
    await reply(response, answer, resource.job, enter)
  }

  #disturbance({ webhook }: Resource, { reading }: Received): CustomerAnswer | undefined {
    const key = `${webhook} ${reading.call}`
    const answer = this.#disturbances.get(key)
    this.#disturbances.delete(key)
    return answer
  }
}

/** Opens a customer's server. */
export async function openCustomerServer(customer: Customer, ledger: Ledger): Promise<CustomerServer> {
  const server = new CustomerServer(customer, ledger)
  await server.listen()
  return server
}

interface Received {
  readonly reading: Reading
  readonly problem: string
}

function receive(resource: Resource, request: CustomerRequest): Received {
  const isMethodRight = resource.methods.includes(request.method)
  const problem = isMethodRight ? '' : `came by ${request.method}, not ${resource.methods.join(' or ')}`
  try {
    return { reading: resource.read(request), problem }
  } catch (error) {
    const unreadable = error instanceof Error ? error.message : String(error)
    return { reading: { call: '', content: {} }, problem: unreadable }
  }
}

function receiptOf(resource: Resource, { reading, problem }: Received, answer: CustomerAnswer, id: string): Receipt {
  const isTaken = resource.job === 'invoke' || (answer.kind === 'answer' && answer.status < 300)
  return {
    webhook: resource.webhook,
    id,
    call: reading.call,
    content: reading.content,
    answer: isTaken ? 'taken' : 'refused',
    problem: id === '' ? 'came without a webhook-id' : problem,
  }
}

/** Answers, and enters the request: one of a live call as it comes, a delivery when its answer goes out. */
async function reply(
  response: ServerResponse,
  answer: CustomerAnswer,
  job: Resource['job'],
  enter: () => void,
): Promise<void> {
  if (job === 'invoke' || answer.kind !== 'answer') enter()
  switch (answer.kind) {
    case 'silent':
      return
    case 'broken':
      response.destroy()
      return
    case 'answer': {
      const { status, contentType, body = '', delayMs = 0 } = answer
      if (delayMs > 0) await pause(delayMs)
      if (response.destroyed) return
      if (job === 'delivery') enter()
      response.writeHead(status, contentType === undefined ? {} : { 'content-type': contentType }).end(body)
    }
  }
}
