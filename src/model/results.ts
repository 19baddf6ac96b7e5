/**
 * What the engine answers to those who call it: results of accepting an event and of invoking a webhook.
 * Made by `engine/`, turned into HTTP by `ingress/`. Members of {@link InvokeResult} are part of the API.
 */
import type { Decision } from './decision.ts'

/** What became of one event; in the order of the events handed in. */
export type AcceptResult =
  /** Durable; `deliveries` were made of it, 0 where it triggers no webhook. */
  | { readonly kind: 'accepted'; readonly deliveries: number }
  /** The same account, source and id was accepted within 24 h. */
  | { readonly kind: 'duplicate' }
  /**
   * Nothing of it was kept. `retryable`: the same event can be accepted later (the outbox is full, the store can't write). Not so
   * where it triggers more webhooks than an event may.
   */
  | { readonly kind: 'rejected'; readonly detail: string; readonly retryable: boolean; readonly retryAfterMs?: number }

/** The request to the customer's server behind a decision, as carriers see it. */
export interface AttemptSummary {
  /** HTTP status, or 0 where none came. */
  readonly status: number
  readonly durationMs: number
  /** Body bytes received. */
  readonly bytes: number
  /** True where the answer is the fallback server's. */
  readonly fallback?: boolean
}

/** A decision with what stands behind it; sent to carriers as it is. */
export interface InvokeResult {
  readonly deliveryId: string
  /** The webhook's id. */
  readonly webhook: string
  readonly decision: Decision
  /** Absent where nothing was sent (`inactive`, `circuit-open`, `overloaded`, `invalid-request`). */
  readonly attempt?: AttemptSummary
}
