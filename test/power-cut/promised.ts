/** What the writer promises and the test expects to find: shared words of the two. */
import type { AcceptedEvent, AttemptRecord, DeliveryState } from '../../src/model/delivery.ts'

/** A promise that has resolved. */
export type Promised =
  | { readonly kind: 'accepted'; readonly events: readonly string[] }
  | { readonly kind: 'settled'; readonly deliveries: readonly (readonly [id: string, state: DeliveryState])[] }
  | { readonly kind: 'retried'; readonly delivery: string; readonly touched: number }

/** The event number `number`: two deliveries and a payload of a few hundred bytes. */
export function eventOf(number: number): AcceptedEvent {
  const nowMs = Date.now()
  return {
    key: number.toString(16).padStart(26, '0'),
    id: `event-${number}`,
    source: '/switch',
    type: 'call.end',
    subject: `call-${number}`,
    account: 'default',
    hasOwnId: true,
    acceptedAtMs: nowMs,
    traceparent: '',
    payload: JSON.stringify({ callid: number, notes: 'x'.repeat(300 + (number % 200)) }),
    context: '',
    deliveries: ['crm', 'log'].map((webhook) => ({ webhook, dueMs: nowMs, ordered: false })),
  }
}

export function attemptOf(index: number): AttemptRecord {
  return {
    attempt: 1,
    startedAtMs: Date.now(),
    durationMs: index,
    result: 'failure',
    status: 500,
    reason: 'status',
    detail: '',
    excerpt: '',
    phases: {},
  }
}
