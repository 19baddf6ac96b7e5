/**
 * Admission: may one more request of a webhook go out now? Joins all limits - the webhook's concurrency and rate, its
 * endpoint's share of connections, its circuit, the ramp after an outage - in one place, for deliveries and invokes alike.
 * A delivery that may not is parked with whatever it lacks, and let go again when that is there: by an attempt that ended or
 * by time. Invariant: a parked webhook always waits either for something in flight, for a time, or for its activation.
 */
import type { Reason } from '../model/decision.ts'
import type { Endpoint, Webhook } from '../model/webhook.ts'
import { Heap } from '../outbox/heap.ts'
import { type Circuit, hasRecovered, onResult, permit } from '../policy/breaker.ts'
import { circuitResult } from '../policy/circuit-result.ts'
import { advanceRamp, RAMP_STEP_MS, rampLimits, startRamp } from '../policy/ramp.ts'
import { FULL_BUCKET, takeAt } from '../policy/rate.ts'
import { type CircuitLoad, type EndpointLoad, Loads, type Waiting, type WebhookLoad } from './loads.ts'

/** Most requests in flight at one endpoint; each job has a share of its own. */
export interface EndpointShares {
  readonly deliveries: number
  readonly invokes: number
}

/** Permission for one request; given back with {@link Admission.ended}. */
export interface Ticket {
  readonly job: 'delivery' | 'invoke'
  readonly webhook: WebhookLoad
  readonly endpoint: EndpointLoad
  readonly circuit: CircuitLoad
  readonly policy: Webhook['circuit']
  readonly isProbe: boolean
}

/** A circuit as it is from now on. */
export interface CircuitChange {
  /** The endpoint's id. */
  readonly endpoint: string
  readonly account: string
  readonly circuit: Circuit
}

/** Whom admission tells what it decided. */
export interface AdmissionListener {
  /** The outbox may offer the webhook's deliveries again. */
  unpark(webhook: string): void
  /** A circuit opened or closed. */
  onCircuit(change: CircuitChange): void
}

/** Why an invoke may not go out. */
export type InvokeRefusal = Extract<Reason, 'circuit-open' | 'overloaded'>

/** When a load's waiting webhooks are looked at again; stale where the load has another time by now. */
interface Wake {
  readonly atMs: number
  readonly load: CircuitLoad | WebhookLoad
}

/** How often counters that say nothing any more are looked for. */
const SWEEP_INTERVAL_MS = 60_000

/** See the head of this file. Main thread only; time comes in as a number. */
export class Admission {
  readonly #loads = new Loads()
  readonly #shares: EndpointShares
  readonly #listener: AdmissionListener
  readonly #wakes = new Heap<Wake>((a, b) => a.atMs < b.atMs)
  #wokenAtMs = Number.NEGATIVE_INFINITY
  #sweptAtMs = 0

  constructor(shares: EndpointShares, listener: AdmissionListener) {
    this.#shares = shares
    this.#listener = listener
  }

  /** Circuits that were open when the process ended, of endpoints that `webhooks` still use. Call it before anything else. */
  restore(open: Iterable<CircuitChange>, webhooks: readonly Webhook[], nowMs: number): void {
    const origins = new Map(webhooks.map(({ endpoint }) => [endpoint.id, endpoint.origin]))
    for (const { endpoint, account, circuit } of open) {
      const origin = origins.get(endpoint)
      if (origin !== undefined)
        this.#loads.circuit(this.#loads.endpoint(endpoint, origin), account, nowMs).circuit = circuit
    }
  }

