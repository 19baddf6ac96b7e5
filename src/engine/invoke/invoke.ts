/**
 * Invoke: a live call waits. Render, send, interpret - on the main thread, with connections of its own, waiting for nothing
 * that deliveries do - and turn whatever comes into a decision. Never retried; a fallback server may be asked once.
 * Invariant: every invoke ends in exactly one decision, within its limits, whatever the customer's server does.
 */
import type { Clock } from '../../clock.ts'
import type { RenderRequest } from '../../compile/compile-request.ts'
import { interpretAnswer } from '../../interpret/interpret-answer.ts'
import { ANSWER_EXCERPT_BYTES, ANSWER_LIMIT_BYTES } from '../../model/answer.ts'
import type { Exchange } from '../../model/attempt.ts'
import type { DataSource } from '../../model/data.ts'
import { backup, type Decision } from '../../model/decision.ts'
import type { CallEvent } from '../../model/event.ts'
import type { GoneSignal } from '../../model/gone-signal.ts'
import type { RequestSpec } from '../../model/request-spec.ts'
import type { AttemptSummary, InvokeResult } from '../../model/results.ts'
import type { Endpoint, Webhook } from '../../model/webhook.ts'
import { parseRetryAfterMs } from '../../policy/retry-after.ts'
import type { InvokeTrace, Tracing } from '../../tracing/tracing.ts'
import type { ExchangeRequest, Transport } from '../../transport/transport.ts'
import type { CallContexts } from '../calls/call-context.ts'
import type { MadeDecision, ServerTry } from '../calls/decisions.ts'
import type { PlannedWebhook } from '../plan/plan.ts'
import type { Admission } from '../send/admission.ts'
import type { TraceSource } from '../trace.ts'
import { askHedged } from './hedge.ts'

/** How an invoke is limited by the one who asks. */
export interface InvokeLimits {
  /** For the whole invoke, from 1; never lengthens the webhook's own limits. */
  readonly budgetMs?: number
  /** Aborted when the caller has gone. */
  readonly signal?: GoneSignal
}

/** What invokes tell of themselves, to metrics. */
export interface InvokeListener {
  /** `origin` is that of the server asked: the webhook's or its fallback's. */
  onAttempt(planned: PlannedWebhook, decision: Decision, exchange: Exchange, origin: string): void
  onDecision(planned: PlannedWebhook, decision: Decision, durationMs: number, traceparent: string): void
  onOverhead(stage: 'render' | 'interpret', durationMs: number): void
}

/** Everything that an invoke works with; the engine owns it all. */
export interface InvokeParts {
  readonly transport: Transport
  readonly admission: Admission
  readonly contexts: CallContexts
  readonly clock: Clock
  readonly traces: TraceSource
  readonly tracing: Tracing | undefined
  readonly nextId: (nowMs: number) => string
  readonly listener: InvokeListener
  /** Takes down what was decided; must not hold up the call. */
  readonly onMade: (made: MadeDecision) => void
}

/** A decision and the exchange behind it. */
interface Answered {
  readonly decision: Decision
  readonly attempt: AttemptSummary | undefined
}

/** An invoke under way. */
interface Asking {
  readonly source: DataSource
  readonly deliveryId: string
  /** Wall time, and the monotonic clock's at the same moment. */
  readonly startedAtMs: number
  readonly startedAt: number
  readonly traceparent: string
  readonly trace: InvokeTrace | undefined
  readonly signal: GoneSignal | undefined
  /** What was sent so far. */
  readonly tries: ServerTry[]
}

/** One of a webhook's two servers. */
interface Server {
  readonly endpoint: Endpoint
  readonly request: RequestSpec
  readonly render: RenderRequest
  readonly isFallback: boolean
}

/** The time of a request to one server: when it was asked for, monotonic, and how long it may take. */
interface Turn {
  readonly askedAt: number
  readonly leftMs: number
}

/** See the head of this file. Main thread only. */
export class Invoker {
  readonly #parts: InvokeParts

  constructor(parts: InvokeParts) {
    this.#parts = parts
  }

