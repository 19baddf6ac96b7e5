/**
 * What an engine answers about calls and about the data points that there are: stories, and the catalogue. As everything in
 * `answers.ts`, members that a later engine adds are simply there.
 */
import type { Phases } from '../model/attempt.ts'
import type { DataPoints, DataValue } from '../model/data.ts'
import type { Decision, Reason } from '../model/decision.ts'
import type { DeliveryState } from '../model/delivery.ts'
import type { AttemptSummary } from '../model/results.ts'
import type { Delivery, RenderAnswer } from './answers.ts'

/** Which calls are listed. */
export interface RecentCallsQuery {
  /** Only of this account; default: of all that the token is for. */
  readonly account?: string
  /** At most so many, 1 to 100; default 50. */
  readonly limit?: number
}

/** A call with the latest thing that happened, and the type of the event behind it. */
export interface RecentCall {
  readonly subject: string
  readonly account: string
  readonly time: string
  readonly latest: { readonly type: string; readonly webhook: string } & (
    | { readonly kind: 'delivery'; readonly state: DeliveryState }
    | { readonly kind: 'decision'; readonly decision: Decision['kind'] }
  )
}

/** Which part of a call's story. */
export interface CallQuery {
  /** Whose call; default: the one of the token, else `default`. */
  readonly account?: string
  /** Most deliveries and decisions on a page, 1 to 100; default 50. */
  readonly limit?: number
  /** `next` of the page before; absent: the latest. */
  readonly cursor?: string
}

/** A page of what is known of a call, the oldest first; `next` leads to what came before, and is null on the last page. */
export interface CallPage {
  readonly subject: string
  readonly account: string
  /** What answers have set, as it is now. */
  readonly context: DataPoints
  readonly entries: readonly CallEntry[]
  readonly next: string | null
}

/** A request as it was or would be sent, secrets masked; `invalid`: why it can't be sent safely. */
export type ShownRequest = RenderAnswer | { readonly invalid: string }

/** One request of an invoke to one of the webhook's servers; without `status` no answer has come. */
export interface CallTry {
  readonly time: string
  /** True: to the fallback. */
  readonly fallback?: true
  readonly status?: number
  readonly durationMs?: number
  readonly reason?: Reason
  readonly error?: string
  readonly phases?: Phases
  /** First 1 KiB. */
  readonly answer?: string
  /** Absent where the event was too large to be kept. */
  readonly request?: ShownRequest
}

/** One thing in a call's story. */
export type CallEntry = { readonly time: string } & (
  | {
      readonly kind: 'event'
      readonly id: string
      readonly source: string
      readonly type: string
      readonly data: DataValue
      /** The call's context when it was accepted. */
      readonly context: DataValue
    }
  | ({ readonly kind: 'delivery'; readonly request?: ShownRequest } & Delivery)
  | {
      readonly kind: 'decision'
      readonly deliveryId: string
      readonly webhook: string
      readonly event: { readonly id: string; readonly source: string; readonly type: string }
      /** Absent where the event was too large to be kept. */
      readonly data?: DataPoints
      readonly context?: DataPoints
      readonly decision: Decision
      readonly durationMs: number
      readonly attempt?: AttemptSummary
      readonly requests: readonly CallTry[]
    }
)

/** A data point that templates can use. */
export interface CatalogPoint {
  readonly name: string
  readonly description: string
  readonly example?: DataValue
}

/** All data points of a platform; those of the carrier itself are the platform `own`. */
export interface CatalogPlatform {
  readonly id: string
  readonly title: string
  readonly categories: readonly { readonly name: string; readonly dataPoints: readonly CatalogPoint[] }[]
}

/** A field of a template's format; `token` is the data point that is its whole value already. */
export interface TemplateField {
  readonly path: string
  readonly token: string | null
}
