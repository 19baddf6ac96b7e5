/**
 * The survey's office (document dialogtech-ivr-webhook): callers rate the service from 1 to 5. Who is unhappy is put through
 * to two people at once, with the document's own example of an answer; recorded comments come in as transcripts.
 */
import { readPairs } from '../content.ts'
import { type Customer, ok, textOf } from './customer.ts'

/** "calls two numbers simultaneously, has a whisper audio message and records the call". */
const FIND_SOMEBODY = `<action>
    <app>findme</app>
    <parameters>
        <phone_list>2223334444|5556667777</phone_list>
        <simultaneous>2</simultaneous>
        <screen_method>2</screen_method>
        <whisper_audio>customwhisper.wav</whisper_audio>
        <record>1</record>
    </parameters>
</action>`

const GOODBYE = '<action><app>hangup</app></action>'

/** Ratings up to this one are unhappy. */
const UNHAPPY = 2

/** The customer. */
export const SURVEY_OFFICE: Customer = {
  name: 'survey office',
  resources: {
    '/service-score': {
      webhook: 'service-score',
      job: 'invoke',
      methods: ['GET'],
      read: ({ query }) => {
        const content = readPairs(query)
        if (content['auth'] !== 'abc123') throw new Error('the static parameter auth is missing')
        return { call: textOf(content, 'ivr_session_id'), content }
      },
      answer: (content) => ({
        kind: 'answer',
        status: 200,
        contentType: 'text/xml',
        body: Number(content['qos']) <= UNHAPPY ? FIND_SOMEBODY : GOODBYE,
      }),
    },
    '/transcripts': {
      webhook: 'transcripts',
      job: 'delivery',
      methods: ['GET'],
      read: ({ query }) => {
        const content = readPairs(query)
        return { call: textOf(content, 'unique_id'), content }
      },
      answer: ok,
    },
  },
}
