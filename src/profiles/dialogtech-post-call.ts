/**
 * DialogTech post-call action: a report of every call when it ends (document dialogtech-post-call-action), or the same call
 * as an event of Google Analytics 4 (`option: google-analytics`). Included groups are sent whole and in the document's
 * order; SourceTrak's is left out for calls that have none of its data points ("does not apply to one-to-one calls").
 */
import { CAKE, LEADFLOW, POST_CALL_SOURCETRAK } from '../catalog/groups.ts'
import { DEFAULT_SUCCESS_CODES } from '../model/answer.ts'
import type { BodySpec, ParamGroup } from '../model/request-spec.ts'
import { googleAnalytics } from './google-analytics.ts'
import { requestHeaders } from './headers.ts'
import { type Mistake, mistake } from './mistake.ts'
import { ownGroup, placeGroups, pointGroup } from './params.ts'
import { type Described, defineProfile, described, type Profile } from './profile.ts'
import { secretTextField } from './secret-text.ts'
import { type RequestSettings, requestKeys, section, textField, wordField } from './settings.ts'

const EVENT_TYPE = 'call.end'

interface PostCallSettings extends RequestSettings {
  readonly scope: 'all-calls' | 'configured-numbers'
  readonly option: 'call-detail' | 'google-analytics'
  readonly measurementId?: string | undefined
  readonly apiSecret?: string | undefined
  readonly eventName?: string | undefined
}

/** Keys that only `option: google-analytics` has. */
const ANALYTICS_KEYS = ['measurementId', 'apiSecret', 'eventName'] as const

/** `profile: dialogtech-post-call`; its own keys are `scope`, `option`, `measurementId`, `apiSecret` and `eventName`. */
export const DIALOGTECH_POST_CALL: Profile = defineProfile({
  id: 'dialogtech-post-call',
  title: 'DialogTech post-call action',
  job: 'send',
  methods: ['POST', 'GET'],
  triggers: [
    {
      eventType: EVENT_TYPE,
      member: 'postCall',
      keys: [
        { name: 'number', points: ['called_number', 'tracking', 'ivr_number_called'], compare: 'digits' },
        { name: 'pool', points: ['st_pool_name'], compare: 'text' },
        { name: 'adGroup', points: ['ad_group'], compare: 'text' },
      ],
      match: 'first',
      words: ['account-wide', 'none'],
      unbound: 'all-calls',
    },
  ],
  schema: (secret) =>
    section({
      ...requestKeys(secret, { methods: ['POST', 'GET'], includes: ['sourcetrak', 'leadflow', 'cake'] }),
      scope: wordField(['all-calls', 'configured-numbers']).default('all-calls'),
      option: wordField(['call-detail', 'google-analytics']).default('call-detail'),
      measurementId: textField().optional(),
      apiSecret: secretTextField(secret)
        .transform(({ text }) => text)
        .optional(),
      eventName: textField(40).optional(),
    }),
  describe: (settings) => (settings.option === 'call-detail' ? describeDetail(settings) : describeAnalytics(settings)),
})

function describeDetail(settings: PostCallSettings): Described {
  const { url, method, headers, params, include } = settings
  const mistakes: Mistake[] = ANALYTICS_KEYS.filter((key) => settings[key] !== undefined).map((key) => ({
    path: [key],
    message: 'goes with option: google-analytics only',
    at: 'key',
  }))
  if (include.includes('cake') && !include.includes('leadflow')) {
    mistakes.push(mistake(['include', include.indexOf('cake')], 'cake needs leadflow: include both'))
  }
  const groups: ParamGroup[] = [...ownGroup(params)]
  if (include.includes('sourcetrak')) groups.push(pointGroup(POST_CALL_SOURCETRAK, 'st_'))
  if (include.includes('leadflow')) groups.push(pointGroup(LEADFLOW))
  if (include.includes('cake')) groups.push(pointGroup(CAKE))
  const { query, body } = placeGroups(method, groups)
  return finish(settings, url, query, body, requestHeaders(headers, body.kind === 'none' ? 'none' : 'form'), mistakes)
}

function describeAnalytics(settings: PostCallSettings): Described {
  const { url, method, headers, params, include, measurementId, apiSecret, eventName = 'phone_call' } = settings
  const mistakes: Mistake[] = []
  if (method !== 'POST') {
    mistakes.push(mistake(['method'], 'option: google-analytics is sent by POST: leave method out'))
  }
  if (include.length > 0) {
    mistakes.push(mistake(['include'], 'option: google-analytics sends only params: leave include out'))
  }
  if (measurementId === undefined) {
    mistakes.push(
      mistake(['measurementId'], 'is missing: option: google-analytics needs the id of the data stream (G-...)'),
    )
  }
  if (apiSecret === undefined) {
    mistakes.push(
      mistake(['apiSecret'], 'is missing: option: google-analytics needs a Measurement Protocol API secret'),
    )
  }
  const analytics = googleAnalytics(
    { measurementId: measurementId ?? '', apiSecret: apiSecret ?? '', eventName },
    params,
  )
  mistakes.push(...analytics.mistakes)
  return finish(settings, url, [analytics.query], analytics.body, requestHeaders(headers, 'json'), mistakes)
}

function finish(
  settings: PostCallSettings,
  url: string,
  query: readonly ParamGroup[],
  body: BodySpec,
  headers: ReturnType<typeof requestHeaders>,
  mistakes: readonly Mistake[],
): Described {
  return described(
    {
      request: { method: settings.method, url: { text: url, syntax: 'none' }, query, body, headers },
      answer: { kind: 'status' },
      success: settings.successCodes ?? DEFAULT_SUCCESS_CODES,
      trigger: { on: [EVENT_TYPE], unbound: settings.scope === 'all-calls' },
    },
    mistakes,
  )
}
