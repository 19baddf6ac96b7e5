/**
 * Why deliveries wait, for people and for metrics: of one delivery, of each webhook, of each circuit. Works it out at the
 * moment it is asked, from what is decided by, so that it is right after a restart too. Invariant: what looks at all webhooks
 * does it in steps, so that nobody waits for a console. Used by the engine and its stats.
 */
import type { Clock } from '../../clock.ts'
import type { DeliveryRecord, Hold } from '../../model/delivery.ts'
import type { CircuitPolicy, Webhook } from '../../model/webhook.ts'
import type { Outbox } from '../../outbox/contract.ts'
import { type CircuitKind, nextProbeMs } from '../../policy/breaker.ts'
import type { PlannedWebhook } from '../plan/plan.ts'
import type { Steps } from '../slices.ts'
import type { Admission } from './admission.ts'
import type { CircuitLoad } from './loads.ts'

/** How things are now. */
export interface Current {
  /** Those of the current plan. */
  readonly webhooks: () => Iterable<Webhook>
  /** One of them, and whether it is active; undefined: there is none. */
  readonly lookUp: (
    webhookId: string,
  ) => { readonly planned: Pick<PlannedWebhook, 'webhook'>; readonly isActive: boolean } | 'suspended' | undefined
  /** The account of a webhook that is suspended; undefined: it is not. */
  readonly suspendedOf: (webhookId: string) => string | undefined
}

/** A reason that holds all that a webhook has. */
export type WebhookHoldReason = Exclude<Hold['reason'], 'ordered'>

/** A webhook whose deliveries can not go out now; times as RFC 3339 text. */
export interface HeldWebhook {
  readonly webhook: string
  readonly account: string
  readonly reason: WebhookHoldReason
  readonly until?: string
  /** Its pending deliveries but for those in flight, whether they are due already or not. */
  readonly deliveries: number
}

/** Who is held, and how much of it by which reason. */
export interface Held {
  readonly deliveries: Readonly<Partial<Record<WebhookHoldReason, number>>>
  /** Those that hold most, at most {@link LISTED_WEBHOOKS}. */
  readonly webhooks: readonly HeldWebhook[]
}

/** A circuit that is not closed; times as RFC 3339 text. */
export interface OpenCircuitView {
  /** The endpoint's origin. */
  readonly endpoint: string
  readonly account: string
  readonly state: Exclude<CircuitKind, 'closed'>
  readonly since: string
  /** Of the last failure; empty where it is not known. */
  readonly reason: string
  /** When the next probe is due; one that is due goes out with the next delivery or call. */
  readonly nextProbe?: string
}

/** Webhooks listed in {@link Held}: as many as a person reads. */
const LISTED_WEBHOOKS = 100

/** See the head of this file. Each call but {@link Standing.holdOf} looks at every webhook, or all that have something pending. */
export class Standing {
  readonly #outbox: Pick<Outbox, 'pendingByWebhook'>
  readonly #admission: Admission
  readonly #clock: Clock
  readonly #current: Current

  constructor(outbox: Pick<Outbox, 'pendingByWebhook'>, admission: Admission, clock: Clock, current: Current) {
    this.#outbox = outbox
    this.#admission = admission
    this.#clock = clock
    this.#current = current
  }

  /** What keeps a delivery from going out; undefined where nothing does, it is in flight, ended, or not yet due. */
  holdOf({ webhook, account, state, dueMs, isBehind, isInFlight }: DeliveryRecord): Hold | undefined {
    if (state !== 'pending' || isInFlight === true) return undefined
    const found = this.#current.lookUp(webhook)
    if (found === 'suspended' || found?.isActive === false) return { reason: 'inactive' }
    if (isBehind === true) return { reason: 'ordered' }
    // What is not yet due may find that all has changed by then, and another account's webhook holds nothing of this one's.
    const isDue = (dueMs ?? 0) <= this.#clock.nowMs()
    return isDue && found?.planned.webhook.account === account ? this.#holdOf(found.planned.webhook, true) : undefined
  }

