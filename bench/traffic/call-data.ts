/**
 * The calls of which all benches tell: made from a number alone, so that every process makes the same call of the same
 * number, and whatever is sent can be compared with what should have been. 25 data points go into a body of some 600 bytes,
 * 34 into a URL; quotes and characters beyond ASCII are among them, because escaping them is part of the work.
 */

/** A call's data points; all of them texts, as switches send them. */
export type CallData = Readonly<Record<CallPoint, string>>

/** A data point of the benches. */
export type CallPoint = (typeof BODY_POINTS)[number] | (typeof FURTHER_POINTS)[number]

/** Data points of a body, in its order; the first tells which call it is. */
export const BODY_POINTS = [
  'sid',
  'call_type',
  'first_action',
  'last_action',
  'click_description',
  'called_number',
  'caller_id',
  'intelligent_minutes',
  'talk_minutes',
  'enhanced_minutes',
  'call_duration',
  'transfer_type',
  'transferred_to_number',
  'phone_label',
  'lookup_last_name',
  'lookup_first_name',
  'lookup_street_address',
  'lookup_city',
  'lookup_state',
  'lookup_zip_code',
  'recording_duration',
  'call_transfer_status',
  'call_distributor_name',
  'call_distributor_agent_name',
  'call_distributor_queue_hold_time',
] as const

/** Data points that only a URL has. */
const FURTHER_POINTS = [
  'date_time',
  'all_actions',
  'click_id',
  'rounded_intelligent_minutes',
  'rounded_talk_minutes',
  'rounded_enhanced_minutes',
  'call_distributor_id',
  'call_distributor_agent_id',
  'call_distributor_time_to_answer',
] as const

/** Data points of a URL, in its order. */
export const URL_POINTS: readonly CallPoint[] = [...BODY_POINTS, ...FURTHER_POINTS]

/** Digits of a call's number in its `sid`. */
const DIGITS = 8

/** Where a body of this bench has its call's number. */
const BODY_START = '{"sid":"e-'

/** The type of events that trigger the webhook of the benches. */
export const EVENT_TYPE = 'call.end'

/** The call with this number, from 0 to 99,999,999. */
export function callData(number: number): CallData {
  return {
    sid: `e-${String(number).padStart(DIGITS, '0')}`,
    call_type: 'inbound',
    first_action: 'Main',
    last_action: 'Sales',
    click_description: 'Spring "Sale" ad',
    called_number: '8005550001',
    caller_id: String(2_120_000_000 + (number % 1000)),
    intelligent_minutes: '0.4',
    talk_minutes: '3.7',
    enhanced_minutes: '0.0',
    call_duration: '5',
    transfer_type: 'findme',
    transferred_to_number: '3125550142',
    phone_label: 'Front desk',
    lookup_last_name: "O'Brien",
    lookup_first_name: 'Renée',
    lookup_street_address: '12 Main St',
    lookup_city: 'São Paulo',
    lookup_state: 'IL',
    lookup_zip_code: '60601',
    recording_duration: '222',
    call_transfer_status: 'ANSWERED',
    call_distributor_name: 'Sales & Service',
    call_distributor_agent_name: 'Ann Lee',
    call_distributor_queue_hold_time: '11',
    date_time: '2026-03-28 10:05:00',
    all_actions: 'Main>Sales>Queue',
    click_id: 'c/71+4',
    rounded_intelligent_minutes: '1',
    rounded_talk_minutes: '4',
    rounded_enhanced_minutes: '0',
    call_distributor_id: '17',
    call_distributor_agent_id: '204',
    call_distributor_time_to_answer: '9',
  }
}

/** The body that a customer's server gets for a call, as a careful hand would write it. */
export function callBody(number: number): string {
  return bodyOf(callData(number))
}

/** The same of data that is there already. */
export function bodyOf(data: CallData): string {
  let text = `{"sid":${JSON.stringify(data.sid)}`
  for (const name of BODY_POINTS) if (name !== 'sid') text += `,"${name}":${JSON.stringify(data[name])}`
  return `${text}}`
}

/** The number of the call that a body tells of; -1 where it is no body of this bench. */
export function numberInBody(body: Buffer): number {
  if (body.length < BODY_START.length + DIGITS) return -1
  let number = 0
  for (let index = BODY_START.length; index < BODY_START.length + DIGITS; index += 1) {
    const digit = (body[index] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number
}

/** The event of a call as one line of JSON (a CloudEvent), with the type that triggers one webhook, or another. */
export function eventText(number: number, type: string = EVENT_TYPE): string {
  const data = callData(number)
  return JSON.stringify({ id: data.sid, source: '/bench', type, subject: `call-${number}`, data })
}
