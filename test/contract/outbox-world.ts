/**
 * Builders for the outbox contract: events, deliveries and settlements in as few words as a test needs.
 */
import {
  type AcceptedEvent,
  type AttemptRecord,
  type DeliveryRecord,
  deliveryId,
  type NewDelivery,
} from '../../src/model/delivery.ts'
import type { ClaimedDelivery, Outbox, Settlement } from '../../src/outbox/contract.ts'

/** When the tests begin: 2026-01-01T00:00:00Z. */
export const T0 = 1_767_225_600_000

/** The ids that deliveries have by the names that tests give them, and the other way round. */
const ids = new Map<string, string>()
const names = new Map<string, string>()
let keys = 0

/** The id of the delivery that a test calls `name`; a name that was never given is its own id. */
export function idOf(name: string): string {
  return ids.get(name) ?? name
}

/** What a test calls the delivery of that id. */
export function nameOf(id: string): string {
  return names.get(id) ?? id
}

/** An event with one delivery for each name in `deliveries`, to the webhook before the colon (`crm:1`). */
export function event(
  id: string,
  deliveries: readonly string[],
  changes: Partial<AcceptedEvent> & { readonly ordered?: boolean; readonly dueMs?: number } = {},
): AcceptedEvent {
  const { ordered = false, dueMs, ...rest } = changes
  const acceptedAtMs = rest.acceptedAtMs ?? T0
  keys += 1
  const key = keys.toString(16).padStart(26, '0')
  for (const [index, name] of deliveries.entries()) {
    ids.set(name, deliveryId(key, index))
    names.set(deliveryId(key, index), name)
  }
  return {
    key,
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
      (name): NewDelivery => ({ webhook: name.split(':')[0] ?? '', dueMs: dueMs ?? acceptedAtMs, ordered }),
    ),
    ...rest,
  }
}

/** Claims with room for everything; the deliveries have the names that the test gave them. */
export function claimAll(outbox: Outbox, nowMs: number = T0, limit = 1000): readonly ClaimedDelivery[] {
  return outbox.claim(nowMs, () => true, limit).map((delivery) => ({ ...delivery, id: nameOf(delivery.id) }))
}

/** The names of {@link claimAll}. */
export function claimIds(outbox: Outbox, nowMs: number = T0, limit = 1000): string[] {
  return claimAll(outbox, nowMs, limit).map(({ id }) => id)
}

/** The record of the delivery that the test calls `name`, with that name as its id. */
export async function recordOf(outbox: Outbox, name: string): Promise<DeliveryRecord | undefined> {
  const record = await outbox.get(idOf(name))
  return record === undefined ? undefined : { ...record, id: nameOf(record.id) }
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
  return { id: idOf(id), atMs, record: attempt(1, 200), to: 'delivered' }
}

export function again(id: string, dueMs: number, uses: 'attempt' | 'crash' | 'none' = 'attempt'): Settlement {
  return { id: idOf(id), atMs: T0, record: attempt(1, 500), to: 'again', dueMs, uses }
}

export function dead(id: string, atMs: number = T0): Settlement {
  return { id: idOf(id), atMs, record: attempt(1, 500), to: 'dead', reason: 'status' }
}
