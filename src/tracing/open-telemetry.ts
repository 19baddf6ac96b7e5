/**
 * Spans for the verbs, by OpenTelemetry: accept with route below it; for each attempt of a delivery deliver, with render, send and
 * settle; invoke with render, send and interpret. Spans that are over are made of the times that outcomes carry, so that nothing is
 * asked of workers. Invariant: the header that a server gets names the span of the request that carries it; where a trace is not
 * sampled, its one span is all there is. Main thread only; made by `load.ts`.
 */
import type { Outcome, Phases } from '../model/attempt.ts'
import type { Decision } from '../model/decision.ts'
import type { CallEvent } from '../model/event.ts'
import type { Webhook } from '../model/webhook.ts'
import {
  acceptAttributes,
  acceptError,
  acceptedAttributes,
  decisionError,
  deliverAttributes,
  eventKindAttributes,
  exchangeError,
  invokeAttributes,
  outcomeError,
  sentAttributes,
  settleAttributes,
} from './attributes.ts'
import { RequestSpans } from './request-spans.ts'
import { type Beginning, type OpenTelemetryApi, Spans, type TimedSpan } from './spans.ts'
import type { AcceptTrace, DeliverTrace, InvokeTrace, SendTrace, TracedDelivery, Tracing } from './tracing.ts'

/** A trace that nobody records. */
const UNSAMPLED = '00-00000000000000000000000000000001-0000000000000001-00'

/** An attempt of a delivery of which it is not on disk yet what became of it. */
interface Attempt {
  readonly deliver: TimedSpan
  /** What is under way of it: the request, or what was decided. */
  readonly step: TimedSpan
  /** Absent before it is decided. */
  readonly outcome?: Outcome
}

/** Why attempts did not come to their end. */
const CUT = { type: 'unsettled', message: 'the engine ended before it was on disk what became of the attempt' }

/** See the head of this file. */
export class OpenTelemetryTracing implements Tracing {
  readonly #spans: Spans
  /** By delivery. */
  readonly #attempts = new Map<string, Attempt>()
  readonly #requests = new RequestSpans()

  constructor(api: OpenTelemetryApi) {
    this.#spans = new Spans(api)
  }

  /** Whether somebody takes spans by now. Asks for one below a trace that is not sampled: it is none that anybody would miss. */
  get isHeard(): boolean {
    return this.#spans.begin(internal('probe', 0, {}), UNSAMPLED) !== undefined
  }

