/**
 * What is in flight, and for whom: counters per endpoint, per endpoint and account, and per webhook, with the webhooks that
 * wait for each. Plain state; `admission.ts` decides by it.
 */
import { type Circuit, closedCircuit } from '../policy/breaker.ts'
import { advanceRamp, type Ramp } from '../policy/ramp.ts'
import { type Bucket, FULL_BUCKET } from '../policy/rate.ts'

/** Parked webhooks that wait for the same thing, longest first. */
export type Waiting = Set<WebhookLoad>

/** An endpoint's connections, shared by all accounts. */
export interface EndpointLoad {
  readonly id: string
  readonly origin: string
  deliveriesInFlight: number
  invokesInFlight: number
  readonly waiting: Waiting
}

/** An endpoint's health as one account sees it: one account's errors never cut another's calls. */
export interface CircuitLoad {
  readonly endpoint: EndpointLoad
  readonly account: string
  circuit: Circuit
  ramp: Ramp
  rampBucket: Bucket
  deliveriesInFlight: number
  readonly waiting: Waiting
  /** When it is looked at again without anything having ended; undefined: no need. */
  wakeAtMs: number | undefined
}

/** One webhook's own limits. */
export interface WebhookLoad {
  readonly id: string
  inFlight: number
  bucket: Bucket
  /** Where it is parked; undefined: nowhere. */
  waitingIn: Waiting | undefined
  /** Parked webhooks that wait for this very one: itself or nobody. */
  readonly waiting: Waiting
  wakeAtMs: number | undefined
}

/** Finds or makes the counters; forgets those that say nothing any more. */
export class Loads {
  readonly #endpoints = new Map<string, EndpointLoad>()
  readonly #circuits = new Map<string, CircuitLoad>()
  readonly #webhooks = new Map<string, WebhookLoad>()

  endpoint(id: string, origin: string): EndpointLoad {
    const existing = this.#endpoints.get(id)
    if (existing !== undefined) return existing
    const load = { id, origin, deliveriesInFlight: 0, invokesInFlight: 0, waiting: new Set<WebhookLoad>() }
    this.#endpoints.set(id, load)
    return load
  }

  circuit(endpoint: EndpointLoad, account: string, nowMs: number): CircuitLoad {
    const key = `${account}\n${endpoint.id}`
    const existing = this.#circuits.get(key)
    if (existing !== undefined) return existing
    const load: CircuitLoad = {
      endpoint,
      account,
      circuit: closedCircuit(nowMs),
      ramp: { kind: 'unlimited' },
      rampBucket: FULL_BUCKET,
      deliveriesInFlight: 0,
      waiting: new Set(),
      wakeAtMs: undefined,
    }
    this.#circuits.set(key, load)
    return load
  }

  webhook(id: string): WebhookLoad {
    const existing = this.#webhooks.get(id)
    if (existing !== undefined) return existing
    const load: WebhookLoad = {
      id,
      inFlight: 0,
      bucket: FULL_BUCKET,
      waitingIn: undefined,
      waiting: new Set(),
      wakeAtMs: undefined,
    }
    this.#webhooks.set(id, load)
    return load
  }

  /** The counters of a webhook, where there are any. */
  knownWebhook(id: string): WebhookLoad | undefined {
    return this.#webhooks.get(id)
  }

  circuits(): Iterable<CircuitLoad> {
    return this.#circuits.values()
  }

  /** Drops counters that are as good as new, so that memory does not grow with endpoints once used. */
  sweep(nowMs: number): void {
    for (const [key, load] of this.#circuits) {
      load.ramp = advanceRamp(load.ramp, nowMs)
      const isQuiet = load.circuit.kind === 'closed' && load.circuit.failures.length === 0
      const isIdle = load.deliveriesInFlight === 0 && load.waiting.size === 0 && load.endpoint.invokesInFlight === 0
      if (isQuiet && isIdle && load.ramp.kind === 'unlimited') this.#circuits.delete(key)
    }
    const used = new Set([...this.#circuits.values()].map(({ endpoint }) => endpoint))
    for (const [id, load] of this.#endpoints) {
      const isIdle = load.deliveriesInFlight === 0 && load.invokesInFlight === 0 && load.waiting.size === 0
      if (isIdle && !used.has(load)) this.#endpoints.delete(id)
    }
    for (const [id, load] of this.#webhooks) {
      const isFull = load.bucket.fullAtMs <= nowMs
      if (load.inFlight === 0 && load.waitingIn === undefined && isFull) this.#webhooks.delete(id)
    }
  }
}
