/**
 * DialogTech IVR webhook: a live call waits for a message to speak or for its next action. Sent are the URL with its static
 * parameters, the configured parameters, the 12 `ivr_*` data points and, when included, SourceTrak's 22
 * (document dialogtech-ivr-webhook). GET carries them in the query, POST in a form body.
 */
import { IVR_PARAMETERS, IVR_SOURCETRAK } from '../catalog/groups.ts'
import { DEFAULT_SUCCESS_CODES } from '../model/answer.ts'
import { requestHeaders } from './headers.ts'
import { ownGroup, placeGroups, pointGroup } from './params.ts'
import { defineProfile, described, type Profile } from './profile.ts'
import { requestKeys, section, wordField } from './settings.ts'

/** `profile: dialogtech-ivr`; its own key is `answer: message | next-action`, default `message`. */
export const DIALOGTECH_IVR: Profile = defineProfile({
  id: 'dialogtech-ivr',
  title: 'DialogTech IVR webhook',
  job: 'invoke',
  methods: ['POST', 'GET'],
  triggers: [],
  schema: (secret) =>
    section({
      ...requestKeys(secret, { methods: ['POST', 'GET'], includes: ['sourcetrak'] }),
      answer: wordField(['message', 'next-action']).default('message'),
    }),
  describe: ({ url, method, headers, params, include, answer, successCodes }) => {
    const sourceTrak = include.includes('sourcetrak') ? [pointGroup(IVR_SOURCETRAK)] : []
    const { query, body } = placeGroups(method, [...ownGroup(params), pointGroup(IVR_PARAMETERS), ...sourceTrak])
    return described({
      request: {
        method,
        url: { text: url, syntax: 'none' },
        query,
        body,
        headers: requestHeaders(headers, body.kind === 'none' ? 'none' : 'form'),
      },
      answer: { kind: answer },
      success: successCodes ?? DEFAULT_SUCCESS_CODES,
      trigger: { on: [], unbound: false },
    })
  },
})
