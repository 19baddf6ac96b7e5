/**
 * `GET /v1/calls`: the calls of which something happened last, each with the latest thing of it; for people who look for one.
 * Only of accounts that the caller sees.
 */
import type { RecentCall } from '../../engine/calls/recent-calls.ts'
import { countField, type Fields, fields, textField } from '../body/fields.ts'
import { readFilter } from '../body/query-filter.ts'
import { timeText } from '../deliveries/delivery-view.ts'
import { seesAccount } from '../http/access.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from '../http/answer.ts'
import { problem } from '../problems.ts'
import type { Call, Route, RouteContext } from '../route.ts'

/** Calls that are listed unless the query says otherwise. */
const DEFAULT_LIMIT = 50

/** Most calls. */
const LIMIT = 100

/** Which calls are listed. */
interface RecentFilter {
  readonly account?: string | undefined
  readonly limit: number
}

/** See {@link RecentFilter}. */
export const RECENT_FILTER: Fields<RecentFilter> = fields({
  account: textField().optional().describe('Only of this account'),
  limit: countField(1, LIMIT).prefault(DEFAULT_LIMIT).describe('Most calls'),
})

/** The route of this file. */
export function recentCallsRoute(context: RouteContext): Route {
  return { method: 'GET', path: '/v1/calls', right: 'read', answersHead: true, handle: (call) => list(call, context) }
}

async function list({ query, caller }: Call, context: RouteContext): Promise<RouteAnswer> {
  const given = readFilter(query, RECENT_FILTER, context)
  if (given.kind === 'problem') return problemAnswer(given)
  const { account, limit } = given.values
  if (account !== undefined && !seesAccount(caller, account)) {
    return problemAnswer(problem('not-found', `There is no account ${JSON.stringify(account)}`))
  }
  const accounts = account === undefined ? caller.accounts : [account]
  const calls = await context.engine.calls.recent(accounts === 'all' ? { limit } : { limit, accounts })
  return jsonAnswer(200, { calls: calls.map(callView) })
}

function callView({ account, subject, atMs, latest }: RecentCall): object {
  return { subject, account, time: timeText(atMs), latest }
}
