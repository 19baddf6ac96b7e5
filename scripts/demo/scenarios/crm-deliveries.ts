/**
 * What the dealer's CRM must be sent: the lead at the beginning and the report at the end of a call. Used by the told sales
 * calls and by the traffic that passes by.
 */
import type { CallFacts } from '../call-events.ts'
import type { Expectation } from '../ledger.ts'

/** The lead, by the template of the example file; `repeat` is a number there. */
export function crmBegin({ caller }: CallFacts, campaign: string, repeat: 0 | 1): Expectation {
  const { firstName, lastName, city, number } = caller
  const content = { first: firstName, last: lastName, 'contact.city': city, campaign, repeat }
  return { webhook: 'crm-begin', call: number, job: 'delivery', content }
}

/** The report of a call with two answers in the menu. */
export function crmEnd({ id, caller, talkSeconds }: CallFacts): Expectation {
  const content = {
    'call.caller': `${caller.firstName} ${caller.lastName}`,
    'call.answered.#text': 'ANSWER',
    'call.answered.@seconds': String(talkSeconds),
    'call.responses.item.0.question': 'Main',
    'call.responses.item.1.question': 'Sales',
    'call.responses.item.1.response': '2',
    'call.recording': 'https://audio.example.com/MP3/demo.mp3?a=1&b=2',
  }
  return { webhook: 'crm-end', call: id, job: 'delivery', content }
}
