/**
 * What the engine tells metrics and logs: one small function for each thing that happens, so that the verbs themselves
 * know neither.
 */
import type { Metrics } from '../metrics/metrics.ts'
import type { InvokeListener } from './invoke.ts'
import type { DeliveryListener } from './scheduler.ts'

/** Where the engine writes what people on call must know. A pino logger fits. */
export interface EngineLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Deliveries into metrics. */
export function deliveryReports(metrics: Metrics): Pick<DeliveryListener, 'onFirstAttempt' | 'onQueued' | 'onSettled'> {
  return {
    onFirstAttempt: (lagMs) => metrics.lag(Math.max(0, lagMs)),
    onQueued: (durationMs) => metrics.recorder.overhead('queue', durationMs),
    onSettled: (webhookId, result, outcome, origin) => {
      metrics.delivery(webhookId, result)
      if (outcome.status > 0) metrics.endpointLatency(origin, outcome.durationMs)
    },
  }
}

/** Invokes into metrics. */
export function invokeReports(metrics: Metrics): InvokeListener {
  return {
    onAttempt: (planned, decision, exchange, origin) => {
      const result = decision.kind === 'backup' ? decision.reason : 'success'
      metrics.recorder.attempt(planned.metricsRow, result, exchange.durationMs)
      if (exchange.status > 0) metrics.endpointLatency(origin, exchange.durationMs)
    },
    onDecision: (planned, _decision, durationMs) => metrics.invoke(planned.webhook.id, durationMs),
    onOverhead: (stage, durationMs) => metrics.recorder.overhead(stage, durationMs),
  }
}
