/**
 * The events of the store experiment: calls that ended, as switches send them, with payloads of 600 bytes. Number `n` is
 * always the same event, but for its key, which the source of keys gives in the order of making.
 */
import { randomBytes } from 'node:crypto'
import type { AcceptedEvent, AttemptRecord } from '../../../src/model/delivery.ts'
import { IdSource } from '../../../src/model/ids.ts'

/** Bytes of a payload: what the other benches send. */
const PAYLOAD_BYTES = 600

/** Webhooks that the deliveries are spread over. */
const WEBHOOKS = 20

/** Makes events with keys of one store. */
export class EventMaker {
  readonly #ids = new IdSource(() => randomBytes(5).toString('hex'))

  /** Event `number` with so many deliveries, accepted at `nowMs` and due at once. */
  make(number: number, deliveries: number, nowMs: number): AcceptedEvent {
    const filled = JSON.stringify({ ani: `+1555${String(number).padStart(7, '0')}`, text: '' })
    const payload = `${filled.slice(0, -2)}${'x'.repeat(PAYLOAD_BYTES - filled.length)}"}`
    return {
      key: this.#ids.next(nowMs),
      id: `event-${number}`,
      source: '/switch-1',
      type: 'call.end',
      subject: `call-${number}`,
      account: 'default',
      hasOwnId: true,
      acceptedAtMs: nowMs,
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      payload,
      context: '',
      deliveries: Array.from({ length: deliveries }, (_, index) => ({
        webhook: `webhook-${(number + index) % WEBHOOKS}`,
        dueMs: nowMs,
        ordered: false,
      })),
    }
  }
}

/** What is kept of an attempt that went well on a connection that was there. */
export function goodAttempt(atMs: number): AttemptRecord {
  const phases = { waitingMs: 0.1, firstByteMs: 4, bodyMs: 0.1 }
  return {
    attempt: 1,
    startedAtMs: atMs,
    durationMs: 4.2,
    result: 'success',
    status: 200,
    reason: '',
    detail: '',
    excerpt: 'ok',
    phases,
  }
}
