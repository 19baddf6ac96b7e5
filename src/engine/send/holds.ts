/**
 * What keeps a webhook's next delivery from going out: its own limits, its endpoint's, its circuit's, its account's share.
 * Reads counters and changes none, so that the same answer decides what is sent (`admission.ts`) and tells people why
 * something is not. A limit that something in flight will lift has no time; the others say when they are worth another look.
 */
import type { HoldReason } from '../../model/delivery.ts'
import type { Webhook } from '../../model/webhook.ts'
import { type HalfOpenCircuit, permit } from '../../policy/breaker.ts'
import { RAMP_STEP_MS, rampLimits } from '../../policy/ramp.ts'
import { type Bucket, takeAt } from '../../policy/rate.ts'
import type { AccountLoad, CircuitLoad, EndpointLoad, WebhookLoad } from './loads.ts'

/** Most deliveries in flight over all endpoints: sockets are a bounded resource of the process. */
export const MAX_IN_FLIGHT = 16_384

/** Most requests in flight at one endpoint; each job has a share of its own. */
export interface EndpointShares {
  readonly deliveries: number
  readonly invokes: number
}

/** The same, and most deliveries in flight over all endpoints. */
export interface Capacity extends EndpointShares {
  readonly total: number
}

/**
 * An account may have so many times as many deliveries in flight as places are still free. One alone gets 8/9 of all
 * places, two get 8/17 each, and there are always some left for whoever comes new, however long the others hang.
 */
const PLACES_PER_FREE_PLACE = 8

/** The counters that a webhook's requests meet. */
export interface Loaded {
  readonly webhook: WebhookLoad
  readonly endpoint: EndpointLoad
  readonly circuit: CircuitLoad
  readonly account: AccountLoad
}

/** A reason that lies in a webhook's surroundings, not in the webhook's being inactive or in the delivery itself. */
export type LimitReason = Exclude<HoldReason, 'inactive' | 'ordered'>

/**
 * Whether one more delivery may go out, and how the buckets are then. They are kept where it may not as well: after the clock
 * was set back a bucket's debt is cut, and one that forgot that would be cut to the same each time, and never pay it off.
 */
export type Leave = { readonly bucket: Bucket; readonly rampBucket: Bucket } & (
  | {
      readonly kind: 'go'
      /** Sent as a probe, with its circuit then in this state; undefined: not one. */
      readonly probe: HalfOpenCircuit | undefined
    }
  | {
      readonly kind: 'held'
      readonly reason: LimitReason
      /** Undefined: until something in flight has ended. */
      readonly untilMs: number | undefined
    }
)

/** Judges one more delivery of `webhook` at `nowMs`, with `inFlight` deliveries on their way over all endpoints. */
export function leaveOf(webhook: Webhook, loaded: Loaded, capacity: Capacity, inFlight: number, nowMs: number): Leave {
  const { webhook: load, endpoint, circuit, account } = loaded
  const buckets = { bucket: load.bucket, rampBucket: circuit.rampBucket }
  const held = (reason: LimitReason, untilMs?: number): Leave => ({ kind: 'held', reason, untilMs, ...buckets })
  const permitted = permit(circuit.circuit, webhook.circuit, nowMs)
  if (permitted.kind === 'held') return held('circuit-open', permitted.untilMs)
  if (load.inFlight >= (webhook.concurrency ?? Number.POSITIVE_INFINITY)) return held('concurrency')
  if (endpoint.deliveriesInFlight >= capacity.deliveries) return held('endpoint-busy')
  if (placesOf(account, capacity, inFlight) < 1) return held('account-share')
  const ramp = throughRamp(circuit, nowMs)
  if (ramp.waitMs > 0) return { ...held('recovering', nowMs + ramp.waitMs), rampBucket: ramp.bucket }
  const rate = throughRate(load, webhook, nowMs)
  if (rate.waitMs > 0) return { ...held('rate', nowMs + rate.waitMs), bucket: rate.bucket }
  const probe = permitted.kind === 'probe' ? permitted.state : undefined
  return { kind: 'go', probe, bucket: rate.bucket, rampBucket: ramp.bucket }
}

/** Deliveries that an account may have in flight beside those that it has; none where it is 0 or less. */
export function placesOf({ deliveriesInFlight }: AccountLoad, { total }: Capacity, inFlight: number): number {
  return PLACES_PER_FREE_PLACE * (total - inFlight) - deliveriesInFlight
}

/** A bucket after one was taken from it, or how long to wait for that. */
export interface Taken {
  readonly bucket: Bucket
  readonly waitMs: number
}

/** Takes one request from a webhook's rate. */
export function throughRate({ bucket }: WebhookLoad, { ratePerSecond }: Webhook, nowMs: number): Taken {
  if (ratePerSecond === undefined) return { bucket, waitMs: 0 }
  const { state, waitMs } = takeAt(bucket, ratePerSecond, nowMs)
  return { bucket: state, waitMs }
}

function throughRamp({ ramp, rampBucket, deliveriesInFlight }: CircuitLoad, nowMs: number): Taken {
  const limits = rampLimits(ramp)
  if (limits.inFlight === Number.POSITIVE_INFINITY) return { bucket: rampBucket, waitMs: 0 }
  if (deliveriesInFlight >= limits.inFlight) return { bucket: rampBucket, waitMs: RAMP_STEP_MS }
  const { state, waitMs } = takeAt(rampBucket, limits.ratePerSecond, nowMs)
  return { bucket: state, waitMs }
}
