/**
 * Builders for the outbox contract: events, deliveries and settlements in as few words as a test needs.
 */
import type { AcceptedEvent, AttemptRecord, NewDelivery } from '../../src/model/delivery.ts'
import type { ClaimedDelivery, Outbox, Settlement } from '../../src/outbox/contract.ts'

/** When the tests begin: 2026-01-01T00:00:00Z. */
export const T0 = 1_767_225_600_000

/** An event with one delivery for each id in `deliveries`, to the webhook before the colon (`crm:1`). */
export function event(
  id: string,
  deliveries: readonly string[],
  changes: Partial<AcceptedEvent> & { readonly ordered?: boolean; readonly dueMs?: number } = {},
): AcceptedEvent {
  const { ordered = false, dueMs, ...rest } = changes
  const acceptedAtMs = rest.acceptedAtMs ?? T0
  return {
    id,
    source: '/switch',
    type: 'call.end',
    subject: 'call-1',
    account: 'default',
    hasOwnId: true,
    acceptedAtMs,
    traceparent: '',
    payload: `{"id":"${id}"}`,
    context: '',
    deliveries: deliveries.map(
      (delivery): NewDelivery => ({
        id: delivery,
        webhook: delivery.split(':')[0] ?? '',
        dueMs: dueMs ?? acceptedAtMs,
        ordered,
      }),
    ),
    ...rest,
  }
}

/** Claims with room for everything. */
export function claimAll(outbox: Outbox, nowMs: number = T0, limit = 1000): readonly ClaimedDelivery[] {
  return outbox.claim(nowMs, () => true, limit)
}

/** The ids of {@link claimAll}. */
export function claimIds(outbox: Outbox, nowMs: number = T0, limit = 1000): string[] {
  return claimAll(outbox, nowMs, limit).map(({ id }) => id)
}

/** A record of an attempt that got `status`. */
function attempt(number: number, status: number): AttemptRecord {
  const isSuccess = status === 200
  return {
    attempt: number,
    startedAtMs: T0,
    durationMs: 3,
    result: isSuccess ? 'success' : 'failure',
    status,
    reason: isSuccess ? '' : 'status',
    detail: isSuccess ? '' : `the server answered ${status}`,
    excerpt: '',
    phases: {},
  }
}

export function delivered(id: string, atMs: number = T0): Settlement {
  return { id, atMs, record: attempt(1, 200), to: 'delivered' }
}

export function again(id: string, dueMs: number, uses: 'attempt' | 'crash' | 'none' = 'attempt'): Settlement {
  return { id, atMs: T0, record: attempt(1, 500), to: 'again', dueMs, uses }
}

export function dead(id: string, atMs: number = T0): Settlement {
  return { id, atMs, record: attempt(1, 500), to: 'dead', reason: 'status' }
}