  /** Invokes an active webhook, or tells why not. Always resolves. */
  async invoke(
    planned: PlannedWebhook,
    isActive: boolean,
    event: CallEvent,
    limits: InvokeLimits,
  ): Promise<InvokeResult> {
    const { clock, contexts, listener, nextId, onMade, traces, tracing } = this.#parts
    const { webhook } = planned
    const { signal, budgetMs } = limits
    const startedAtMs = clock.nowMs()
    const startedAt = clock.monotonicMs()
    const deliveryId = nextId(startedAtMs)
    const context = contexts.read(webhook.account, event.subject, startedAtMs)
    const trace = tracing?.invoke(deliveryId, webhook, event, startedAtMs)
    const traceparent = trace?.traceparent ?? traces.begin(event.traceparent)
    const source = { data: event.data, context }
    const asking: Asking = { source, deliveryId, startedAtMs, startedAt, traceparent, trace, signal, tries: [] }
    const answered = isActive
      ? await this.#ask(planned, asking, budgetMs)
      : { decision: backup('inactive', 'the webhook is deactivated'), attempt: undefined }
    const decision = withBackup(answered.decision, webhook)
    const isCancelled = decision.kind === 'backup' && decision.reason === 'cancelled'
    if (!isCancelled) contexts.record(webhook.account, event.subject, decision, clock.nowMs())
    const durationMs = clock.monotonicMs() - startedAt
    trace?.end(decision, startedAtMs + durationMs)
    listener.onDecision(planned, decision, durationMs, traceparent)
    const { attempt } = answered
    const { tries } = asking
    onMade({ id: deliveryId, planned, event, context, traceparent, startedAtMs, durationMs, decision, attempt, tries })
    const result = { deliveryId, webhook: webhook.id, decision }
    return attempt === undefined ? result : { ...result, attempt }
  }

  #ask(planned: PlannedWebhook, asking: Asking, callersBudgetMs: number = Number.POSITIVE_INFINITY): Promise<Answered> {
    const { endpoint, request, fallback } = planned.webhook
    const budgetMs = Math.min(callersBudgetMs, fallback?.budgetMs ?? Number.POSITIVE_INFINITY)
    const server = { endpoint, request, render: planned.render, isFallback: false }
    const first = this.#askServer(planned, server, asking, { askedAt: asking.startedAt, leftMs: budgetMs })
    const { renderFallback } = planned
    if (fallback === undefined || renderFallback === undefined) return first
    const askSecond = (): Promise<Answered> => {
      const askedAt = this.#parts.clock.monotonicMs()
      const second = { ...fallback, render: renderFallback, isFallback: true }
      return this.#askServer(planned, second, asking, { askedAt, leftMs: budgetMs - (askedAt - asking.startedAt) })
    }
    return askBoth(first, askSecond, fallback.afterMs)
  }

  #askServer(planned: PlannedWebhook, server: Server, call: Asking, { askedAt, leftMs }: Turn): Promise<Answered> {
    const { admission, clock, listener, traces, transport } = this.#parts
    const { webhook } = planned
    const refused = (decision: Decision): Promise<Answered> => Promise.resolve({ decision, attempt: undefined })
    if (call.signal?.aborted === true) return refused(cancelled())
    if (leftMs < 1) return refused(backup('response-timeout', 'no time was left to ask the server'))

    const beforeRender = clock.monotonicMs()
    const request = server.render(call.source)
    const queueMs = beforeRender - askedAt
    const renderMs = clock.monotonicMs() - beforeRender
    listener.onOverhead('render', renderMs)
    if (request.kind === 'invalid') return refused(backup('invalid-request', request.detail))

    const sentAtMs = clock.nowMs()
    const ticket = admission.admitInvoke(webhook, server.endpoint, server.isFallback, sentAtMs)
    if (typeof ticket === 'string') return refused(backup(ticket, refusalDetail(ticket, server.endpoint)))

    const { promise, resolve } = Promise.withResolvers<Answered>()
    const readsStatusOnly = webhook.answer.kind === 'status' || webhook.answer.kind === 'ignored'
    const sending = call.trace?.send(server, call.startedAtMs + (clock.monotonicMs() - call.startedAt))
    const traceparent = sending?.traceparent ?? traces.span(call.traceparent)
    const exchangeRequest: ExchangeRequest = {
      endpoint: server.endpoint,
      method: request.method,
      path: request.path,
      headers: planned.signer.headers(request, call.deliveryId, sentAtMs, traceparent),
      body: request.body,
      connectTimeoutMs: webhook.connectTimeoutMs,
      responseTimeoutMs: webhook.responseTimeoutMs,
      totalTimeoutMs: leftMs,
      bodyLimitBytes: readsStatusOnly ? ANSWER_EXCERPT_BYTES : ANSWER_LIMIT_BYTES,
      overflow: readsStatusOnly ? 'drop' : 'fail',
    }
    const attempted: ServerTry = { isFallback: server.isFallback, startedAtMs: sentAtMs }
    call.tries.push(attempted)
    const sent = transport.send(exchangeRequest, (received) => {
      call.signal?.removeEventListener('abort', abort)
      const beforeInterpret = clock.monotonicMs()
      const decision = decide(webhook, received)
      const interpretMs = clock.monotonicMs() - beforeInterpret
      listener.onOverhead('interpret', interpretMs)
      const phases = { queueMs, renderMs, ...received.phases }
      const exchange = { ...received, phases: received.kind === 'answered' ? { ...phases, interpretMs } : phases }
      attempted.ended = { decision, exchange }
      sending?.end(exchange, decision)
      const reason = decision.kind === 'backup' ? decision.reason : ''
      const retryAfter = exchange.kind === 'answered' ? exchange.retryAfter : ''
      const endedAtMs = clock.nowMs()
      admission.ended(ticket, reason, exchange.status, endedAtMs, parseRetryAfterMs(retryAfter, endedAtMs))
      listener.onAttempt(planned, decision, exchange, server.endpoint.origin)
      resolve({ decision, attempt: summaryOf(exchange, server.isFallback) })
    })
    const abort = (): void => sent.abort()
    call.signal?.addEventListener('abort', abort, { once: true })
    return promise
  }
}

