/**
 * `POST /v1/deliveries/purge`: removes ended deliveries for good, before their retention would. Only of accounts that the
 * caller sees; webhooks that no longer exist can be named too, so that another account's is answered like one that nobody has.
 */
import { systemClock } from '../../clock.ts'
import { readCommand } from '../body/command-body.ts'
import {
  ENDED_STATES,
  type Fields,
  fields,
  type Moment,
  momentMs,
  textField,
  timeField,
  wordField,
} from '../body/fields.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from '../http/answer.ts'
import { audited } from '../http/audit.ts'
import type { Call, Route, RouteContext } from '../route.ts'

/** What a purge is asked for with. */
interface PurgeOrder {
  readonly state: (typeof ENDED_STATES)[number]
  readonly before: Moment
  readonly webhook?: string | undefined
}

/** See {@link PurgeOrder}. What is removed can't be had back, so that state and time have to be named. */
export const PURGE_ORDER: Fields<PurgeOrder> = fields({
  state: wordField(ENDED_STATES, 'is needed: dead or delivered').describe('Which ended ones'),
  before: timeField('is needed: a time, or how long ago it was (7d)').describe('Ended before'),
  webhook: textField().optional().describe('Only of this webhook, which may be gone already'),
})

/** The route of this file. */
export function purgeRoute(context: RouteContext): Route {
  return {
    method: 'POST',
    path: '/v1/deliveries/purge',
    right: 'manage',
    answersHead: false,
    handle: (call) => purge(call, context),
  }
}

async function purge(call: Call, context: RouteContext): Promise<RouteAnswer> {
  const body = await readCommand(call, context, PURGE_ORDER)
  if (body === 'gone') return 'gone'
  if (body.kind === 'problem') return problemAnswer(body)
  const { state, before, webhook } = body.values
  const endedBeforeMs = momentMs(before, systemClock.nowMs())
  const named = webhook === undefined ? {} : { webhook }
  const request = { state, endedBeforeMs, ...named }
  const { accounts } = call.caller
  const asked = { state, before: new Date(endedBeforeMs).toISOString(), ...named }
  const count = await audited(
    call,
    context,
    'purge',
    asked,
    () => context.engine.purge(accounts === 'all' ? request : { ...request, accounts }),
    (purged) => ({ purged }),
  )
  return jsonAnswer(200, { purged: count })
}