  /** All webhooks of the accounts that `isWanted`, which hold something back. */
  *held(isWanted: (account: string) => boolean): Steps<Held> {
    const deliveries: Partial<Record<WebhookHoldReason, number>> = {}
    const webhooks: HeldWebhook[] = []
    for (const held of this.heldWebhooks()) {
      yield
      if (held === undefined || !isWanted(held.account)) continue
      deliveries[held.reason] = (deliveries[held.reason] ?? 0) + held.deliveries
      webhooks.push(held)
      if (webhooks.length === 2 * LISTED_WEBHOOKS) keepMost(webhooks)
    }
    keepMost(webhooks)
    return { deliveries, webhooks }
  }

  /** Circuits of the accounts that `isWanted` which are not closed. */
  *circuits(isWanted: (account: string) => boolean): Steps<readonly OpenCircuitView[]> {
    const open: CircuitLoad[] = []
    for (const load of this.#admission.circuits()) {
      yield
      if (load.circuit.kind !== 'closed' && isWanted(load.account)) open.push(load)
    }
    const policies = open.length === 0 ? new Map<string, CircuitPolicy>() : yield* this.#policies()
    return open.flatMap((load) => viewOf(load, policies.get(keyOf(load.account, load.endpoint.id))))
  }

  /**
   * All webhooks that hold something back, each once, and undefined for each that has something pending and does not: whoever
   * asks can let others have their turn between any two.
   */
  *heldWebhooks(): Iterable<HeldWebhook | undefined> {
    const seen = new Set<string>()
    for (const [id, pending] of this.#outbox.pendingByWebhook()) {
      // One that had nothing pending for a turn is come to again.
      if (seen.has(id)) continue
      seen.add(id)
      yield this.#heldWebhook(id, pending)
    }
  }

  #heldWebhook(id: string, pending: number): HeldWebhook | undefined {
    const deliveries = pending - this.#admission.inFlightOf(id)
    const found = deliveries > 0 ? this.#current.lookUp(id) : undefined
    if (found === undefined) return undefined
    if (found === 'suspended') {
      return { webhook: id, account: this.#current.suspendedOf(id) ?? '', reason: 'inactive', deliveries }
    }
    const { webhook } = found.planned
    const hold = this.#holdOf(webhook, found.isActive)
    if (hold === undefined) return undefined
    const until = hold.untilMs === undefined ? {} : { until: timeText(hold.untilMs) }
    return { webhook: id, account: webhook.account, reason: hold.reason, ...until, deliveries }
  }

  #holdOf(webhook: Webhook, isActive: boolean): (Hold & { readonly reason: WebhookHoldReason }) | undefined {
    return isActive ? this.#admission.holdOf(webhook, this.#clock.nowMs()) : { reason: 'inactive' }
  }

  /** Of each account and endpoint the policy that probes most often. */
  *#policies(): Steps<ReadonlyMap<string, CircuitPolicy>> {
    const policies = new Map<string, CircuitPolicy>()
    for (const { account, circuit: policy, endpoint, fallback } of this.#current.webhooks()) {
      yield
      if (policy === 'off') continue
      for (const { id } of fallback === undefined ? [endpoint] : [endpoint, fallback.endpoint]) {
        const key = keyOf(account, id)
        const other = policies.get(key)
        if (other === undefined || policy.probeMs < other.probeMs) policies.set(key, policy)
      }
    }
    return policies
  }
}

/** Leaves those that hold most, in their order. */
function keepMost(webhooks: HeldWebhook[]): void {
  webhooks.sort((a, b) => b.deliveries - a.deliveries)
  webhooks.length = Math.min(webhooks.length, LISTED_WEBHOOKS)
}

function viewOf({ circuit, account, endpoint }: CircuitLoad, policy: CircuitPolicy | undefined): OpenCircuitView[] {
  if (circuit.kind === 'closed') return []
  const { kind: state, reason, sinceMs } = circuit
  const nextProbe = policy === undefined ? {} : { nextProbe: timeText(nextProbeMs(circuit, policy)) }
  return [{ endpoint: endpoint.origin, account, state, since: timeText(sinceMs), reason, ...nextProbe }]
}

function keyOf(account: string, endpoint: string): string {
  return `${account}\n${endpoint}`
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
