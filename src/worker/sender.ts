/**
 * A sender takes deliveries and gives back exactly one outcome for each, whatever happens to the thread behind it.
 * The scheduler sees senders only; whether one is a worker thread or the main thread itself makes no difference to it.
 */
import type { Outcome } from '../model/attempt.ts'
import type { WebhookSource, WorkerSettings } from './protocol.ts'

/** One delivery on its way out. */
export interface Outgoing {
  readonly deliveryId: string
  readonly traceparent: string
  readonly payload: string
  readonly context: string
  readonly source: WebhookSource
}

/** Whom a sender reports to. */
export interface SenderListener<Delivery extends Outgoing = Outgoing> {
  /** Deliveries just as they were posted, each with its outcome, in the order in which these came; a dead thread's are `unsettled`. */
  onOutcomes(deliveries: readonly Delivery[], outcomes: readonly Outcome[]): void
  /** The sender can take a batch (again). */
  onReady(): void
  /** A worker thread ended though nobody asked it to; a new one is being started. */
  onWorkerDeath(name: string, detail: string): void
}

/** See the head of this file. Main thread only. */
export interface Sender<Delivery extends Outgoing = Outgoing> {
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
  post(deliveries: readonly Delivery[]): void
  /** A webhook no longer exists: what its thread remembers of it can go. */
  forget(webhook: string): void
  /** Ends the thread and its connections; what is in flight is not reported any more, but for what its thread had told by now. */
  close(): Promise<void>
}
