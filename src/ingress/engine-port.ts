/**
 * What the ingress asks of the engine, declared by the one who calls it. Everything that can be expected is a value; a
 * promise that rejects means that the engine is broken or stopping ({@link SwitchhookError} `unavailable`, `full`).
 * All calls come from the main thread.
 */
import type { CatalogPlatform } from '../catalog/description.ts'
import type { DeliveryRecord } from '../model/delivery.ts'
import type { CallEvent } from '../model/event.ts'
import type { InvalidRequest, RenderedRequest } from '../model/request-spec.ts'
import type { AcceptResult, InvokeResult } from '../model/results.ts'
import type { DeliveryPage, DeliveryQuery } from '../outbox/contract.ts'

/** How an invoke is limited by the one who asks. */
export interface InvokeOptions {
  /** The most time for the whole invoke in milliseconds, at least 1; it never lengthens the webhook's own limits. */
  readonly budgetMs?: number
  /** Aborted when the caller has gone: the request is dropped and the decision is `backup` with reason `cancelled`. */
  readonly signal?: AbortSignal
}

/** What came of asking for a delivery to be sent again now. */
export type RetryResult =
  | { readonly kind: 'retried' }
  | { readonly kind: 'not-found' }
  /** The state does not allow it; `detail` tells why in one sentence without a final stop. */
  | { readonly kind: 'refused'; readonly detail: string }

/** One thing that must work before traffic should come here. */
export interface ReadinessCheck {
  /** `store`, `workers` … */
  readonly name: string
  readonly ready: boolean
  /** What is the matter, or how it stands. Read by people. */
  readonly detail: string
}

/** The engine as the ingress sees it. */
export interface EnginePort {
  /** Resolves when every event is durable or refused; results stand in the order of the events. */
  accept(events: readonly CallEvent[]): Promise<readonly AcceptResult[]>
  /** Always resolves; undefined where there is no such webhook. */
  invoke(webhookId: string, event: CallEvent, options: InvokeOptions): Promise<InvokeResult | undefined>
  /** The request that an invoke would send, without signature or secret; undefined where there is no such webhook. */
  render(webhookId: string, event: CallEvent): Promise<RenderedRequest | InvalidRequest | undefined>
  /** The account that a webhook belongs to; undefined where there is no such webhook. */
  accountOf(webhookId: string): string | undefined
  /** Scheme, host and port that a webhook's requests go to (`https://crm.example.com`); undefined as above. */
  originOf(webhookId: string): string | undefined
  /** A page of deliveries, newest first. */
  deliveries(query: DeliveryQuery): Promise<DeliveryPage>
  /** One delivery; undefined where there is none, or no longer. */
  delivery(id: string): Promise<DeliveryRecord | undefined>
  /** Makes a delivery due now. */
  retry(id: string): Promise<RetryResult>
  /** All data points by platform, the carrier's own included. */
  catalog(): readonly CatalogPlatform[]
  /** Live figures, JSON values only. */
  stats(): Readonly<Record<string, unknown>>
  /** Ready when every check is. */
  readiness(): readonly ReadinessCheck[]
}