  /** A ticket for one delivery, or undefined: its webhook is parked now. The webhook must be active. */
  admitDelivery(webhook: Webhook, nowMs: number): Ticket | undefined {
    const load = this.#loads.webhook(webhook.id)
    const endpoint = this.#loads.endpoint(webhook.endpoint.id, webhook.endpoint.origin)
    const circuit = this.#loads.circuit(endpoint, webhook.account, nowMs)

    if (load.inFlight >= (webhook.concurrency ?? Number.POSITIVE_INFINITY)) return this.#park(load, load.waiting)
    if (endpoint.deliveriesInFlight >= this.#shares.deliveries) return this.#park(load, endpoint.waiting)
    const permitted = permit(circuit.circuit, webhook.circuit, nowMs)
    if (permitted.kind === 'held') {
      this.#wakeAt(circuit, permitted.untilMs)
      return this.#parkForTime(load, endpoint, circuit.waiting)
    }
    const ramp = this.#ramp(circuit, nowMs)
    if (ramp.waitMs > 0) {
      this.#wakeAt(circuit, nowMs + ramp.waitMs)
      return this.#parkForTime(load, endpoint, circuit.waiting)
    }
    const rate = takeRate(load, webhook, nowMs)
    if (rate.waitMs > 0) {
      this.#wakeAt(load, nowMs + rate.waitMs)
      return this.#parkForTime(load, endpoint, load.waiting)
    }

    load.bucket = rate.state
    circuit.rampBucket = ramp.bucket
    if (permitted.kind === 'probe') circuit.circuit = permitted.state
    load.inFlight += 1
    endpoint.deliveriesInFlight += 1
    circuit.deliveriesInFlight += 1
    const isProbe = permitted.kind === 'probe'
    return { job: 'delivery', webhook: load, endpoint, circuit, policy: webhook.circuit, isProbe }
  }

  /**
   * A ticket for one invoke, or why it may not go out: it never waits. A fallback server has its own endpoint's limits; the
   * webhook's were met by the request to the first.
   */
  admitInvoke(webhook: Webhook, server: Endpoint, isFallback: boolean, nowMs: number): Ticket | InvokeRefusal {
    const load = this.#loads.webhook(webhook.id)
    const endpoint = this.#loads.endpoint(server.id, server.origin)
    const circuit = this.#loads.circuit(endpoint, webhook.account, nowMs)
    const concurrency = isFallback ? undefined : webhook.concurrency
    if (load.inFlight >= (concurrency ?? Number.POSITIVE_INFINITY)) return 'overloaded'
    if (endpoint.invokesInFlight >= this.#shares.invokes) return 'overloaded'
    const permitted = permit(circuit.circuit, webhook.circuit, nowMs)
    if (permitted.kind === 'held') return 'circuit-open'
    if (!isFallback) {
      const rate = takeRate(load, webhook, nowMs)
      if (rate.waitMs > 0) return 'overloaded'
      load.bucket = rate.state
    }
    if (permitted.kind === 'probe') circuit.circuit = permitted.state
    load.inFlight += 1
    endpoint.invokesInFlight += 1
    const isProbe = permitted.kind === 'probe'
    return { job: 'invoke', webhook: load, endpoint, circuit, policy: webhook.circuit, isProbe }
  }

  /** Gives a ticket back. `reason` is empty on success; `status` 0 where none came. */
  ended(ticket: Ticket, reason: Reason | '', status: number, nowMs: number): void {
    const { webhook, endpoint, circuit } = ticket
    webhook.inFlight -= 1
    if (ticket.job === 'delivery') {
      endpoint.deliveriesInFlight -= 1
      circuit.deliveriesInFlight -= 1
    } else {
      endpoint.invokesInFlight -= 1
    }
    const before = circuit.circuit
    circuit.circuit = onResult(before, ticket.policy, circuitResult(reason, status), nowMs, reason)
    if ((before.kind === 'closed') !== (circuit.circuit.kind === 'closed')) {
      this.#listener.onCircuit({ endpoint: endpoint.id, account: circuit.account, circuit: circuit.circuit })
    }
    if (hasRecovered(before, circuit.circuit)) {
      circuit.ramp = startRamp(nowMs)
      circuit.rampBucket = FULL_BUCKET
      this.#wakeAt(circuit, nowMs)
    }
    this.#release(webhook.waiting, 1)
    this.#release(endpoint.waiting, 1)
    if (circuit.circuit.kind === 'closed') this.#release(circuit.waiting, 1)
  }

  /** Lets go whatever only had to wait until `nowMs`; all of it where the clock was set back, which would let it wait on. */
  wake(nowMs: number): void {
    const untilMs = nowMs < this.#wokenAtMs ? Number.POSITIVE_INFINITY : nowMs
    this.#wokenAtMs = nowMs
    for (const { load, atMs } of this.#takeWakes(untilMs)) {
      if (load.wakeAtMs !== atMs) continue
      load.wakeAtMs = undefined
      if ('circuit' in load) this.#wakeCircuit(load, nowMs)
      else this.#release(load.waiting, 1)
    }
    if (nowMs - this.#sweptAtMs < SWEEP_INTERVAL_MS && nowMs >= this.#sweptAtMs) return
    this.#sweptAtMs = nowMs
    this.#loads.sweep(nowMs)
  }

  /** When {@link wake} has something to do; undefined: nothing waits for time alone. */
  nextWakeMs(): number | undefined {
    return this.#wakes.peek()?.atMs
  }

  /** A webhook changed, was activated or removed: whatever it waited for may be different now. */
  reconsider(webhookId: string): void {
    const load = this.#loads.knownWebhook(webhookId)
    load?.waitingIn?.delete(load)
    if (load !== undefined) load.waitingIn = undefined
    this.#listener.unpark(webhookId)
  }

  /** Endpoints with their circuits, for metrics and stats. */
  circuits(): Iterable<CircuitLoad> {
    return this.#loads.circuits()
  }

  #takeWakes(untilMs: number): readonly Wake[] {
    const taken: Wake[] = []
    for (let next = this.#wakes.peek(); next !== undefined && next.atMs <= untilMs; next = this.#wakes.peek()) {
      taken.push(next)
      this.#wakes.pop()
    }
    return taken
  }

  #wakeCircuit(load: CircuitLoad, nowMs: number): void {
    if (load.waiting.size === 0) return
    if (load.circuit.kind === 'closed') {
      // One turn of the ramp: as many as may be in flight now, the rest when these end or time comes.
      const limits = rampLimits(advanceRamp(load.ramp, nowMs))
      this.#release(load.waiting, Math.max(1, limits.inFlight - load.deliveriesInFlight))
      if (load.waiting.size > 0) this.#wakeAt(load, nowMs + RAMP_STEP_MS)
      return
    }
    // One is let go to be the probe; should it have nothing to send after all, the next has its turn.
    this.#release(load.waiting, 1)
    if (load.waiting.size > 0) this.#wakeAt(load, nowMs + RAMP_STEP_MS)
  }

  #ramp(load: CircuitLoad, nowMs: number): { readonly waitMs: number; readonly bucket: CircuitLoad['rampBucket'] } {
    if (load.ramp.kind === 'unlimited') return { waitMs: 0, bucket: load.rampBucket }
    load.ramp = advanceRamp(load.ramp, nowMs)
    const limits = rampLimits(load.ramp)
    if (limits.inFlight === Number.POSITIVE_INFINITY) return { waitMs: 0, bucket: load.rampBucket }
    if (load.deliveriesInFlight >= limits.inFlight) return { waitMs: RAMP_STEP_MS, bucket: load.rampBucket }
    const taken = takeAt(load.rampBucket, limits.ratePerSecond, nowMs)
    return { waitMs: taken.waitMs, bucket: taken.state }
  }

