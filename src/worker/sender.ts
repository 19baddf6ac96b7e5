/**
 * A sender takes deliveries and gives back exactly one outcome for each, whatever happens to the thread behind it.
 * The scheduler sees senders only; whether one is a worker thread or the main thread itself makes no difference to it.
 */
import type { Outcome } from '../model/attempt.ts'
import { AttemptRunner } from './attempt-runner.ts'
import type { DeliveryBatch, WebhookSource, WorkerSettings, WorkerSetup } from './protocol.ts'

/** One delivery on its way out. */
export interface Outgoing {
  readonly deliveryId: string
  readonly traceparent: string
  readonly payload: string
  readonly context: string
  readonly source: WebhookSource
}

/** Whom a sender reports to. */
export interface SenderListener {
  /** Outcomes as they came, joined per turn of the loop; a dead thread's deliveries come as `unsettled`. */
  onOutcomes(deliveryIds: readonly string[], outcomes: readonly Outcome[]): void
  /** The sender can take a batch (again). */
  onReady(): void
  /** A worker thread ended though nobody asked it to; a new one is being started. */
  onWorkerDeath(name: string, detail: string): void
}

/** See the head of this file. Main thread only. */
export interface Sender {
  readonly name: string
  /** False before it is configured, while its thread starts, and while it has not yet rendered what it was given. */
  readonly isReady: boolean
  /** Deliveries posted whose outcome has not come. */
  readonly inFlight: number
  /** Batches posted that are not rendered yet. */
  readonly queuedBatches: number
  /** 0 to 1 since the last call: share of time in which its thread was not idle. */
  utilization(): number
  /** What holds for everything that is posted from now on; nothing is sent before the first call. */
  configure(settings: WorkerSettings): void
  post(deliveries: readonly Outgoing[]): void
  /** A webhook no longer exists: what its thread remembers of it can go. */
  forget(webhook: string): void
  /** Ends the thread and its connections; what was in flight is not reported any more. */
  close(): Promise<void>
}

/** Builds batches for one thread and remembers what that thread knows: settings, webhooks by version. */
export class BatchBuilder {
  readonly #versions = new Map<string, number>()
  #removed: string[] = []
  /** Settings that the thread does not have yet. */
  #settings: WorkerSettings | undefined

  configure(settings: WorkerSettings): void {
    this.#settings = settings
  }

  build(deliveries: readonly Outgoing[]): DeliveryBatch {
    const sources: WebhookSource[] = []
    for (const { source } of deliveries) {
      if (this.#versions.get(source.webhook.id) === source.version) continue
      this.#versions.set(source.webhook.id, source.version)
      sources.push(source)
    }
    const removed = this.#removed
    const settings = this.#settings
    this.#removed = []
    this.#settings = undefined
    return {
      ...(settings === undefined ? {} : { settings }),
      sources,
      removed,
      webhooks: deliveries.map(({ source }) => source.webhook.id),
      deliveryIds: deliveries.map(({ deliveryId }) => deliveryId),
      traceparents: deliveries.map(({ traceparent }) => traceparent),
      payloads: deliveries.map(({ payload }) => payload),
      contexts: deliveries.map(({ context }) => context),
    }
  }

  forget(webhook: string): void {
    if (this.#versions.delete(webhook)) this.#removed.push(webhook)
  }
}

/** Deliveries rendered and sent in one turn of the main thread's loop: about a millisecond, so that live calls have theirs. */
const INLINE_SLICE = 16

/** Sends from the main thread: `workers: 0`. */
export class InlineSender implements Sender {
  readonly name = 'main'
  readonly #runner: AttemptRunner
  readonly #listener: SenderListener
  readonly #batches = new BatchBuilder()
  /** Posted and not yet rendered. */
  #waiting: readonly Outgoing[] = []
  #inFlight = 0
  #isConfigured = false
  #isClosed = false

  constructor(setup: WorkerSetup, listener: SenderListener) {
    this.#listener = listener
    this.#runner = new AttemptRunner(setup, ({ deliveryIds, outcomes }) => {
      if (this.#isClosed) return
      this.#inFlight -= deliveryIds.length
      listener.onOutcomes(deliveryIds, outcomes)
    })
  }

  get isReady(): boolean {
    return this.#isConfigured && this.#waiting.length === 0
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get queuedBatches(): number {
    return this.#waiting.length > 0 ? 1 : 0
  }

  /** The main thread's own utilization is a metric of Node's; as a sender it has none of its own. */
  utilization(): number {
    return 0
  }

  configure(settings: WorkerSettings): void {
    this.#isConfigured = true
    this.#batches.configure(settings)
  }

  post(deliveries: readonly Outgoing[]): void {
    this.#inFlight += deliveries.length
    this.#waiting = [...this.#waiting, ...deliveries]
    this.#sendSlice()
  }

  forget(webhook: string): void {
    this.#batches.forget(webhook)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#runner.close()
  }

  #sendSlice(): void {
    const slice = this.#waiting.slice(0, INLINE_SLICE)
    this.#waiting = this.#waiting.slice(INLINE_SLICE)
    this.#runner.run(this.#batches.build(slice))
    setImmediate(() => {
      if (this.#isClosed) return
      if (this.#waiting.length > 0) this.#sendSlice()
      else this.#listener.onReady()
    })
  }
}
