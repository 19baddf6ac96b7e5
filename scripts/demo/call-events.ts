/**
 * The events that frame every call, and what must be delivered of them by the example file. The carrier knows a call by the
 * names of all platforms that its customers use, so its events carry the same facts under several names.
 */
import type { Caller } from './callers.ts'
import type { Data } from './carrier.ts'
import type { Expectation } from './ledger.ts'

/** What is known of a call from the start, and how it will have gone. */
export interface CallFacts {
  readonly id: string
  readonly account: 'default' | 'acme'
  readonly caller: Caller
  readonly calledNumber: string
  /** In a form all values are text, also where JSON would have numbers. */
  readonly sentAs: 'json' | 'form'
  readonly talkSeconds: number
  readonly intelligentSeconds: number
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number
  /** Callers who waited when it came in. */
  readonly queueDepth: number
}

/** Numbers of the example file: one that reports leads, one without post-call actions, and one that no binding names. */
export const LEAD_NUMBER = '8005550001'
export const QUIET_NUMBER = '8005550002'
export const OPEN_NUMBER = '8005550003'

/** Data points of `call.begin`, and of every invoke. */
export function dataAtBegin(facts: CallFacts): Data {
  const { id, caller, calledNumber, startedAtMs, queueDepth } = facts
  return {
    callid: id,
    sid: id,
    uuid: id,
    ivr_session_id: id,
    ivr_response_id: `${id}-1`,
    ivr_id: '12345',
    ani: caller.number,
    caller_id: caller.number,
    source: caller.number,
    ivr_caller_id: caller.number,
    ani_first_name: caller.firstName,
    ani_last_name: caller.lastName,
    ani_full_name: `${caller.firstName} ${caller.lastName}`,
    ani_city: caller.city,
    called_number: calledNumber,
    destination: calledNumber,
    ivr_number_called: calledNumber,
    projectid: '77',
    started_at: new Date(startedAtMs).toISOString(),
    queue_depth: queueDepth,
    tags: { region: 'south' },
    st_google_ua_client_id: `ga.${id}`,
    st_search_term: 'air conditioning & heating',
    st_campaign: 'Summer "24/7"',
    st_pool_name: 'Main Pool',
  }
}

/** Data points of `call.end`. */
export function dataAtEnd(facts: CallFacts): Data {
  const { startedAtMs, talkSeconds, intelligentSeconds } = facts
  const { queue_depth: _, ...begin } = dataAtBegin(facts)
  return {
    ...begin,
    ended_at: new Date(startedAtMs + (talkSeconds + intelligentSeconds) * 1000).toISOString(),
    talk_seconds: talkSeconds,
    intelligent_seconds: intelligentSeconds,
    answered_time: talkSeconds,
    dialstatus: 'ANSWER',
    call_transfer_status: 'Answered',
    leadflow_set_name: 'Summer',
    cake_affiliate_id: 310,
    cake_offer_id: 87,
  }
}

/** What must be delivered of `call.begin`. */
export function beginDeliveries(facts: CallFacts): readonly Expectation[] {
  return facts.account === 'acme' ? [] : [opsFeed(facts, facts.queueDepth)]
}

/** What must be delivered of `call.end` in the account `default`; `known` is what answers have set for the call. */
export function endDeliveries(
  facts: CallFacts,
  extra: Data,
  known: { readonly customer?: string },
): readonly Expectation[] {
  const { id, caller, calledNumber, talkSeconds } = facts
  const note = { caller: caller.number, called: calledNumber, customer: known.customer ?? '' }
  const seconds = { seconds: String(talkSeconds) }
  return [
    ...postCallDeliveries(facts, extra),
    opsFeed(facts, null),
    { webhook: 'hangup-note', call: id, job: 'delivery', content: note },
    { webhook: 'slow-crm', call: id, job: 'delivery', content: seconds },
    { webhook: 'flaky-crm', call: id, job: 'delivery', content: seconds },
  ]
}

/** An entry of the operations' feed, which is in order within a call. */
export function opsFeed(facts: CallFacts, queueDepth: number | null): Expectation {
  const { id, caller } = facts
  const waiting = queueDepth === null ? null : numberAsSent(facts, queueDepth)
  const content = { caller: caller.number, waiting, 'tags.region': 'south' }
  return { webhook: 'ops-feed', call: id, job: 'delivery', content, isOrdered: true }
}

/** By the number that was called: "Account-Wide", "A Specific" or "No Post Call Actions". */
function postCallDeliveries(facts: CallFacts, extra: Data): readonly Expectation[] {
  const { id, caller, calledNumber, talkSeconds } = facts
  const analytics = {
    'events.0.name': 'phone_call',
    'events.0.params.talk_seconds': numberAsSent(facts, talkSeconds),
    'events.0.params.campaign': 'Summer "24/7"',
    'events.0.params.source': 'phone',
  }
  const collected: Expectation = { webhook: 'analytics', call: `ga.${id}`, job: 'delivery', content: analytics }
  switch (calledNumber) {
    case LEAD_NUMBER: {
      const content = {
        report: 'lead',
        '10': String(extra['call_transfer_status'] ?? 'Answered'),
        st_campaign: undefined,
      }
      return [{ webhook: 'lead-report', call: caller.number, job: 'delivery', content }, collected]
    }
    case QUIET_NUMBER:
      return []
    default:
      return [{ webhook: 'call-log', call: id, job: 'delivery', content: callLogEntry(facts) }, collected]
  }
}

function callLogEntry({
  caller,
  calledNumber,
  talkSeconds,
  intelligentSeconds,
  startedAtMs,
}: CallFacts): Record<string, string> {
  const totalSeconds = talkSeconds + intelligentSeconds
  return {
    client_id: '1234',
    started: easternTime(startedAtMs),
    from: caller.number,
    to: calledNumber,
    minutes: tenthsOfMinutes(talkSeconds),
    call_date: easternTime(startedAtMs),
    source_number: calledNumber,
    talk_seconds: String(talkSeconds),
    total_seconds: String(totalSeconds),
    total_minutes: tenthsOfMinutes(totalSeconds),
    call_duration: String(Math.ceil(totalSeconds / 60)),
    st_search_term: 'air conditioning & heating',
    st_pool_name: 'Main Pool',
    leadflow_set_name: 'Summer',
    tag: '',
    cake_affiliate_id: '310',
    cake_offer_id: '87',
  }
}

/** A number that stands bare in a JSON template keeps its type. */
function numberAsSent({ sentAs }: CallFacts, value: number): number | string {
  return sentAs === 'form' ? String(value) : value
}

/** "rounded up to the tenth of the minute". */
function tenthsOfMinutes(seconds: number): string {
  return (Math.ceil(seconds / 6) / 10).toFixed(1)
}

/** "Date and time the call started in Eastern time"; this locale writes it as the platform does. */
function easternTime(timeMs: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'America/New_York',
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  return format.format(timeMs)
}
