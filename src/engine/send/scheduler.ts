/**
 * The scheduler: brings due deliveries from the outbox to the senders and their outcomes back into it. Batches form by
 * themselves - whatever is due when a sender can take more goes out together - and there is one timer, for the earliest
 * thing to come. Invariant: every lease is settled exactly once, also when a worker dies; only then its ticket is free.
 */
import type { Clock } from '../../clock.ts'
import type { DeliveryResult } from '../../metrics/layout.ts'
import type { Outcome } from '../../model/attempt.ts'
import type { ClaimedDelivery, Outbox, Settlement } from '../../outbox/contract.ts'
import { parseRetryAfterMs } from '../../policy/retry-after.ts'
import type { DeliverTrace, Tracing } from '../../tracing/tracing.ts'
import type { Outgoing, Sender } from '../../worker/sender.ts'
import type { FoundWebhook, PlannedWebhook } from '../plan/plan.ts'
import type { TraceSource } from '../trace.ts'
import type { Admission, Ticket } from './admission.ts'
import { type Ended, isFirstAttempt, settle } from './settle.ts'

/** Most deliveries in a batch: enough to make the thread border cheap, few enough to render in about a millisecond. */
const BATCH_SIZE = 64

/** Batches posted in one turn of the main thread's loop before live calls and the ingress have theirs. */
const BATCHES_PER_TURN = 4

/** Longest time until the next look, so that a clock that was stepped is noticed. */
const MAX_SLEEP_MS = 60_000

/** Wait before settlements are tried again that the store could not keep. */
const STORE_RETRY_MS = 1000

/** A claimed delivery on its way, as it is posted and as it comes back with its outcome. */
export interface Lease extends Outgoing {
  readonly delivery: ClaimedDelivery
  /** As it was planned when the delivery was claimed. */
  readonly source: PlannedWebhook
  readonly ticket: Ticket
  readonly claimedAtMs: number
  readonly trace: DeliverTrace | undefined
}

/** What the scheduler tells of deliveries, to metrics and logs. */
export interface DeliveryListener {
  /** The first attempt of a delivery has ended, that went out `lagMs` after its acceptance; told once a delivery. */
  onFirstAttempt(lagMs: number): void
  /** A sender took so long to begin with a delivery after it was claimed. */
  onQueued(durationMs: number): void
  onSettled(webhookId: string, result: DeliveryResult, outcome: Outcome, origin: string, traceparent: string): void
  /** A delivery was due whose webhook is gone, and ends as a dead letter. */
  onOrphan(webhookId: string): void
  /** An attempt of it did not succeed. */
  onFailed(delivery: ClaimedDelivery, settlement: Settlement, outcome: Outcome): void
  /** The customer's server said 410 Gone. */
  onGone(webhookId: string): void
  /** The outbox could not keep what was settled; the same settlements are tried again. */
  onStoreError(error: unknown): void
  /** The outbox has kept what was settled. */
  onStoreWritten(settlements: readonly Settlement[]): void
}

/** Everything that the scheduler works with; the engine owns it all. */
export interface SchedulerParts {
  readonly outbox: Outbox
  readonly senders: readonly Sender<Lease>[]
  readonly admission: Admission
  readonly clock: Clock
  readonly traces: TraceSource
  readonly tracing?: Tracing | undefined
  readonly random: () => number
  readonly listener: DeliveryListener
  /** The webhook as the current plan has it, and whether it is active; undefined: it no longer exists. */
  readonly lookUp: (webhookId: string) => FoundWebhook | 'suspended' | undefined
  /** Most deliveries in flight over all senders. */
  readonly maxInFlight: number
}

/** See the head of this file. Main thread only. */
export class Scheduler {
  readonly #parts: SchedulerParts
  #inFlight = 0
  #timer: NodeJS.Timeout | undefined
  #timerAtMs = Number.POSITIVE_INFINITY
  #isPumpPlanned = false
  #isStopped = false
  /** What the store has not kept by now is due again at the next start. */
  #isEnded = false
  readonly #retryTimers = new Set<NodeJS.Timeout>()
  #onIdle: (() => void) | undefined

