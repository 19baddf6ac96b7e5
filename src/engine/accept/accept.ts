/**
 * Accept: an event becomes durable with one delivery for each webhook that it triggers, or is refused whole.
 */
import type { Clock } from '../../clock.ts'
import { NO_DATA } from '../../model/data.ts'
import type { AcceptedEvent } from '../../model/delivery.ts'
import { type CallEvent, textOfData } from '../../model/event.ts'
import type { AcceptResult } from '../../model/results.ts'
import { type AcceptVerdict, MOST_DELIVERIES, type Outbox } from '../../outbox/contract.ts'
import { delayBeforeMs } from '../../policy/backoff.ts'
import type { CallContexts } from '../calls/call-context.ts'
import type { Plan } from '../plan/plan.ts'
import type { Router } from '../plan/router.ts'
import type { TraceSource } from '../trace.ts'
import type { Backlog } from './backlog.ts'

/** When a sender should come again after the outbox was full: about what it takes to make noticeable room. */
const FULL_RETRY_AFTER_MS = 5_000

/** Everything that accepting works with; the engine owns it all. */
export interface AcceptParts {
  readonly outbox: Outbox
  readonly backlog: Backlog
  readonly contexts: CallContexts
  readonly clock: Clock
  readonly traces: TraceSource
  readonly nextId: (nowMs: number) => string
  readonly random: () => number
  readonly isActive: (webhookId: string) => boolean
}

/** The plan as far as events are routed by it. */
export interface RoutingPlan {
  readonly webhooks: Plan['webhooks']
  readonly router: Pick<Router, 'route'>
}

/** Routes and stores `events`; results stand in their order. Rejects where the store can't write: then nothing was kept. */
export async function acceptEvents(
  parts: AcceptParts,
  plan: RoutingPlan,
  events: readonly CallEvent[],
): Promise<readonly AcceptResult[]> {
  const nowMs = parts.clock.nowMs()
  const results: (AcceptResult | undefined)[] = []
  const accepted: AcceptedEvent[] = []
  /** The webhooks of each. */
  const entering: (readonly string[])[] = []
  let verdicts: readonly AcceptVerdict[] = []
  try {
    for (const event of events) {
      const candidate = withDeliveries(parts, plan, event, nowMs)
      const webhooks = candidate.deliveries.map(({ webhook }) => webhook)
      const refusal = refusalOf(parts.backlog, webhooks)
      results.push(refusal)
      if (refusal !== undefined) continue
      accepted.push(candidate)
      entering.push(webhooks)
    }
    if (accepted.length > 0) verdicts = await parts.outbox.accept(accepted)
  } finally {
    for (const webhooks of entering) parts.backlog.entered(webhooks)
  }
  let next = 0
  return results.map((refused) => {
    if (refused !== undefined) return refused
    const result = resultOf(verdicts[next], accepted[next])
    next += 1
    return result
  })
}

/** Why an event that triggers `webhooks` is not taken; undefined: it is, and its deliveries are on their way into the outbox. */
function refusalOf(backlog: Backlog, webhooks: readonly string[]): AcceptResult | undefined {
  if (webhooks.length > MOST_DELIVERIES) {
    const detail = `the event triggers ${webhooks.length} webhooks, ${MOST_DELIVERIES} is the limit`
    return { kind: 'rejected', detail, retryable: false }
  }
  const whyFull = backlog.take(webhooks)
  return whyFull === undefined ? undefined : full(whyFull)
}

function full(detail: string): AcceptResult {
  return { kind: 'rejected', detail, retryable: true, retryAfterMs: FULL_RETRY_AFTER_MS }
}

function withDeliveries(parts: AcceptParts, plan: RoutingPlan, event: CallEvent, nowMs: number): AcceptedEvent {
  const { contexts, traces, nextId, random, isActive } = parts
  const { account, subject, data } = event
  const context = contexts.read(account, subject, nowMs)
  const deliveries: AcceptedEvent['deliveries'][number][] = []
  for (const webhookId of plan.router.route(account, event.type, { data, context })) {
    const planned = plan.webhooks.get(webhookId)
    if (planned === undefined || !isActive(webhookId)) continue
    const { scheduleMs, jitter, ordered } = planned.webhook
    const delayMs = delayBeforeMs(scheduleMs, 1, jitter, random()) ?? 0
    deliveries.push({ webhook: webhookId, dueMs: nowMs + delayMs, ordered: ordered && subject !== '' })
  }
  return {
    key: nextId(nowMs),
    id: event.id,
    source: event.source,
    type: event.type,
    subject,
    account,
    hasOwnId: event.hasOwnId,
    acceptedAtMs: nowMs,
    traceparent: traces.begin(event.traceparent),
    payload: deliveries.length === 0 ? '' : textOfData(event),
    context: deliveries.length === 0 || context === NO_DATA ? '' : contexts.readText(account, subject, nowMs),
    deliveries,
  }
}

function resultOf(verdict: AcceptVerdict | undefined, event: AcceptedEvent | undefined): AcceptResult {
  switch (verdict) {
    case 'accepted':
      return { kind: 'accepted', deliveries: event?.deliveries.length ?? 0 }
    case 'duplicate':
      return { kind: 'duplicate' }
    case 'full':
      return full('the outbox is full')
    case undefined:
      return { kind: 'rejected', detail: 'the store gave no answer for this event', retryable: true }
  }
}
