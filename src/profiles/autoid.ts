/**
 * AutoID webhook: a template of JSON or XML, filled at the beginning or the end of a call (document autoid-webhook). It is
 * triggered only where a binding ties it to the call's campaign, treatment or DNI campaign.
 */
import { DEFAULT_SUCCESS_CODES } from '../model/answer.ts'
import { templateBody } from './body.ts'
import { requestHeaders } from './headers.ts'
import { ownGroup } from './params.ts'
import { type BindingKey, defineProfile, described, type Profile, type TriggerRule } from './profile.ts'
import { requestKeys, section, textField } from './settings.ts'

const KEYS: readonly BindingKey[] = [
  { name: 'campaign', points: ['campaign_name'], compare: 'text' },
  { name: 'treatment', points: ['treatment'], compare: 'text' },
  { name: 'dniCampaign', points: ['dni_campaign'], compare: 'text' },
]

/** `profile: autoid`; its own key is `template`. */
export const AUTOID: Profile = defineProfile({
  id: 'autoid',
  title: 'AutoID webhook',
  job: 'send',
  methods: ['POST', 'PUT'],
  triggers: [rule('call.begin', 'begin'), rule('call.end', 'end')],
  schema: (secret) =>
    section({
      ...requestKeys(secret, { methods: ['POST', 'PUT'], statuses: DEFAULT_SUCCESS_CODES }),
      template: textField(),
    }),
  describe: ({ url, method, headers, params, template: id, successCodes }, findTemplate) => {
    const lookup = findTemplate(id)
    const { body, bodyType, mistakes } = templateBody(lookup, 'percent')
    return described(
      {
        request: {
          method,
          url: { text: url, syntax: 'none' },
          query: ownGroup(params),
          body,
          headers: requestHeaders(headers, bodyType),
        },
        answer: { kind: 'status' },
        success: successCodes ?? DEFAULT_SUCCESS_CODES,
        trigger: { on: ['call.begin', 'call.end'], unbound: false },
      },
      mistakes,
    )
  },
})

function rule(eventType: string, member: string): TriggerRule {
  return { eventType, member, keys: KEYS, match: 'all', words: [], unbound: 'none' }
}