  #park(load: WebhookLoad, where: Waiting): undefined {
    load.waitingIn?.delete(load)
    where.add(load)
    load.waitingIn = where
    return undefined
  }

  /** Parks a webhook that has a place at its endpoint, but not yet the time to use it: the next that waits can have the place. */
  #parkForTime(load: WebhookLoad, endpoint: EndpointLoad, where: Waiting): undefined {
    this.#release(endpoint.waiting, 1)
    return this.#park(load, where)
  }

  #release(waiting: Waiting, most: number): void {
    let left = most
    for (const load of waiting) {
      if (left <= 0) return
      left -= 1
      waiting.delete(load)
      load.waitingIn = undefined
      this.#listener.unpark(load.id)
    }
  }

  #wakeAt(load: CircuitLoad | WebhookLoad, atMs: number): void {
    if (load.wakeAtMs !== undefined && load.wakeAtMs <= atMs) return
    load.wakeAtMs = atMs
    this.#wakes.push({ atMs, load })
  }
}

function takeRate(load: WebhookLoad, webhook: Webhook, nowMs: number): ReturnType<typeof takeAt> {
  if (webhook.ratePerSecond === undefined) return { state: load.bucket, waitMs: 0 }
  return takeAt(load.bucket, webhook.ratePerSecond, nowMs)
}
