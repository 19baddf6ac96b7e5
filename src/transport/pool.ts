/**
 * The connections of one endpoint. Invariant: never more than the limit, nobody waits in a queue (callers bound their number
 * themselves), and a connection is free only while it is open and completely read. The one used last is used
 * next, so that surplus connections grow old and are closed. Owned by the transport.
 */
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { Endpoint } from '../model/webhook.ts'
import { parseAddressRange } from './address-guard.ts'
import { Connection, type ConnectionOptions, type ConnectionOwner } from './connection.ts'
import type { ConnectServices, ConnectTarget } from './connector.ts'
import { proxyRoute } from './proxy-tunnel.ts'

/** Limits of a pool. */
export interface PoolOptions {
  /** What its connections have in common, see {@link connectionKey}. */
  readonly key: string
  readonly endpoint: Endpoint
  readonly services: ConnectServices
  readonly maxConnections: number
  /** Longest life of an unused connection, in milliseconds. */
  readonly keepAliveMaxMs: number
}

/** See the head of this file. */
export class EndpointPool implements ConnectionOwner {
  readonly key: string
  /** Set by the transport when the pool gets no more requests. */
  isForgotten = false
  #maxConnections: number
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
    this.key = options.key
    this.#maxConnections = options.maxConnections
    this.#connectionOptions = {
      origin: new URL(endpoint.origin).origin,
      target: targetOf(endpoint, services),
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

  /** From now on at most so many connections; of those that are busy the surplus is closed when its answers are read. */
  limitConnections(maxConnections: number): void {
    this.#maxConnections = maxConnections
    while (this.#connections.size > maxConnections) {
      const surplus = this.#idle.shift()
      if (surplus === undefined) return
      this.discard(surplus)
    }
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
    const isSurplus = this.#connections.size > this.#maxConnections
    if (connection.isReusable && !isSurplus) this.#idle.push(connection)
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

/**
 * Equal for endpoints that may share connections: the same id and origin, the same permitted ranges, the same authorities,
 * certificate and server name, the same proxy. A digest, since some of that is long and some secret.
 */
export function connectionKey({ id, origin, allow, tls, proxy }: Endpoint): string {
  const identity = [tls?.ca, tls?.cert, tls?.key, tls?.serverName]
  const route = [proxy?.origin, proxy?.credentials, proxy?.ca, proxy?.connectBy]
  return createHash('sha256')
    .update(JSON.stringify([id, origin, allow, identity, route]))
    .digest('base64')
}

function targetOf(endpoint: Endpoint, { trust }: ConnectServices): ConnectTarget {
  const { protocol, hostname, port } = new URL(endpoint.origin)
  const isSecure = protocol === 'https:'
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  // The dot that ends a full name is no part of it in TLS (RFC 6066, section 3).
  const name = isIP(host) === 0 ? host.replace(/\.$/, '') : ''
  const secure = { context: trust.contextFor(endpoint.tls), serverName: endpoint.tls?.serverName ?? name }
  return {
    hostname: host,
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    ...(isSecure ? { secure } : {}),
    allow: endpoint.allow.map(parseAddressRange),
    ...(endpoint.proxy === undefined ? {} : { proxy: proxyRoute(endpoint.proxy, trust) }),
    tlsSession: undefined,
  }
}
