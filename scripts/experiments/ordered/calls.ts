/**
 * The calls of the experiment `ordered`, and the webhooks that get their events in order. All events trigger all webhooks.
 */
import type { OutgoingEvent } from '../traffic/event-client.ts'

/** A webhook and how its server treats requests. */
export interface OrderedWebhook {
  readonly number: number
  readonly title: string
  /** True: at times it breaks every connection for a while, so that its circuit opens. */
  readonly hasOutages: boolean
  /** Attempts until a delivery is dead; undefined: more than any needs. */
  readonly attempts: number | undefined
  readonly settings: Readonly<Record<string, unknown>>
}

/** Type of all events. */
export const EVENT_TYPE = 'call.step'

/** Attempts enough to outlast every disturbance, close to each other: a run shall not wait for a schedule. */
const PATIENT = ['0s', '20ms', '50ms', '100ms', '200ms', ...Array.from({ length: 90 }, () => '400ms')]

const CIRCUIT = { failures: 6, within: '60s', probe: '100ms' }

/** The webhook whose deliveries give up soon; its dead letters are replayed. */
export const BRITTLE = 3

/** All of them. */
export const WEBHOOKS: readonly OrderedWebhook[] = [
  { number: 0, title: 'plain', hasOutages: false, attempts: undefined, settings: patient({}) },
  { number: 1, title: 'with outages', hasOutages: true, attempts: undefined, settings: patient({}) },
  { number: 2, title: 'few at once', hasOutages: false, attempts: undefined, settings: patient({ concurrency: 16 }) },
  {
    number: BRITTLE,
    title: 'two attempts',
    hasOutages: false,
    attempts: 2,
    settings: { ordered: true, retry: { schedule: ['0s', '50ms'] }, circuit: 'off' },
  },
]

/** Events of a call before and after its dead letters are replayed. */
export const EARLY_EVENTS = 10
export const LATE_EVENTS = 2
export const CALL_EVENTS: number = EARLY_EVENTS + LATE_EVENTS

/** Deliveries of a call. */
export const CALL_DELIVERIES: number = CALL_EVENTS * WEBHOOKS.length

/** The event at a place of a call; both count from 0. */
export function eventAt(call: number, place: number): OutgoingEvent {
  return { number: call * CALL_EVENTS + place, type: EVENT_TYPE, subject: `call-${call}` }
}

/** The call and the place of an event. */
export function placeOf(event: number): { readonly call: number; readonly place: number } {
  return { call: Math.floor(event / CALL_EVENTS), place: event % CALL_EVENTS }
}

function patient(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ordered: true, retry: { schedule: PATIENT }, circuit: CIRCUIT, ...settings }
}
