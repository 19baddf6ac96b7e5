/**
 * What the engine tells a tracer of: one call where a verb begins and one where it ends, with the times at which that was. Only the
 * main thread knows of it; what workers did is told from the outcomes that they give back. Invariant: where nothing is traced there
 * is no `Tracing`, so that every way through the engine looks at one field and does nothing.
 * Called by the engine; made by `loadTracing`, or by a program that embeds Switchhook.
 */
import type { Exchange, Outcome } from '../model/attempt.ts'
import type { Decision } from '../model/decision.ts'
import type { DeadReason } from '../model/delivery.ts'
import type { CallEvent } from '../model/event.ts'
import type { RequestSpec } from '../model/request-spec.ts'
import type { AcceptResult } from '../model/results.ts'
import type { Endpoint, Webhook } from '../model/webhook.ts'

/**
 * A tracer as the engine sees it; times are Unix milliseconds with fractions. What begins gives `undefined` where nobody listens:
 * the engine then makes trace ids of its own, as it does without a tracer. What is thrown is logged.
 */
export interface Tracing {
  /** An event was handed in. */
  accept(event: CallEvent, startedAtMs: number): AcceptTrace | undefined
  /** A live call waits. `id` is the invoke's. */
  invoke(id: string, webhook: Webhook, event: CallEvent, startedAtMs: number): InvokeTrace | undefined
  /** A delivery was claimed for its next attempt. */
  deliver(delivery: TracedDelivery, webhook: Webhook, claimedAtMs: number): DeliverTrace | undefined
  /** What became of these deliveries is on disk. */
  kept(deliveries: readonly { readonly id: string }[], atMs: number): void
  /** The engine has ended: nothing will be told of attempts that are not kept by now. */
  close(atMs: number): void
}

/** A tracer, and whether somebody takes its spans by now. */
export interface LoadedTracing {
  readonly tracing: Tracing
  /** False: no tracer provider is registered yet. */
  readonly isHeard: boolean
}

/** A delivery as far as its trace is concerned. */
export interface TracedDelivery {
  readonly id: string
  readonly account: string
  /** Of the event, as it was accepted. */
  readonly traceparent: string
  /** Attempts that were made before. */
  readonly attempts: number
}

/** An event that is taken in. What is told of it is absent where nobody records it: then nothing is measured for it either. */
export interface AcceptTrace {
  /** The parent of all that follows from the event. */
  readonly traceparent: string
  /** It was looked up which webhooks it triggers. Told only where {@link end} is present. */
  routed?(webhooks: number, startedAtMs: number, endedAtMs: number): void
  /** `result` is undefined where the store could not keep it. */
  end?(result: AcceptResult | undefined, atMs: number): void
}

/** An invoke under way. */
export interface InvokeTrace {
  readonly traceparent: string
  /** A request to one of the webhook's servers goes out. */
  send(target: SendTarget, startedAtMs: number): SendTrace | undefined
  end(decision: Decision, atMs: number): void
}

/** Where a request goes. */
export interface SendTarget {
  readonly endpoint: Endpoint
  readonly request: RequestSpec
}

/** A request under way. */
export interface SendTrace {
  /** The header for the customer's server. */
  readonly traceparent: string
  /** It ended; its phases tell when it was rendered, and when its answer was interpreted. */
  end(exchange: Exchange, decision: Decision): void
}

/** A delivery's attempt under way. */
export interface DeliverTrace {
  /** The header for the customer's server. */
  readonly traceparent: string
  /** It ended, and it was decided how the delivery goes on. Absent where nobody records it. */
  settled?(outcome: Outcome, next: TracedSettlement, atMs: number): void
}

/** How a delivery goes on. */
export interface TracedSettlement {
  readonly to: 'delivered' | 'again' | 'dead'
  /** Of a dead one. */
  readonly reason?: DeadReason
}
