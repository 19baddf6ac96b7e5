/**
 * Admission: may one more request of a webhook go out now? Joins all limits (`holds.ts`) in one place, for deliveries and
 * invokes alike. A delivery that may not is parked with whatever it lacks, and let go again when that is there: by an attempt
 * that ended or by time. Invariant: a parked webhook always waits for a time, for its activation, or for something of its
 * own in flight; what waits for others in flight is looked at every second too, so that no place given to one that had
 * nothing to send is lost.
 */
import type { Reason } from '../../model/decision.ts'
import type { Hold } from '../../model/delivery.ts'
import type { Endpoint, Webhook } from '../../model/webhook.ts'
import { DueHeap } from '../../outbox/queue/due-heap.ts'
import { type Circuit, closedCircuit, hasRecovered, onResult, permit } from '../../policy/breaker.ts'
import { circuitResult } from '../../policy/circuit-result.ts'
import { advanceRamp, RAMP_STEP_MS, rampLimits, startRamp } from '../../policy/ramp.ts'
import { FULL_BUCKET } from '../../policy/rate.ts'
import { runAtOnce, type Steps } from '../slices.ts'
import {
  type Capacity,
  type EndpointShares,
  type Leave,
  type LimitReason,
  type Loaded,
  leaveOf,
  MAX_IN_FLIGHT,
  placesOf,
  throughRate,
} from './holds.ts'
import { type CircuitLoad, type Load, Loads, type Waiting } from './loads.ts'

/** Permission for one request; given back with {@link Admission.ended}. */
export interface Ticket {
  readonly job: 'delivery' | 'invoke'
  readonly loaded: Loaded
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

/** A hold by a limit. */
export type LimitHold = Hold & { readonly reason: LimitReason }

/** Whom admission tells what it decided. */
export interface AdmissionListener {
  /** The outbox may offer the webhook's deliveries again. */
  unpark(webhook: string): void
  /** A circuit opened or closed, or is open for another reason, or its server asked for another wait. */
  onCircuit(change: CircuitChange): void
}

/** Why an invoke may not go out. */
export type InvokeRefusal = Extract<Reason, 'circuit-open' | 'overloaded'>

/** How often webhooks are looked at that wait for something in flight, which lets them go in the usual course. */
const LOOK_INTERVAL_MS = 1000

/** How often counters that say nothing any more are looked for. */
const SWEEP_INTERVAL_MS = 60_000

/** Counters looked at in one go: a tenth of a millisecond. */
const SWEEP_LOOKS = 256

/** See the head of this file. Main thread only; time comes in as a number. */
export class Admission {
  readonly #loads = new Loads()
  #capacity: Capacity
  readonly #listener: AdmissionListener
  /** Loads by when their waiting webhooks are looked at again; of no concern where a load has another time by now. */
  readonly #wakes = new DueHeap<Load>()
  #wokenAtMs = Number.NEGATIVE_INFINITY
  #sweptAtMs = 0
  /** Deliveries over all endpoints. */
  #inFlight = 0

  constructor(shares: EndpointShares, listener: AdmissionListener, maxInFlight: number = MAX_IN_FLIGHT) {
    this.#capacity = { ...shares, total: maxInFlight }
    this.#listener = listener
  }

  /** From now on these shares; what is in flight beyond them ends in its time. */
  limit(shares: EndpointShares): void {
    this.#capacity = { ...shares, total: this.#capacity.total }
  }

  /**
   * Circuits that were open when the process ended, of endpoints that `webhooks` still use; the listener is told that the
   * others are closed, so that they are forgotten. Call it before anything else.
   */
  restore(open: Iterable<CircuitChange>, webhooks: Iterable<Webhook>, nowMs: number): void {
    const used = runAtOnce(endpointsOf(webhooks))
    for (const { endpoint, account, circuit } of [...open]) {
      const origin = used.get(account)?.get(endpoint)
      if (origin === undefined) this.#listener.onCircuit({ endpoint, account, circuit: closedCircuit(nowMs) })
      else this.#loads.circuit(this.#loads.endpoint(endpoint, origin), account, nowMs).circuit = circuit
    }
  }

