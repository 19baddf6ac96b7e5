/**
 * Wix Answers IVR webhook: the caller has typed a number, the server says which IVR comes next, or nothing to end the call
 * (document wix-answers-ivr-webhook). The payload has four members; one that the call lacks is left out.
 */
import { WIX_MEMBERS } from '../catalog/groups.ts'
import { requestHeaders } from './headers.ts'
import { ownGroup } from './params.ts'
import { defineProfile, described, type Profile } from './profile.ts'
import { requestKeys, section } from './settings.ts'

/** A GUID comes with 200; an empty answer ends the call with 200 or 204 (contract, "Decisions"). */
const SUCCESS_CODES: readonly number[] = [200, 204]

/** `profile: wix-answers-ivr`; no keys of its own. */
export const WIX_ANSWERS_IVR: Profile = defineProfile({
  id: 'wix-answers-ivr',
  title: 'Wix Answers IVR webhook',
  job: 'invoke',
  methods: ['POST'],
  triggers: [],
  schema: (secret) => section({ ...requestKeys(secret, { methods: ['POST'], statuses: SUCCESS_CODES }) }),
  describe: ({ url, method, headers, params, successCodes }) =>
    described({
      request: {
        method,
        url: { text: url, syntax: 'none' },
        query: ownGroup(params),
        body: { kind: 'json-object', members: WIX_MEMBERS.map((name) => ({ name, path: name })) },
        headers: requestHeaders(headers, 'json'),
      },
      answer: { kind: 'redirect' },
      success: successCodes ?? SUCCESS_CODES,
      trigger: { on: [], unbound: false },
    }),
})
