/**
 * What is in flight, and for whom: counters per endpoint, per account, per both and per webhook, with the webhooks that wait
 * for each. Plain state; `holds.ts` judges by it, `admission.ts` changes it.
 */
import { type Circuit, closedCircuit } from '../../policy/breaker.ts'
import { advanceRamp, type Ramp } from '../../policy/ramp.ts'
import { type Bucket, FULL_BUCKET } from '../../policy/rate.ts'

/** Parked webhooks that wait for the same thing, longest first. */
export type Waiting = Set<WebhookLoad>

/** Something that webhooks wait for. */
interface Place {
  readonly waiting: Waiting
  /** When it is looked at again without anything having ended; undefined: no need. */
  wakeAtMs: number | undefined
}

/** An endpoint's connections, shared by all accounts. */
export interface EndpointLoad extends Place {
  readonly kind: 'endpoint'
  readonly id: string
  readonly origin: string
  deliveriesInFlight: number
  invokesInFlight: number
  /** Its health as accounts see it, by their ids. */
  readonly circuits: Map<string, CircuitLoad>
}

/** An account's deliveries over all endpoints. */
export interface AccountLoad extends Place {
  readonly kind: 'account'
  deliveriesInFlight: number
}

/** An endpoint's health as one account sees it: one account's errors never cut another's calls. */
export interface CircuitLoad extends Place {
  readonly kind: 'circuit'
  readonly endpoint: EndpointLoad
  readonly account: string
  circuit: Circuit
  ramp: Ramp
  rampBucket: Bucket
  deliveriesInFlight: number
}

/** One webhook's own limits; only itself waits for them. */
export interface WebhookLoad extends Place {
  readonly kind: 'webhook'
  readonly id: string
  /** Requests of both jobs. */
  inFlight: number
  deliveriesInFlight: number
  bucket: Bucket
  /** Where it is parked; undefined: nowhere. */
  waitingIn: Waiting | undefined
}

/** Any of them. */
export type Load = EndpointLoad | AccountLoad | CircuitLoad | WebhookLoad

/** Finds or makes the counters; forgets those that say nothing any more. */
export class Loads {
  readonly #endpoints = new Map<string, EndpointLoad>()
  readonly #accounts = new Map<string, AccountLoad>()
  readonly #circuits = new Set<CircuitLoad>()
  readonly #webhooks = new Map<string, WebhookLoad>()
  /** What is left of the round of {@link sweep} that goes on. */
  #round: Iterator<undefined> | undefined
  #nowMs = 0

  endpoint(id: string, origin: string): EndpointLoad {
    const existing = this.#endpoints.get(id)
    if (existing !== undefined) return existing
    const counts = { deliveriesInFlight: 0, invokesInFlight: 0 }
    const load: EndpointLoad = { kind: 'endpoint', id, origin, ...counts, circuits: new Map(), ...emptyPlace() }
    this.#endpoints.set(id, load)
    return load
  }

  account(id: string): AccountLoad {
    const existing = this.#accounts.get(id)
    if (existing !== undefined) return existing
    const load: AccountLoad = { kind: 'account', deliveriesInFlight: 0, ...emptyPlace() }
    this.#accounts.set(id, load)
    return load
  }

  circuit(endpoint: EndpointLoad, account: string, nowMs: number): CircuitLoad {
    const existing = endpoint.circuits.get(account)
    if (existing !== undefined) return existing
    const load: CircuitLoad = {
      kind: 'circuit',
      endpoint,
      account,
      circuit: closedCircuit(nowMs),
      ramp: { kind: 'unlimited' },
      rampBucket: FULL_BUCKET,
      deliveriesInFlight: 0,
      ...emptyPlace(),
    }
    endpoint.circuits.set(account, load)
    this.#circuits.add(load)
    return load
  }

  webhook(id: string): WebhookLoad {
    const existing = this.#webhooks.get(id)
    if (existing !== undefined) return existing
    const load: WebhookLoad = {
      kind: 'webhook',
      id,
      inFlight: 0,
      deliveriesInFlight: 0,
      bucket: FULL_BUCKET,
      waitingIn: undefined,
      ...emptyPlace(),
    }
    this.#webhooks.set(id, load)
    return load
  }

  /** The counters of a webhook, where there are any. */
  knownWebhook(id: string): WebhookLoad | undefined {
    return this.#webhooks.get(id)
  }

  /** The circuit of an endpoint's id as an account sees it, where there is one. */
  knownCircuit(endpointId: string, account: string): CircuitLoad | undefined {
    return this.#endpoints.get(endpointId)?.circuits.get(account)
  }

  circuits(): Iterable<CircuitLoad> {
    return this.#circuits
  }

  /** Forgets a circuit, whatever its state. */
  dropCircuit(load: CircuitLoad): void {
    if (this.#circuits.delete(load)) load.endpoint.circuits.delete(load.account)
  }

  /**
   * Drops counters that are as good as new, so that memory does not grow with endpoints once used. Looks at `most` of them,
   * the next call at those that follow; true: that was the end of a round over all.
   */
  sweep(nowMs: number, most: number): boolean {
    this.#nowMs = nowMs
    this.#round ??= this.#sweepAll()
    for (let looks = 0; looks < most; looks += 1) {
      if (this.#round.next().done !== true) continue
      this.#round = undefined
      return true
    }
    return false
  }

  *#sweepAll(): Iterator<undefined> {
    for (const load of firstOf(this.#circuits)) {
      load.ramp = advanceRamp(load.ramp, this.#nowMs)
      const isQuiet = load.circuit.kind === 'closed' && load.circuit.failures.length === 0
      const isIdle = load.deliveriesInFlight === 0 && load.waiting.size === 0 && load.endpoint.invokesInFlight === 0
      if (isQuiet && isIdle && load.ramp.kind === 'unlimited') this.dropCircuit(load)
      yield undefined
    }
    for (const [, load] of firstOf(this.#endpoints)) {
      const isIdle = load.deliveriesInFlight === 0 && load.invokesInFlight === 0 && load.waiting.size === 0
      if (isIdle && load.circuits.size === 0) this.#endpoints.delete(load.id)
      yield undefined
    }
    for (const [id, load] of firstOf(this.#accounts)) {
      if (load.deliveriesInFlight === 0 && load.waiting.size === 0) this.#accounts.delete(id)
      yield undefined
    }
    for (const [, load] of firstOf(this.#webhooks)) {
      const isFull = load.bucket.fullAtMs <= this.#nowMs
      if (load.inFlight === 0 && load.waitingIn === undefined && isFull) this.#webhooks.delete(load.id)
      yield undefined
    }
  }
}

/** What a map or set has now, read as it is come to: what is added meanwhile is left out, so that a round ends. */
function* firstOf<T>(entries: Iterable<T> & { readonly size: number }): Iterable<T> {
  let left = entries.size
  for (const entry of entries) {
    if (left === 0) return
    left -= 1
    yield entry
  }
}

function emptyPlace(): Place {
  return { waiting: new Set(), wakeAtMs: undefined }
}
