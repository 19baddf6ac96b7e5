/**
 * Makes one HTTP attempt after the other over real sockets, each within exact limits, and says how each ended. Invariant: every
 * `send` is settled exactly once, in a microtask after `send` has returned; nothing is queued, retried, redirected or
 * decoded. One a thread: workers have theirs for deliveries, the main thread its own for invokes.
 */
import { type Clock, systemClock } from '../clock.ts'
import type { Exchange } from '../model/attempt.ts'
import type { Endpoint } from '../model/webhook.ts'
import type { ConnectServices } from './connector.ts'
import { Deadline, Deadlines } from './deadlines.ts'
import { DnsCache, type DnsCacheOptions } from './dns-cache.ts'
import type { ExchangeRequest, PendingExchange } from './exchange.ts'
import { type ExchangeHost, ExchangeRun } from './exchange-run.ts'
import { type ListenerAddress, ListenerGuard } from './listener-guard.ts'
import { connectionKey, EndpointPool } from './pool.ts'
import { Trust } from './trust.ts'

export type { ExchangeRequest, PendingExchange } from './exchange.ts'

/** Limits and dependencies of a transport. */
export interface TransportOptions {
  /** Connections to one endpoint, at least 1; requests beyond it end at once with `overloaded`. */
  readonly maxConnectionsPerEndpoint: number
  /** A pool is forgotten after so long without a request, twice that at most, in milliseconds; default 60,000. */
  readonly idlePoolMs?: number
  /** The engine's own listeners, never connected to. */
  readonly refusedListeners?: readonly ListenerAddress[]
  /** How names are looked up and remembered. */
  readonly dns?: Omit<DnsCacheOptions, 'clock'>
  /** Certificates (PEM) of authorities trusted beside the system's. */
  readonly extraAuthorities?: readonly string[]
  readonly clock?: Clock
}

/** What a transport holds now. */
export interface TransportStats {
  /** Endpoints with a pool. */
  readonly pools: number
  /** Open sockets. */
  readonly connections: number
  /** Exchanges that are not settled. */
  readonly inFlight: number
}

/** Longest wait of `close()` for exchanges in flight, in milliseconds: an invoke's connect and response limit together. */
const CLOSE_TIMEOUT_MS = 10_000

/** See the head of this file. */
export class Transport {
  readonly #deadlines: Deadlines
  readonly #host: ExchangeHost
  #maxConnections: number
  readonly #idlePoolMs: number
  readonly #services: ConnectServices
  readonly #pools = new Map<string, EndpointPool>()
  /** Endpoints that were sent to before: spares each request the comparing of all that their connections depend on. */
  readonly #poolsByEndpoint = new WeakMap<Endpoint, EndpointPool>()
  #inFlight = 0
  #ended: ExchangeRun[] = []
  #closing: PromiseWithResolvers<void> | undefined

  constructor(options: TransportOptions) {
    const clock = options.clock ?? systemClock
    this.#deadlines = new Deadlines(clock)
    this.#host = { clock, deadlines: this.#deadlines, enqueue: (run) => this.#enqueue(run) }
    this.#maxConnections = options.maxConnectionsPerEndpoint
    this.#idlePoolMs = options.idlePoolMs ?? 60_000
    this.#services = {
      clock,
      names: new DnsCache({ ...options.dns, clock }),
      listeners: new ListenerGuard(options.refusedListeners ?? []),
      trust: new Trust(options.extraAuthorities ?? []),
    }
  }

  /**
   * Sends one request. `settle` is called exactly once, in a microtask after this has returned; a slot of the endpoint is free
   * again by then. Throws only where the endpoint itself is no valid configuration.
   */
  send(request: ExchangeRequest, settle: (exchange: Exchange) => void): PendingExchange {
    const pool = this.#closing === undefined ? this.#poolOf(request.endpoint) : undefined
    const run = new ExchangeRun(this.#host, request, settle)
    this.#inFlight += 1
    if (pool === undefined) {
      run.refuse('cancelled', 'the engine is stopping')
      return run
    }
    const connection = pool.acquire()
    if (connection === undefined) {
      run.refuse('overloaded', `all ${this.#maxConnections} connections to ${request.endpoint.origin} are busy`)
    } else {
      run.start(pool, connection)
    }
    return run
  }

  /** From now on so many connections to one endpoint, at least 1; surplus ones end with their exchanges. */
  limitConnections(maxConnectionsPerEndpoint: number): void {
    this.#maxConnections = maxConnectionsPerEndpoint
    for (const pool of this.#pools.values()) pool.limitConnections(maxConnectionsPerEndpoint)
  }

  /** Counted at the time of the call. */
  stats(): TransportStats {
    let connections = 0
    for (const pool of this.#pools.values()) connections += pool.openConnections
    return { pools: this.#pools.size, connections, inFlight: this.#inFlight }
  }

  /**
   * Takes no more requests, waits for those in flight, at most `timeoutMs` (default 10,000), then ends the rest as `cancelled`.
   * Safe to call twice; resolves when all are settled.
   */
  async close(timeoutMs: number = CLOSE_TIMEOUT_MS): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = Promise.withResolvers()
      for (const pool of this.#pools.values()) pool.closeUnused()
      this.#resolveClosing()
    }
    const timer = setTimeout(() => {
      for (const pool of this.#pools.values()) pool.abortAll()
    }, timeoutMs)
    await this.#closing.promise
    clearTimeout(timer)
    for (const pool of this.#pools.values()) pool.closeUnused()
    this.#pools.clear()
    this.#deadlines.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #enqueue(run: ExchangeRun): void {
    this.#ended.push(run)
    // A promise's reaction: `queueMicrotask` makes an asynchronous resource of each.
    if (this.#ended.length === 1) void Promise.resolve().then(() => this.#flush())
  }

  #flush(): void {
    const ended = this.#ended
    this.#ended = []
    let flushed = 0
    try {
      for (const run of ended) {
        flushed += 1
        if (run.owesResult) this.#inFlight -= 1
        run.flush()
      }
    } finally {
      // A `settle` that throws is its caller's fault; the others must still hear of their results.
      for (const run of ended.slice(flushed)) this.#enqueue(run)
      this.#resolveClosing()
    }
  }

  #resolveClosing(): void {
    if (this.#inFlight === 0) this.#closing?.resolve()
  }

  #poolOf(endpoint: Endpoint): EndpointPool {
    const known = this.#poolsByEndpoint.get(endpoint)
    if (known !== undefined && !known.isForgotten) return known
    const key = connectionKey(endpoint)
    const pool = this.#pools.get(key) ?? this.#createPool(endpoint, key)
    this.#poolsByEndpoint.set(endpoint, pool)
    return pool
  }

  #createPool(endpoint: Endpoint, key: string): EndpointPool {
    const pool = new EndpointPool({
      key,
      endpoint,
      services: this.#services,
      maxConnections: this.#maxConnections,
      keepAliveMaxMs: this.#idlePoolMs,
    })
    this.#pools.set(key, pool)
    const deadline = new Deadline({ onDeadline: () => this.#onPoolDeadline(pool, deadline) })
    this.#deadlines.start(deadline, this.#idlePoolMs)
    return pool
  }

  #onPoolDeadline(pool: EndpointPool, deadline: Deadline): void {
    if (pool.takeWasUsed() || pool.isBusy) {
      this.#deadlines.start(deadline, this.#idlePoolMs)
      return
    }
    pool.isForgotten = true
    pool.closeUnused()
    this.#pools.delete(pool.key)
  }
}
