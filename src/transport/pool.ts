/**
 * The connections of one endpoint. Invariant: never more than the limit, nobody waits in a queue (callers bound their number
 * themselves), and a connection is free only while it is open and completely read. The one used last is used
 * next, so that surplus connections grow old and are closed. Owned by the transport.
 */
import type { Endpoint } from '../model/webhook.ts'
import { parseAddressRange } from './address-guard.ts'
import { Connection, type ConnectionOptions, type ConnectionOwner } from './connection.ts'
import type { ConnectServices } from './connector.ts'

/** Limits of a pool. */
export interface PoolOptions {
  readonly endpoint: Endpoint
  readonly services: ConnectServices
  readonly maxConnections: number
  /** Longest life of an unused connection, in milliseconds. */
  readonly keepAliveMaxMs: number
}

/** See the head of this file. */
export class EndpointPool implements ConnectionOwner {
  readonly endpointId: string
  readonly #maxConnections: number
  readonly #connectionOptions: ConnectionOptions
  readonly #connections = new Set<Connection>()
  /** Free ones, the last used at the end. */
  readonly #idle: Connection[] = []
  /** Settled, but not completely read; given up when their place is needed. */
  readonly #draining = new Set<Connection>()
  #wasUsed = true

  /** Throws a `config` error where a range in `allow` can't be read. */
  constructor(options: PoolOptions) {
    const { endpoint, services, keepAliveMaxMs } = options
    this.endpointId = endpoint.id
    this.#maxConnections = options.maxConnections
    const url = new URL(endpoint.origin)
    const secure = url.protocol === 'https:'
    this.#connectionOptions = {
      origin: url.origin,
      target: {
        hostname: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
        port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
        secure,
        allow: endpoint.allow.map(parseAddressRange),
        tlsSession: undefined,
      },
      services,
      keepAliveMaxMs,
    }
  }

  /** Connections with a socket. */
  get openConnections(): number {
    let count = 0
    for (const connection of this.#connections) if (connection.isOpen) count += 1
    return count
  }

  /** Whether an exchange has a connection, draining ones included. */
  get isBusy(): boolean {
    return this.#connections.size > this.#idle.length
  }

  /** Whether a connection was taken since this was asked last. */
  takeWasUsed(): boolean {
    const wasUsed = this.#wasUsed
    this.#wasUsed = false
    return wasUsed
  }

  /** A connection for one exchange, or nothing when all are busy. */
  acquire(): Connection | undefined {
    this.#wasUsed = true
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#connections.size >= this.#maxConnections) {
      // Their exchanges have ended for their callers, who may rightly ask for the next.
      for (const connection of this.#draining) {
        connection.user?.abort()
        break
      }
    }
    if (this.#connections.size >= this.#maxConnections) return undefined
    const connection = new Connection(this, this.#connectionOptions)
    this.#connections.add(connection)
    return connection
  }

  /** The answer is settled; the rest of it is being read. */
  markDraining(connection: Connection): void {
    this.#draining.add(connection)
  }

  /** Takes back a connection whose answer is completely read. */
  release(connection: Connection): void {
    this.#draining.delete(connection)
    connection.leave()
    // A server that answered before it had read the request may never read the rest of it.
    if (connection.isReusable) this.#idle.push(connection)
    else this.discard(connection)
  }

  /** Closes a connection, whatever it is doing. */
  discard(connection: Connection): void {
    this.#draining.delete(connection)
    this.#connections.delete(connection)
    connection.destroy()
  }

  onSocketClosed(connection: Connection): void {
    const index = this.#idle.indexOf(connection)
    if (index === -1) return
    this.#idle.splice(index, 1)
    this.discard(connection)
  }

  /** Closes the connections that no caller waits for. */
  closeUnused(): void {
    for (const connection of this.#idle.splice(0)) this.discard(connection)
    for (const connection of [...this.#draining]) connection.user?.abort()
  }

  /** Ends every exchange as cancelled. */
  abortAll(): void {
    for (const connection of [...this.#connections]) connection.user?.abort()
  }
}
