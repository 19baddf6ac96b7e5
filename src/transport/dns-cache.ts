/**
 * Names to addresses, with a short memory, so that a burst to one endpoint asks the resolver once and not once a connection.
 * Invariant: equal look-ups under way are shared, and no more than the limit of names is remembered (oldest first out).
 * Used by the connector; addresses are judged there for each connection anew, never here.
 */
import type { Clock } from '../clock.ts'
import { nameServerResolver, type Resolution, type Resolver } from './resolver.ts'

/** Sizes and times of a {@link DnsCache}. */
export interface DnsCacheOptions {
  readonly clock: Clock
  /** Default: the system's name servers and hosts file. */
  readonly resolver?: Resolver
  /** How long addresses are remembered at most, in milliseconds; default 30,000. */
  readonly ttlMs?: number
  /** How long a failure is, in milliseconds; default 1,000: enough to spare the resolver a burst. */
  readonly negativeTtlMs?: number
  /** Names remembered; default 1,000. */
  readonly limitNames?: number
}

interface Entry {
  readonly resolution: Resolution
  readonly expiresMs: number
}

/** A bounded memory of names' addresses. */
export class DnsCache {
  readonly #clock: Clock
  readonly #resolver: Resolver
  readonly #ttlMs: number
  readonly #negativeTtlMs: number
  readonly #limitNames: number
  readonly #entries = new Map<string, Entry>()
  readonly #waiting = new Map<string, ((resolution: Resolution) => void)[]>()

  constructor(options: DnsCacheOptions) {
    this.#clock = options.clock
    this.#resolver = options.resolver ?? nameServerResolver()
    this.#ttlMs = options.ttlMs ?? 30_000
    this.#negativeTtlMs = options.negativeTtlMs ?? 1000
    this.#limitNames = options.limitNames ?? 1000
  }

  /** Names remembered now, expired ones included until they are asked for or pushed out. */
  get size(): number {
    return this.#entries.size
  }

  /** Calls `done` once: at once for a remembered name, else when the resolver answers. */
  lookup(hostname: string, done: (resolution: Resolution) => void): void {
    const entry = this.#entries.get(hostname)
    if (entry !== undefined) {
      if (this.#clock.monotonicMs() < entry.expiresMs) {
        done(entry.resolution)
        return
      }
      this.#entries.delete(hostname)
    }
    const waiting = this.#waiting.get(hostname)
    if (waiting !== undefined) {
      waiting.push(done)
      return
    }
    const callbacks = [done]
    this.#waiting.set(hostname, callbacks)
    this.#resolver(hostname, (resolution) => {
      this.#waiting.delete(hostname)
      this.#remember(hostname, resolution)
      for (const callback of callbacks) callback(resolution)
    })
  }

  /** Asks the resolver the next time: the addresses did not work. */
  forget(hostname: string): void {
    this.#entries.delete(hostname)
  }

  #remember(hostname: string, resolution: Resolution): void {
    const ttlMs =
      resolution.kind === 'resolved' ? Math.min(resolution.ttlMs ?? this.#ttlMs, this.#ttlMs) : this.#negativeTtlMs
    this.#entries.set(hostname, { resolution, expiresMs: this.#clock.monotonicMs() + ttlMs })
    if (this.#entries.size <= this.#limitNames) return
    const oldest = this.#entries.keys().next()
    if (oldest.done !== true) this.#entries.delete(oldest.value)
  }
}
