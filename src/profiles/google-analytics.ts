/**
 * Google Analytics 4, Measurement Protocol: one call as one event. The body is a generated JSON format without tokens and a field
 * map, so that parameters may name any data point; the measurement id and the secret go into the query. Names follow Google's limits
 * for events: a letter, then letters, digits and `_`, at most 40 characters, and at most 25 parameters an event. Used by the
 * post-call profile.
 */
import type { BodySpec, Param, ParamGroup, ParamValue } from '../model/request-spec.ts'
import { type Mistake, mistake } from './mistake.ts'

/** What `option: google-analytics` is configured with. */
export interface GoogleAnalyticsSettings {
  readonly measurementId: string
  readonly apiSecret: string
  readonly eventName: string
}

/** Most parameters of an event that Google takes. */
const ANALYTICS_PARAMS_LIMIT = 25

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/
const NAME_RULE = 'a letter, then letters, digits and _, at most 40'

/** Query and body of the event; every parameter keeps the type of its data point. */
export function googleAnalytics(
  settings: GoogleAnalyticsSettings,
  params: readonly Param[],
): { readonly query: ParamGroup; readonly body: BodySpec; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = []
  if (!NAME.test(settings.eventName)) mistakes.push(mistake(['eventName'], `is no name of an event: ${NAME_RULE}`))
  for (const { name } of params) {
    if (!NAME.test(name)) mistakes.push(mistake(['params', name], `is no name of an event's parameter: ${NAME_RULE}`))
  }
  if (params.length > ANALYTICS_PARAMS_LIMIT) {
    mistakes.push(mistake(['params'], `at most ${ANALYTICS_PARAMS_LIMIT} parameters an event, not ${params.length}`))
  }
  const members = params.map(({ name, value }) => `${JSON.stringify(name)}: ${memberText(value)}`)
  const event = `{"name": ${JSON.stringify(settings.eventName)}, "params": {${members.join(', ')}}}`
  const format = `{"client_id": "", "events": [${event}]}`
  const points = params.flatMap(({ name, value }) =>
    value.kind === 'point' ? [[`events.0.params.${name}`, value.path] as const] : [],
  )
  const fields = { client_id: 'st_google_ua_client_id', ...Object.fromEntries(points) }
  return {
    query: {
      params: [
        { name: 'measurement_id', value: { kind: 'text', text: settings.measurementId, syntax: 'none' } },
        { name: 'api_secret', value: { kind: 'text', text: settings.apiSecret, syntax: 'none', isSecret: true } },
      ],
    },
    body: { kind: 'template', type: 'json', format: { text: format, syntax: 'none' }, fields },
    mistakes,
  }
}

/** Where a data point goes stands `null`, without quotes: numbers stay numbers. */
function memberText(value: ParamValue): string {
  return value.kind === 'point' ? 'null' : JSON.stringify(value.text)
}
