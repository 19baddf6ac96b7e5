/**
 * What crosses the border between the main thread and a worker: what the worker has to know, batches of deliveries, and reports
 * of what became of them, packed as `batch-codec.ts` says. Errors cross as plain outcome records.
 */
import type { Webhook } from '../model/webhook.ts'
import type { PackedDeliveries, PackedOutcomes } from './batch-codec.ts'

/**
 * A thread that has so many deliveries, and has not told that it began with them, is given no more: a batch that it works on and
 * one that waits.
 */
export const MAX_PENDING = 128

/** A webhook's definition for a worker, sent ahead of its first delivery and again whenever it changes. */
export interface WebhookSource {
  readonly webhook: Webhook
  /** Grows with every change of the webhook. */
  readonly version: number
  /** Row of its metrics in the thread's block. */
  readonly metricsRow: number
}

/** From the main thread: first what the worker has to know, then what it sends. */
export interface DeliveryBatch {
  /** With a thread's first batch, and whenever they have changed. */
  readonly settings?: WorkerSettings
  /** Definitions that this worker does not have yet, each with the number by which deliveries name it. */
  readonly sources: readonly (readonly [number: number, source: WebhookSource])[]
  /** Webhooks that no longer exist, to be forgotten. */
  readonly removed: readonly number[]
  readonly deliveries: PackedDeliveries
}

/** From a worker, at most one a turn of its loop. */
export interface WorkerReport {
  /** Batches whose requests are on their way since the report before. */
  readonly batches: number
  /** Deliveries in them: there is room for so many more. */
  readonly deliveries: number
  readonly outcomes: PackedOutcomes
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
  /** Where this thread writes its metrics; undefined: nothing is counted. */
  readonly metricsBlock: SharedArrayBuffer | undefined
}
