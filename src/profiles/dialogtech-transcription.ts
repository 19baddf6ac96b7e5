/**
 * DialogTech transcription postback: one GET for each transcribed answer of an IVR, with six data points in the query
 * (document dialogtech-ivr-webhook, "Transcription Postback"). A binding ties it to one IVR by its building block id.
 */
import { TRANSCRIPTION } from '../catalog/groups.ts'
import { DEFAULT_SUCCESS_CODES } from '../model/answer.ts'
import { requestHeaders } from './headers.ts'
import { ownGroup, pointGroup } from './params.ts'
import { defineProfile, described, type Profile } from './profile.ts'
import { requestKeys, section } from './settings.ts'

const EVENT_TYPE = 'transcription.completed'

/** `profile: dialogtech-transcription`; no keys of its own. */
export const DIALOGTECH_TRANSCRIPTION: Profile = defineProfile({
  id: 'dialogtech-transcription',
  title: 'DialogTech transcription postback',
  job: 'send',
  methods: ['GET'],
  triggers: [
    {
      eventType: EVENT_TYPE,
      member: 'transcription',
      // The IVR webhook calls the same building block `ivr_id`.
      keys: [{ name: 'ivr', points: ['survo_id', 'ivr_id'], compare: 'text' }],
      match: 'all',
      words: [],
      unbound: 'unnamed',
    },
  ],
  schema: (secret) => section({ ...requestKeys(secret, { methods: ['GET'] }) }),
  describe: ({ url, method, headers, params, successCodes }) =>
    described({
      request: {
        method,
        url: { text: url, syntax: 'none' },
        query: [...ownGroup(params), pointGroup(TRANSCRIPTION)],
        body: { kind: 'none' },
        headers: requestHeaders(headers, 'none'),
      },
      answer: { kind: 'status' },
      success: successCodes ?? DEFAULT_SUCCESS_CODES,
      trigger: { on: [EVENT_TYPE], unbound: true },
    }),
})