  accept(event: CallEvent, atMs: number): AcceptTrace | undefined {
    if (!this.#spans.hasListener) return undefined
    const attributes = eventKindAttributes(event)
    const span = this.#spans.begin({ name: 'accept', kind: 'CONSUMER', atMs, attributes }, event.traceparent)
    return span === undefined ? undefined : acceptTrace(span, event)
  }

  invoke(id: string, webhook: Webhook, event: CallEvent, atMs: number): InvokeTrace | undefined {
    if (!this.#spans.hasListener) return undefined
    const attributes = eventKindAttributes(event)
    const name = `invoke ${webhook.id}`
    const span = this.#spans.begin({ name, kind: 'SERVER', atMs, attributes }, event.traceparent)
    return span === undefined ? undefined : invokeTrace(span, id, webhook, event, this.#requests)
  }

  deliver(delivery: TracedDelivery, webhook: Webhook, atMs: number): DeliverTrace | undefined {
    if (!this.#spans.hasListener) return undefined
    const attributes = deliverAttributes(delivery, webhook)
    const name = `deliver ${webhook.id}`
    const deliver = this.#spans.begin({ name, kind: 'PRODUCER', atMs, attributes }, delivery.traceparent)
    if (deliver === undefined) return undefined
    if (!deliver.isRecorded) return { traceparent: deliver.traceparent }
    // It begins with the claim: its ids go with the delivery, and when it is rendered only its worker knows.
    const send = deliver.begin(this.#requests.beginning(webhook, delivery.attempts, atMs))
    this.#attempts.set(delivery.id, { deliver, step: send })
    return {
      traceparent: send.traceparent,
      settled: (outcome, next, settledAtMs) => {
        if (this.#attempts.get(delivery.id)?.step !== send) return
        endSend(deliver, send, outcome, atMs, settledAtMs)
        const settle = deliver.begin(
          internal(`settle ${webhook.id}`, settledAtMs, settleAttributes(delivery.id, webhook.id, next)),
        )
        this.#attempts.set(delivery.id, { deliver, step: settle, outcome })
      },
    }
  }

  kept(deliveries: readonly { readonly id: string }[], atMs: number): void {
    for (const { id } of deliveries) {
      const attempt = this.#attempts.get(id)
      if (attempt?.outcome === undefined) continue
      const { deliver, step, outcome } = attempt
      this.#attempts.delete(id)
      step.end(atMs)
      deliver.end(atMs, { 'switchhook.result': outcome.result }, outcomeError(outcome))
    }
  }

  close(atMs: number): void {
    for (const { deliver, step } of this.#attempts.values()) {
      step.end(atMs, undefined, CUT)
      deliver.end(atMs, { 'switchhook.result': 'unsettled' }, CUT)
    }
    this.#attempts.clear()
  }
}

function acceptTrace(accept: TimedSpan, event: CallEvent): AcceptTrace {
  const { traceparent } = accept
  if (!accept.isRecorded) return { traceparent }
  return {
    traceparent,
    routed: (webhooks, startedAtMs, endedAtMs) => {
      accept.add(internal('route', startedAtMs, { 'switchhook.webhooks': webhooks }), endedAtMs)
    },
    end: (result, atMs) => {
      accept.end(atMs, { ...acceptAttributes(event), ...acceptedAttributes(result) }, acceptError(result))
    },
  }
}

function invokeTrace(
  invoke: TimedSpan,
  id: string,
  webhook: Webhook,
  event: CallEvent,
  requests: RequestSpans,
): InvokeTrace {
  return {
    traceparent: invoke.traceparent,
    send: (target, startedAtMs) => {
      if (!invoke.isRecorded) return { traceparent: invoke.traceparent, end: () => undefined }
      const send = invoke.begin(requests.beginning(target, 0, startedAtMs))
      return sendTrace(invoke, send, startedAtMs)
    },
    end: (decision, atMs) => {
      if (!invoke.isRecorded) return
      const attributes = { ...invokeAttributes(id, webhook, event), ...decisionAttributes(decision) }
      invoke.end(atMs, attributes, decisionError(decision))
    },
  }
}

function sendTrace(invoke: TimedSpan, send: TimedSpan, startedAtMs: number): SendTrace {
  return {
    traceparent: send.traceparent,
    end: (exchange, decision) => {
      const { renderMs = 0, interpretMs } = exchange.phases
      const endedAtMs = startedAtMs + exchange.durationMs
      invoke.add(internal('render', startedAtMs - renderMs, {}), startedAtMs)
      send.end(endedAtMs, sentAttributes(exchange, exchange.phases), exchangeError(exchange, decision))
      if (interpretMs === undefined) return
      invoke.add(internal('interpret', endedAtMs, decisionAttributes(decision)), endedAtMs + interpretMs)
    },
  }
}

/** Ends the request of a delivery, and tells of its rendering; what no worker gave back ends when that is known. */
function endSend(
  deliver: TimedSpan,
  send: TimedSpan,
  outcome: Outcome,
  claimedAtMs: number,
  settledAtMs: number,
): void {
  const { startedAtMs, durationMs, phases } = outcome
  const renderedAtMs = startedAtMs + (phases.renderMs ?? 0)
  if (phases.renderMs !== undefined) deliver.add(internal('render', startedAtMs, {}), renderedAtMs)
  const endedAtMs = startedAtMs > 0 ? Math.min(renderedAtMs + durationMs, settledAtMs) : settledAtMs
  send.end(endedAtMs, sentAttributes(outcome, withQueue(outcome, claimedAtMs)), outcomeError(outcome))
}

/** The phases with how long the delivery was in the queue, which its worker does not know. */
function withQueue({ startedAtMs, phases }: Outcome, claimedAtMs: number): Phases {
  const queueMs = startedAtMs - claimedAtMs
  return queueMs < 0 ? phases : { queueMs, ...phases }
}

function internal(name: string, atMs: number, attributes: Beginning['attributes']): Beginning {
  return { name, kind: 'INTERNAL', atMs, attributes }
}

function decisionAttributes({ kind }: Decision): Beginning['attributes'] {
  return { 'switchhook.decision': kind }
}