  /** Closes the circuits of endpoints that none of `webhooks` uses any more. Call it when the webhooks have changed. */
  *keepOnly(webhooks: Iterable<Webhook>, nowMs: number): Steps<undefined> {
    const used = yield* endpointsOf(webhooks)
    const open = [...this.#loads.circuits()].filter(({ circuit }) => circuit.kind !== 'closed')
    for (const load of open) {
      yield
      const { account, endpoint } = load
      if (used.get(account)?.has(endpoint.id) === true) continue
      this.#loads.dropCircuit(load)
      this.#release(load.waiting, load.waiting.size)
      this.#listener.onCircuit({ endpoint: endpoint.id, account, circuit: closedCircuit(nowMs) })
    }
    return undefined
  }

  /** Whether the circuit of an endpoint that one of `webhooks` uses is not closed. */
  hasOpenCircuit(webhooks: readonly Webhook[]): boolean {
    return webhooks.some(({ account, endpoint, fallback }) =>
      [endpoint, fallback?.endpoint].some((used) => {
        const load = used === undefined ? undefined : this.#loads.knownCircuit(used.id, account)
        return load !== undefined && load.circuit.kind !== 'closed'
      }),
    )
  }

  /** A ticket for one delivery, or undefined: its webhook is parked now. The webhook must be active. */
  admitDelivery(webhook: Webhook, nowMs: number): Ticket | undefined {
    const loaded = this.#loaded(webhook, webhook.endpoint, nowMs)
    const leave = leaveOf(webhook, loaded, this.#capacity, this.#inFlight, nowMs)
    const { webhook: load, endpoint, circuit, account } = loaded
    load.bucket = leave.bucket
    circuit.rampBucket = leave.rampBucket
    if (leave.kind === 'held') return this.#park(loaded, leave, nowMs)
    if (leave.probe !== undefined) circuit.circuit = leave.probe
    this.#inFlight += 1
    load.inFlight += 1
    for (const counted of [load, endpoint, circuit, account]) counted.deliveriesInFlight += 1
    return { job: 'delivery', loaded, policy: webhook.circuit, isProbe: leave.probe !== undefined }
  }

  /** Why a delivery of an active webhook would not go out now; undefined: it would. Lets nothing out. */
  holdOf(webhook: Webhook, nowMs: number): LimitHold | undefined {
    const loaded = this.#loaded(webhook, webhook.endpoint, nowMs)
    const leave = leaveOf(webhook, loaded, this.#capacity, this.#inFlight, nowMs)
    // One probe may go, the others wait for what becomes of it.
    if (leave.kind === 'go') return leave.probe === undefined ? undefined : { reason: 'circuit-open', untilMs: nowMs }
    const { reason, untilMs } = leave
    return untilMs === undefined ? { reason } : { reason, untilMs }
  }

  /** Deliveries of a webhook in flight. */
  inFlightOf(webhookId: string): number {
    return this.#loads.knownWebhook(webhookId)?.deliveriesInFlight ?? 0
  }

  /**
   * A ticket for one invoke, or why it may not go out: it never waits. A fallback server has its own endpoint's limits; the
   * webhook's were met by the request to the first.
   */
  admitInvoke(webhook: Webhook, server: Endpoint, isFallback: boolean, nowMs: number): Ticket | InvokeRefusal {
    const loaded = this.#loaded(webhook, server, nowMs)
    const { webhook: load, endpoint, circuit } = loaded
    const concurrency = isFallback ? undefined : webhook.concurrency
    if (load.inFlight >= (concurrency ?? Number.POSITIVE_INFINITY)) return 'overloaded'
    if (endpoint.invokesInFlight >= this.#capacity.invokes) return 'overloaded'
    const permitted = permit(circuit.circuit, webhook.circuit, nowMs)
    if (permitted.kind === 'held') return 'circuit-open'
    if (!isFallback) {
      const rate = throughRate(load, webhook, nowMs)
      load.bucket = rate.bucket
      if (rate.waitMs > 0) return 'overloaded'
    }
    if (permitted.kind === 'probe') circuit.circuit = permitted.state
    load.inFlight += 1
    endpoint.invokesInFlight += 1
    const isProbe = permitted.kind === 'probe'
    return { job: 'invoke', loaded, policy: webhook.circuit, isProbe }
  }

  /** Gives a ticket back. `reason` is empty on success; `status` 0 where none came; `retryAfterMs` is the wait asked for. */
  ended(ticket: Ticket, reason: Reason | '', status: number, nowMs: number, retryAfterMs?: number): void {
    const { webhook, endpoint, circuit, account } = ticket.loaded
    webhook.inFlight -= 1
    if (ticket.job === 'delivery') {
      this.#inFlight -= 1
      for (const counted of [webhook, endpoint, circuit, account]) counted.deliveriesInFlight -= 1
    } else {
      endpoint.invokesInFlight -= 1
    }
    const before = circuit.circuit
    circuit.circuit = onResult(before, ticket.policy, circuitResult(reason, status), nowMs, reason, retryAfterMs)
    if (isWorthKeeping(before, circuit.circuit)) {
      this.#listener.onCircuit({ endpoint: endpoint.id, account: circuit.account, circuit: circuit.circuit })
    }
    if (hasRecovered(before, circuit.circuit)) {
      circuit.ramp = startRamp(nowMs)
      circuit.rampBucket = FULL_BUCKET
      this.#wakeAt(circuit, nowMs)
    }
    this.#release(webhook.waiting, 1)
    this.#release(endpoint.waiting, 1)
    this.#release(account.waiting, 1)
    if (circuit.circuit.kind === 'closed') this.#release(circuit.waiting, 1)
  }

  /** Lets go whatever only had to wait until `nowMs`; all of it where the clock was set back, which would let it wait on. */
  wake(nowMs: number): void {
    const untilMs = nowMs < this.#wokenAtMs ? Number.POSITIVE_INFINITY : nowMs
    this.#wokenAtMs = nowMs
    for (const load of this.#takeWakes(untilMs)) this.#wakeLoad(load, nowMs)
    if (nowMs - this.#sweptAtMs < SWEEP_INTERVAL_MS && nowMs >= this.#sweptAtMs) return
    if (this.#loads.sweep(nowMs, SWEEP_LOOKS)) this.#sweptAtMs = nowMs
  }

  /** When {@link wake} has something to do; undefined: nothing waits for time alone. */
  nextWakeMs(): number | undefined {
    return this.#wakes.dueMs
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

  /** All of them before any is looked at, which may have it wait anew. */
  #takeWakes(untilMs: number): readonly Load[] {
    const taken: Load[] = []
    for (let atMs = this.#wakes.dueMs; atMs !== undefined && atMs <= untilMs; atMs = this.#wakes.dueMs) {
      const load = this.#wakes.pop()
      if (load?.wakeAtMs !== atMs) continue
      load.wakeAtMs = undefined
      taken.push(load)
    }
    return taken
  }

  #wakeLoad(load: Load, nowMs: number): void {
    switch (load.kind) {
      case 'circuit':
        this.#wakeCircuit(load, nowMs)
        break
      case 'webhook':
        this.#release(load.waiting, 1)
        break
      case 'endpoint':
        this.#release(load.waiting, this.#capacity.deliveries - load.deliveriesInFlight)
        if (load.waiting.size > 0) this.#wakeAt(load, nowMs + LOOK_INTERVAL_MS)
        break
      case 'account':
        this.#release(load.waiting, placesOf(load, this.#capacity, this.#inFlight))
        if (load.waiting.size > 0) this.#wakeAt(load, nowMs + LOOK_INTERVAL_MS)
        break
    }
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

  /** The counters that requests of `webhook` to `server` meet, the ramp as far as it has come. */
  #loaded(webhook: Webhook, server: Endpoint, nowMs: number): Loaded {
    const endpoint = this.#loads.endpoint(server.id, server.origin)
    const circuit = this.#loads.circuit(endpoint, webhook.account, nowMs)
    circuit.ramp = advanceRamp(circuit.ramp, nowMs)
    return {
      webhook: this.#loads.webhook(webhook.id),
      endpoint,
      circuit,
      account: this.#loads.account(webhook.account),
    }
  }

  /** Parks a webhook with what it lacks. A place that it can not use at its endpoint or in its account is the next one's. */
  #park(loaded: Loaded, { reason, untilMs }: Extract<Leave, { readonly kind: 'held' }>, nowMs: number): undefined {
    const { webhook, endpoint, circuit, account } = loaded
    const where = {
      'circuit-open': circuit,
      recovering: circuit,
      concurrency: webhook,
      rate: webhook,
      'endpoint-busy': endpoint,
      'account-share': account,
    }[reason]
    if (endpoint.deliveriesInFlight < this.#capacity.deliveries) this.#release(endpoint.waiting, 1)
    if (placesOf(account, this.#capacity, this.#inFlight) >= 1) this.#release(account.waiting, 1)
    webhook.waitingIn?.delete(webhook)
    where.waiting.add(webhook)
    webhook.waitingIn = where.waiting
    if (untilMs !== undefined) this.#wakeAt(where, untilMs)
    else if (reason !== 'concurrency') this.#wakeAt(where, nowMs + LOOK_INTERVAL_MS)
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

  #wakeAt(load: Load, atMs: number): void {
    if (load.wakeAtMs !== undefined && load.wakeAtMs <= atMs) return
    load.wakeAtMs = atMs
    this.#wakes.push(load, atMs)
  }
}

/** Opening, closing, and what a restart should know of an open circuit; not that a probe is under way. */
function isWorthKeeping(before: Circuit, after: Circuit): boolean {
  if (after.kind === 'closed' || before.kind === 'closed') return before.kind !== after.kind
  return after.reason !== before.reason || (after.kind === 'open' && after !== before && after.askedWaitMs > 0)
}

/** By account, the ids of the endpoints that its webhooks send to, fallbacks included, with their origins. */
function* endpointsOf(webhooks: Iterable<Webhook>): Steps<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const used = new Map<string, Map<string, string>>()
  for (const { account, endpoint, fallback } of webhooks) {
    yield
    const ofAccount = used.get(account) ?? new Map<string, string>()
    used.set(account, ofAccount)
    ofAccount.set(endpoint.id, endpoint.origin)
    if (fallback !== undefined) ofAccount.set(fallback.endpoint.id, fallback.endpoint.origin)
  }
  return used
}
