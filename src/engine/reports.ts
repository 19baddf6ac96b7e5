/**
 * What the engine tells metrics and logs: one small function for each thing that happens, so that the verbs themselves
 * know neither.
 */
import type { Clock } from '../clock.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { CallEvent } from '../model/event.ts'
import type { AcceptResult } from '../model/results.ts'
import type { InvokeListener } from './invoke/invoke.ts'
import type { DeliveryListener } from './send/scheduler.ts'

/** Where the engine writes what people on call must know. A pino logger fits. */
export interface EngineLog {
  /** What is left out unless somebody looks for it. */
  debug?(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Events into metrics, by what became of them; the results stand in their order. What is retryable had no room. */
export function reportAccepted(metrics: Metrics, events: readonly CallEvent[], results: readonly AcceptResult[]): void {
  for (const [index, result] of results.entries()) {
    metrics.event(events[index]?.type ?? '', result.kind)
    if (result.kind === 'rejected' && result.retryable) metrics.eventsRefused('backlog', 1)
  }
}

/** Deliveries into metrics. */
export function deliveryReports(
  metrics: Metrics,
  clock: Clock,
): Pick<DeliveryListener, 'onFirstAttempt' | 'onQueued' | 'onSettled' | 'onOrphan'> {
  return {
    onFirstAttempt: (lagMs) => metrics.lag(Math.max(0, lagMs)),
    onQueued: (queueMs) => {
      metrics.recorder.overhead('queue', queueMs)
      metrics.recorder.phases('send', { queueMs })
    },
    onSettled: (webhookId, result, { status, durationMs }, origin, traceparent) => {
      metrics.delivery(webhookId, result)
      if (status === 0) return
      metrics.endpointLatency(origin, durationMs)
      metrics.exemplar(webhookId, 'attempt', durationMs, traceparent, clock.nowMs())
    },
    onOrphan: (webhookId) => metrics.delivery(webhookId, 'dead'),
  }
}

/** Invokes into metrics. */
export function invokeReports(metrics: Metrics, clock: Clock): InvokeListener {
  return {
    onAttempt: (planned, decision, exchange, origin) => {
      const result = decision.kind === 'backup' ? decision.reason : 'success'
      metrics.recorder.attempt(planned.metricsRow, result, exchange.durationMs)
      metrics.recorder.phases('invoke', exchange.phases)
      if (exchange.status > 0) metrics.endpointLatency(origin, exchange.durationMs)
    },
    onDecision: ({ webhook }, decision, durationMs, traceparent) => {
      metrics.invoke(webhook.id, decision.kind === 'backup' ? decision.reason : 'success', durationMs)
      metrics.exemplar(webhook.id, 'invoke', durationMs, traceparent, clock.nowMs())
    },
    onOverhead: (stage, durationMs) => metrics.recorder.overhead(stage, durationMs),
  }
}
