/**
 * What crosses the border between the main thread and a worker: flat arrays of strings and numbers in, the same out, since
 * structured clone of many small objects costs more than one array of each kind. Errors cross as plain outcome records.
 */
import type { Outcome } from '../model/attempt.ts'
import type { Webhook } from '../model/webhook.ts'

/** A webhook's definition for a worker, sent ahead of its first delivery and again whenever it changes. */
export interface WebhookSource {
  readonly webhook: Webhook
  /** Grows with every change of the webhook. */
  readonly version: number
  /** Row of its metrics in the thread's block. */
  readonly metricsRow: number
}

/** A micro-batch: the same index in every array is one delivery. */
export interface DeliveryBatch {
  /** With a thread's first batch, and whenever they have changed. */
  readonly settings?: WorkerSettings
  /** Definitions that this worker does not have yet. */
  readonly sources: readonly WebhookSource[]
  /** Webhooks that no longer exist, to be forgotten. */
  readonly removed: readonly string[]
  readonly webhooks: readonly string[]
  readonly deliveryIds: readonly string[]
  readonly traceparents: readonly string[]
  /** Data points as JSON text; deliveries of one event stand side by side and share the text. */
  readonly payloads: readonly string[]
  /** Call context as JSON text, or empty. */
  readonly contexts: readonly string[]
}

/** Outcomes, joined per turn of the worker's loop, in the order in which they came. */
export interface OutcomeBatch {
  readonly deliveryIds: readonly string[]
  readonly outcomes: readonly Outcome[]
}

/** What a worker must know before it sends anything, and is told again when it changes; its listeners never do. */
export interface WorkerSettings {
  /** Names that percent tokens may use. */
  readonly pointNames: ReadonlySet<string>
  readonly maxConnectionsPerEndpoint: number
  /** Addresses of the engine's own listeners, never to be connected to. */
  readonly refusedListeners: readonly { readonly address: string; readonly port: number }[]
}

/** What a worker is started with, which can be before anything else is known. */
export interface WorkerSetup {
  /** Version for `user-agent`. */
  readonly version: string
  /** Where this thread writes its metrics. */
  readonly metricsBlock: SharedArrayBuffer
}
