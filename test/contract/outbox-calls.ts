/**
 * What an outbox is called with in a run, made from the shapes of `outbox-actions.ts`, and the same as lines to read. Every
 * event has a key of its own and every attempt a number, so that what is mixed up shows. Used by `outbox-run.ts`.
 */
import type { AcceptedEvent, AttemptRecord } from '../../src/model/delivery.ts'
import type { Settlement } from '../../src/outbox/contract.ts'
import type { EventShape, SettlementShape } from './outbox-actions.ts'
import { T0 } from './outbox-world.ts'

/** Makes the values of one run. */
export class CallMaker {
  #events = 0
  #attempts = 0

  event({ call, deliveries, ...shape }: EventShape, nowMs: number): AcceptedEvent {
    this.#events += 1
    const number = this.#events.toString(16)
    return {
      ...shape,
      // Keys tell the time by their beginning, which is the same for some events and then another.
      key: (this.#events >> 2).toString(16).padStart(6, '0') + number.padStart(20, '0'),
      type: 'call.end',
      // Calls of different accounts never meet in one webhook, which belongs to one account.
      subject: subjectOf(shape.account, call),
      acceptedAtMs: nowMs,
      traceparent: `00-${number.padStart(32, '0')}-0000000000000001-01`,
      payload: JSON.stringify({ event: number, caller_id: callerOf(shape.id) }),
      deliveries: deliveries.map(({ webhook, delayMs, ordered }) => ({
        webhook,
        dueMs: nowMs + delayMs,
        ordered,
      })),
    }
  }

  settlement(id: string, { to, uses, delayMs, hasRecord }: SettlementShape, atMs: number): Settlement {
    const common = { id, atMs, ...(hasRecord ? { record: this.#attempt(to, atMs) } : {}) }
    switch (to) {
      case 'delivered':
        return { ...common, to }
      case 'dead':
        return { ...common, to, reason: 'status' }
      case 'again':
        return { ...common, to, dueMs: atMs + delayMs, uses }
    }
  }

  #attempt(to: Settlement['to'], startedAtMs: number): AttemptRecord {
    this.#attempts += 1
    const isSuccess = to === 'delivered'
    return {
      attempt: this.#attempts,
      startedAtMs,
      durationMs: 3,
      result: isSuccess ? 'success' : 'failure',
      status: isSuccess ? 200 : 500,
      reason: isSuccess ? '' : 'status',
      detail: isSuccess ? '' : 'the server answered 500',
      excerpt: 'é',
      phases: {},
    }
  }
}

/** The subject of an account's call; empty: no call. */
export function subjectOf(account: string, call: string): string {
  return call === '' ? '' : `${account}/${call}`
}

/** Who called, one for each id of events. */
export function callerOf(id: string): string {
  return `+1 (555) 000-01${id.slice(-1).charCodeAt(0)}`
}

/** An event on a line. */
export function describeEvent({ key, id, source, account, hasOwnId, subject, deliveries }: AcceptedEvent): string {
  const targets = deliveries.map(
    ({ webhook, dueMs, ordered }) => `${webhook}@${timeText(dueMs)}${ordered ? ' ordered' : ''}`,
  )
  const name = hasOwnId ? `${account} ${source} ${id}` : 'without id'
  return `${key} (${name}${subject === '' ? '' : `, ${subject}`}) [${targets.join(', ')}]`
}

/** A command or settlement on a line. */
export function describeCall(value: object): string {
  const members = Object.entries(value).map(([name, member]) => {
    if (name === 'kind') return `${member}`
    if (name === 'record') return 'with record'
    if (typeof member === 'object') return `${name}=${JSON.stringify(member)}`
    return `${name}=${name.endsWith('Ms') ? timeText(Number(member)) : member}`
  })
  return members.join(' ')
}

/** Time since the tests began. */
export function timeText(atMs: number): string {
  return `T${atMs < T0 ? '' : '+'}${atMs - T0}`
}
