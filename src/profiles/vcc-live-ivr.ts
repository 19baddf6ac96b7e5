/**
 * VCC Live IVR webhook: a live call sends variables and is answered with variables (document vcc-live-ivr-webhook). With
 * `sendOnHangup` it is sent when the call ends instead ("the system disregards the response").
 */
import type { AnswerSpec } from '../model/answer.ts'
import type { BodySpec } from '../model/request-spec.ts'
import type { TriggerSpec } from '../model/webhook.ts'
import { bodyField, bodyMistakes, setVariableField } from './body.ts'
import { requestHeaders } from './headers.ts'
import { ownGroup } from './params.ts'
import { defineProfile, described, type Profile } from './profile.ts'
import { flagField, requestKeys, section, wordField } from './settings.ts'

const EVENT_TYPE = 'call.end'

/** "If successful, the HTTP response code should be 200 OK." */
const SUCCESS_CODES: readonly number[] = [200]

/** `profile: vcc-live-ivr`; its own keys are `body`, `contentType`, `setVariable` and `sendOnHangup`. */
export const VCC_LIVE_IVR: Profile = defineProfile({
  id: 'vcc-live-ivr',
  title: 'VCC Live IVR webhook',
  job: 'both',
  methods: ['POST', 'GET', 'DELETE', 'PUT'],
  triggers: [
    {
      eventType: EVENT_TYPE,
      member: 'hangup',
      keys: [{ name: 'process', points: ['projectid'], compare: 'text' }],
      match: 'all',
      words: [],
      unbound: 'unnamed',
    },
  ],
  schema: (secret) =>
    section({
      ...requestKeys(secret, { methods: ['POST', 'GET', 'DELETE', 'PUT'], statuses: SUCCESS_CODES }),
      body: bodyField().optional(),
      contentType: wordField(['form', 'json']).default('form'),
      setVariable: setVariableField().optional(),
      sendOnHangup: flagField().default(false),
    }),
  describe: (settings) => {
    const { url, method, headers, params, contentType, setVariable, sendOnHangup, successCodes } = settings
    const body: BodySpec =
      settings.body === undefined
        ? { kind: 'none' }
        : { kind: 'template', type: contentType, format: { text: settings.body, syntax: 'dollar' }, fields: {} }
    const live: AnswerSpec = setVariable === undefined ? { kind: 'variables' } : { kind: 'variables', setVariable }
    const trigger: TriggerSpec = sendOnHangup ? { on: [EVENT_TYPE], unbound: true } : { on: [], unbound: false }
    return described(
      {
        request: {
          method,
          url: { text: url, syntax: 'dollar' },
          query: ownGroup(params),
          body,
          headers: requestHeaders(headers, body.kind === 'none' ? 'none' : contentType),
        },
        answer: sendOnHangup ? { kind: 'ignored' } : live,
        success: sendOnHangup ? 'any' : (successCodes ?? SUCCESS_CODES),
        trigger,
      },
      bodyMistakes(method, settings),
    )
  },
})
