/**
 * What the ingress asks of the engine, declared by the one who calls it. Everything that can be expected is a value; a
 * promise that rejects means that the engine is broken or stopping ({@link SwitchhookError} `unavailable`, `full`).
 * All calls come from the main thread.
 */
import type { CatalogPlatform } from '../../catalog/description.ts'
import type { DeliveryRecord, DeliveryState, Hold } from '../../model/delivery.ts'
import type { CallEvent } from '../../model/event.ts'
import type { GoneSignal } from '../../model/gone-signal.ts'
import type { InvalidRequest, RenderedRequest } from '../../model/request-spec.ts'
import type { AcceptResult, InvokeResult } from '../../model/results.ts'
import type { DeliveryPage, DeliveryQuery } from '../../outbox/contract.ts'
import type { CallsPort } from './calls-port.ts'

/** How an invoke is limited by the one who asks. */
export interface InvokeOptions {
  /** The most time for the whole invoke in milliseconds, at least 1; it never lengthens the webhook's own limits. */
  readonly budgetMs?: number
  /** Aborted when the caller has gone: the request is dropped and the decision is `backup` with reason `cancelled`. */
  readonly signal?: GoneSignal
}

/** What came of asking for a delivery to be sent again now. */
export type RetryResult =
  | { readonly kind: 'retried' }
  | { readonly kind: 'not-found' }
  /** The state does not allow it; `detail` tells why in one sentence without a final stop. */
  | { readonly kind: 'refused'; readonly detail: string }

/** What a replay sends again. */
export interface ReplayRequest {
  readonly webhook: string
  readonly state: Exclude<DeliveryState, 'pending'>
  /** Accepted in [sinceMs, untilMs), milliseconds since the epoch. */
  readonly sinceMs: number
  readonly untilMs: number
  /** Only events of these accounts; absent: of all. */
  readonly accounts?: readonly string[]
}

/** What came of a replay; `refused` as in {@link RetryResult}. */
export type ReplayResult =
  | { readonly kind: 'replayed'; readonly count: number }
  | { readonly kind: 'refused'; readonly detail: string }

/** What a purge removes. */
export interface PurgeRequest {
  readonly state: Exclude<DeliveryState, 'pending'>
  /** Ended before this, milliseconds since the epoch. */
  readonly endedBeforeMs: number
  /** Absent: of all webhooks, also of those that no longer exist. */
  readonly webhook?: string
  readonly accounts?: readonly string[]
}

/** Whose data is erased: all of a call, or every event with a telephone number. */
export interface EraseRequest {
  readonly of:
    | { readonly kind: 'call'; readonly subject: string }
    | { readonly kind: 'number'; readonly number: string }
  /** Only events of these accounts; absent: of all. */
  readonly accounts?: readonly string[]
  /** True: only counts, changes nothing. */
  readonly isDryRun: boolean
  /** `next` of the answer before; absent: from the beginning. */
  readonly cursor?: string
}

/** What an erasure came to so far. */
export interface EraseAnswer {
  readonly events: number
  readonly deliveries: number
  /** How many of the deliveries were pending. */
  readonly pending: number
  /** Where the next request goes on; absent: all is done. */
  readonly next?: string
}

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
  readonly calls: CallsPort
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
  /** What keeps a pending delivery from going out now; undefined where nothing does, it is in flight, or it is not yet due. */
  holdOf(delivery: DeliveryRecord): Hold | undefined
  /** Makes a delivery due now. */
  retry(id: string): Promise<RetryResult>
  /** All data points by platform, the carrier's own included. */
  catalog(): readonly CatalogPlatform[]
  /** Makes many ended deliveries of a webhook due now; resolves when all of them are, durably. */
  replay(request: ReplayRequest): Promise<ReplayResult>
  /** Removes many ended deliveries; resolves to how many, when all of them are gone for good. */
  purge(request: PurgeRequest): Promise<number>
  /** Erases what is kept of a call or a telephone number, for about half a second; resolves when that is gone for good. */
  erase(request: EraseRequest): Promise<EraseAnswer>
  /** Activates a webhook or deactivates it, durably; its deliveries are held meanwhile. False where there is none. */
  setActive(webhookId: string, isActive: boolean): Promise<boolean>
  /** Live figures, JSON values only; of some accounts alone only what is theirs. */
  stats(accounts: readonly string[] | 'all'): Promise<Readonly<Record<string, unknown>>>
  /** Ready when every check is. */
  readiness(): readonly ReadinessCheck[]
}
