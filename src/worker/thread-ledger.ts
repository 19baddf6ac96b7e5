/**
 * What the main thread keeps of one life of a thread: what the thread knows (settings, webhooks by number and version) and which
 * deliveries it has, by slot. Invariant: a delivery stands here from the batch that takes it over until its outcome has come, and
 * gets one outcome. Used by the senders.
 */
import { SwitchhookError } from '../errors.ts'
import type { Outcome } from '../model/attempt.ts'
import { type CrossingDelivery, packDeliveries, unpackOutcomes } from './batch-codec.ts'
import type { DeliveryBatch, WebhookSource, WorkerReport, WorkerSettings } from './protocol.ts'
import type { Outgoing } from './sender.ts'

/** Slots go round: numbers of 32 bits. */
const SLOTS = 2 ** 32

/** Deliveries that a thread can have at once: far more than it is ever given. */
const CELLS = 2 ** 15

/** A webhook as the thread knows it. */
interface KnownWebhook {
  readonly number: number
  readonly version: number
}

/** Outcomes with the deliveries that they are of, in the same order. */
export interface Ended<Delivery> {
  readonly deliveries: readonly Delivery[]
  readonly outcomes: readonly Outcome[]
}

/** See the head of this file. */
export class ThreadLedger<Delivery extends Outgoing = Outgoing> {
  readonly #webhooks = new Map<string, KnownWebhook>()
  #lastNumber = 0
  #removed: number[] = []
  /** Settings that the thread does not have yet. */
  #settings: WorkerSettings | undefined
  /** By cell, which is what remains of a slot divided by {@link CELLS}, the delivery that is there and its slot. */
  readonly #deliveries: (Delivery | undefined)[] = []
  readonly #slots = new Uint32Array(CELLS)
  #lastSlot = 0
  #inFlight = 0

  /** Deliveries that the thread has. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** The same themselves, in no order. */
  get deliveries(): readonly Delivery[] {
    return this.#deliveries.filter((delivery) => delivery !== undefined)
  }

  configure(settings: WorkerSettings): void {
    this.#settings = settings
  }

  /** Takes deliveries over into a batch for the thread. */
  batch(deliveries: readonly Delivery[]): DeliveryBatch {
    const sources: (readonly [number: number, source: WebhookSource])[] = []
    let source: WebhookSource | undefined
    let webhook = 0
    const crossing: CrossingDelivery[] = []
    for (const delivery of deliveries) {
      if (delivery.source !== source) {
        source = delivery.source
        webhook = this.#numberOf(source, sources)
      }
      const { deliveryId, traceparent, payload, context } = delivery
      crossing.push({ slot: this.#take(delivery), webhook, deliveryId, traceparent, payload, context })
    }
    const removed = this.#removed
    const settings = this.#settings
    this.#removed = []
    this.#settings = undefined
    return {
      ...(settings === undefined ? {} : { settings }),
      sources,
      removed,
      deliveries: packDeliveries(crossing),
    }
  }

  /** A report's outcomes; what they are of is no longer in flight. */
  end({ outcomes: packed }: WorkerReport): Ended<Delivery> {
    const deliveries: Delivery[] = []
    const outcomes: Outcome[] = []
    for (const { slot, outcome } of unpackOutcomes(packed)) {
      const cell = slot % CELLS
      const delivery = this.#deliveries[cell]
      if (delivery === undefined || this.#slots[cell] !== slot) continue
      this.#deliveries[cell] = undefined
      this.#inFlight -= 1
      deliveries.push(delivery)
      outcomes.push(outcome)
    }
    return { deliveries, outcomes }
  }

  /** A webhook no longer exists. */
  forget(webhook: string): void {
    const known = this.#webhooks.get(webhook)
    if (known === undefined) return
    this.#webhooks.delete(webhook)
    this.#removed.push(known.number)
  }

  /** The number that the thread knows a webhook by; what it does not know yet is added to `news`. */
  #numberOf(
    { webhook, version, metricsRow }: WebhookSource,
    news: (readonly [number: number, source: WebhookSource])[],
  ): number {
    const known = this.#webhooks.get(webhook.id)
    if (known?.version === version) return known.number
    if (known === undefined) this.#lastNumber += 1
    const number = known?.number ?? this.#lastNumber
    this.#webhooks.set(webhook.id, { number, version })
    // Whatever else is kept beside a webhook stays on this thread.
    news.push([number, { webhook, version, metricsRow }])
    return number
  }

  #take(delivery: Delivery): number {
    if (this.#inFlight === CELLS)
      throw new SwitchhookError('internal', `a thread was given more than ${CELLS} deliveries`)
    // A cell is not free where a delivery takes longer than all that came after it.
    do this.#lastSlot = (this.#lastSlot + 1) % SLOTS
    while (this.#deliveries[this.#lastSlot % CELLS] !== undefined)
    const cell = this.#lastSlot % CELLS
    this.#deliveries[cell] = delivery
    this.#slots[cell] = this.#lastSlot
    this.#inFlight += 1
    return this.#lastSlot
  }
}
