/** A decision at the moment that it is made, for regression tests. */
import type { MadeDecision } from '../../src/engine/calls/decisions.ts'
import { PlannedWebhook } from '../../src/engine/plan/plan.ts'
import { backup } from '../../src/model/decision.ts'
import { webhook } from '../engine/webhooks.ts'

const PLANNED = new PlannedWebhook(webhook('ask'), 1, new Set(), {
  rules: new Map(),
  metricsRowOf: () => 0,
  engineVersion: '1.2.3',
})

/** The decision `id` of the call `subject`, made at `atMs` (default 0) with the data point `ani` (default empty). */
export function madeDecision(
  id: string,
  subject: string,
  { atMs = 0, ani = '' }: { readonly atMs?: number; readonly ani?: string } = {},
): MadeDecision {
  const event = { id, hasOwnId: true, source: '/', type: 'call.ivr', subject, account: 'default', time: '' }
  return {
    id,
    planned: PLANNED,
    event: { ...event, traceparent: '', data: { ani } },
    context: {},
    traceparent: '',
    startedAtMs: atMs,
    durationMs: 1,
    decision: backup('status', 'status 500'),
    attempt: undefined,
    tries: [],
  }
}