function decide(webhook: Webhook, exchange: Exchange): Decision {
  if (exchange.kind === 'failed') {
    return exchange.reason === 'cancelled' ? cancelled() : backup(exchange.reason, exchange.detail)
  }
  return interpretAnswer(webhook.answer, exchange, webhook.success === 'any' ? [] : webhook.success)
}

function cancelled(): Decision {
  return backup('cancelled', 'the caller closed the connection before the decision was made')
}

function refusalDetail(reason: 'circuit-open' | 'overloaded', endpoint: Endpoint): string {
  return reason === 'circuit-open'
    ? `${endpoint.origin} keeps failing; it is asked again from time to time`
    : `as many requests as allowed are in flight to ${endpoint.origin}`
}

async function askBoth(
  first: Promise<Answered>,
  askSecond: () => Promise<Answered>,
  afterMs: number | undefined,
): Promise<Answered> {
  const result = await askHedged({
    first,
    askSecond,
    afterMs,
    isUsable: ({ decision }) => decision.kind !== 'backup',
    isFinal: ({ decision }) => decision.kind === 'backup' && decision.reason === 'cancelled',
  })
  switch (result.kind) {
    case 'first':
      return result.first
    case 'second':
      return result.second
    case 'none':
      return bothFailed(result.first, result.second)
  }
}

function bothFailed(first: Answered, second: Answered): Answered {
  if (first.decision.kind !== 'backup' || second.decision.kind !== 'backup') return first
  // Nobody waits for the decision any more, whatever became of the first.
  if (second.decision.reason === 'cancelled') return second
  const { decision } = first
  const detail = `${decision.detail}; fallback: ${second.decision.reason}, ${second.decision.detail}`
  return { decision: { ...decision, detail }, attempt: first.attempt ?? second.attempt }
}

function withBackup(decision: Decision, webhook: Webhook): Decision {
  return decision.kind === 'backup' && webhook.backup !== undefined ? { ...decision, backup: webhook.backup } : decision
}

function summaryOf(exchange: Exchange, isFallback: boolean): AttemptSummary {
  const summary = {
    status: exchange.status,
    durationMs: Math.round(exchange.durationMs * 10) / 10,
    bytes: exchange.bytes,
  }
  return isFallback ? { ...summary, fallback: true } : summary
}