  constructor(parts: SchedulerParts) {
    this.#parts = parts
  }

  /** Deliveries in flight. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Something may be due, or a sender free: looks at it in this turn of the loop. Cheap; call it freely. */
  poke(): void {
    if (this.#isPumpPlanned || this.#isStopped) return
    this.#isPumpPlanned = true
    setImmediate(() => this.#pump())
  }

  /** Stops sending; resolves when nothing is in flight any more or after `deadlineMs`, whichever comes first. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    if (this.#inFlight > 0) {
      const idle = Promise.withResolvers<void>()
      this.#onIdle = idle.resolve
      const deadline = setTimeout(idle.resolve, deadlineMs)
      await idle.promise
      clearTimeout(deadline)
    }
    this.#isEnded = true
    for (const timer of this.#retryTimers) clearTimeout(timer)
  }

  /** Outcomes from a sender; see `SenderListener`. */
  onOutcomes(leases: readonly Lease[], outcomes: readonly Outcome[]): void {
    const nowMs = this.#parts.clock.nowMs()
    const settlements: Settlement[] = []
    for (const [index, lease] of leases.entries()) {
      const outcome = outcomes[index]
      if (outcome === undefined) continue
      this.#inFlight -= 1
      settlements.push(this.#settle(lease, outcome, nowMs))
    }
    this.#keep(settlements)
    this.poke()
    if (this.#inFlight === 0) this.#onIdle?.()
  }

  #pump(): void {
    this.#isPumpPlanned = false
    if (this.#isStopped) return
    const nowMs = this.#parts.clock.nowMs()
    this.#parts.admission.wake(nowMs)
    for (let batches = 0; batches < BATCHES_PER_TURN; batches += 1) {
      const sender = this.#freeSender()
      const room = this.#parts.maxInFlight - this.#inFlight
      // Both come back as an event: a sender that is ready, an outcome. Nothing needs to be timed.
      if (sender === undefined || room <= 0) return
      const wanted = Math.min(BATCH_SIZE, room)
      const sent = this.#sendDue(sender, nowMs, wanted)
      if (sent < wanted) {
        this.#sleep(nowMs)
        return
      }
    }
    this.poke()
  }

  /** Claims and posts one batch; returns how many deliveries were claimed. */
  #sendDue(sender: Sender<Lease>, nowMs: number, limit: number): number {
    const { outbox, admission, listener, lookUp, traces, tracing } = this.#parts
    // In the order of what is claimed; undefined: the webhook is gone, its deliveries only have to be ended. So have those of
    // another account, which had a webhook with this id before: its calls are not for this one's server.
    const admitted: ({ readonly planned: PlannedWebhook; readonly ticket: Ticket } | undefined)[] = []
    const admit = (webhookId: string): boolean => {
      const found = lookUp(webhookId)
      if (found === undefined) {
        admitted.push(undefined)
        return true
      }
      if (found === 'suspended' || !found.isActive) return false
      const ticket = admission.admitDelivery(found.planned.webhook, nowMs)
      if (ticket === undefined) return false
      admitted.push({ planned: found.planned, ticket })
      return true
    }
    const claimed = outbox.claim(nowMs, admit, limit)
    const leases: Lease[] = []
    const orphans: Settlement[] = []
    for (const [index, delivery] of claimed.entries()) {
      const found = admitted[index]
      const isOurs = found?.planned.webhook.account === delivery.account
      if (found !== undefined && !isOurs) admission.ended(found.ticket, 'cancelled', 0, nowMs)
      if (found === undefined || !isOurs) {
        listener.onOrphan(delivery.webhook)
        orphans.push({ id: delivery.id, atMs: nowMs, to: 'dead', reason: 'webhook-removed' })
        continue
      }
      const trace = tracing?.deliver(delivery, found.planned.webhook, nowMs)
      leases.push({
        deliveryId: delivery.id,
        traceparent: trace?.traceparent ?? traces.span(delivery.traceparent),
        payload: delivery.payload,
        context: delivery.context,
        source: found.planned,
        delivery,
        ticket: found.ticket,
        claimedAtMs: nowMs,
        trace,
      })
    }
    this.#inFlight += leases.length
    if (orphans.length > 0) this.#keep(orphans)
    if (leases.length > 0) sender.post(leases)
    return claimed.length
  }

  #settle(lease: Lease, outcome: Outcome, nowMs: number): Settlement {
    const { admission, listener, lookUp, random } = this.#parts
    const { delivery, source: planned, ticket, claimedAtMs } = lease
    const queueMs = outcome.startedAtMs > 0 ? Math.max(0, outcome.startedAtMs - claimedAtMs) : undefined
    if (queueMs !== undefined) listener.onQueued(queueMs)
    admission.ended(ticket, outcome.reason, outcome.status, nowMs, parseRetryAfterMs(outcome.retryAfter, nowMs))
    const found = lookUp(delivery.webhook)
    // One that was suspended meanwhile is tried again as it was: only what is gone ends.
    const current = found === 'suspended' ? planned : found?.planned
    const ended: Ended = {
      delivery,
      outcome,
      queueMs,
      webhook: current?.webhook,
      isProbe: ticket.isProbe,
      nowMs,
      random: random(),
    }
    const { settlement, deactivate } = settle(ended)
    lease.trace?.settled?.(outcome, settlement, nowMs)
    if (isFirstAttempt(ended, settlement)) listener.onFirstAttempt(claimedAtMs - delivery.acceptedAtMs)
    // A webhook that has changed meanwhile may have another server: let that one say so.
    if (deactivate && current === planned) listener.onGone(delivery.webhook)
    const { origin } = planned.webhook.endpoint
    if (settlement.to !== 'delivered') listener.onFailed(delivery, settlement, outcome)
    listener.onSettled(delivery.webhook, resultOf(settlement), outcome, origin, delivery.traceparent)
    return settlement
  }

  /** Settles durably; while the store can't write, the same settlements are tried again and their leases stay. */
  #keep(settlements: readonly Settlement[]): void {
    if (settlements.length === 0) return
    const { outbox, listener } = this.#parts
    outbox.settle(settlements).then(
      () => {
        listener.onStoreWritten(settlements)
        // Only now a failed delivery waits for its next attempt, and the next of an ordered call can go.
        this.poke()
      },
      (error: unknown) => {
        listener.onStoreError(error)
        if (this.#isEnded) return
        const timer = setTimeout(() => {
          this.#retryTimers.delete(timer)
          this.#keep(settlements)
        }, STORE_RETRY_MS)
        this.#retryTimers.add(timer)
      },
    )
  }

  #freeSender(): Sender<Lease> | undefined {
    let free: Sender<Lease> | undefined
    for (const sender of this.#parts.senders) {
      if (sender.isReady && (free === undefined || sender.inFlight < free.inFlight)) free = sender
    }
    return free
  }

  #sleep(nowMs: number): void {
    const { outbox, admission } = this.#parts
    const dueMs = Math.min(
      outbox.nextDueMs() ?? Number.POSITIVE_INFINITY,
      admission.nextWakeMs() ?? Number.POSITIVE_INFINITY,
    )
    if (dueMs === Number.POSITIVE_INFINITY) return
    if (this.#timer !== undefined && this.#timerAtMs <= dueMs) return
    clearTimeout(this.#timer)
    this.#timerAtMs = dueMs
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#pump()
      },
      Math.min(Math.max(1, dueMs - nowMs), MAX_SLEEP_MS),
    )
  }
}

/** A settlement as metrics name it: what an attempt was, as far as the delivery is concerned. */
function resultOf(settlement: Settlement): DeliveryResult {
  if (settlement.to !== 'again') return settlement.to
  switch (settlement.uses) {
    case 'attempt':
      return 'retried'
    case 'crash':
      return 'unsettled'
    case 'none':
      return 'held'
  }
}
