/**
 * `POST /v1/deliveries/purge`: removes ended deliveries for good, before their retention would. Only of accounts that the
 * caller sees; webhooks that no longer exist can be named too, so that another account's is answered like one that nobody has.
 */
import { systemClock } from '../clock.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from './answer.ts'
import { audited } from './audit.ts'
import { type CommandBody, readCommand } from './command-body.ts'
import type { PurgeRequest } from './engine-port.ts'
import type { Problem } from './problems.ts'
import type { Call, Route, RouteContext } from './route.ts'

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
  const body = await readCommand(call, context, ['state', 'before', 'webhook'])
  if (body === 'gone') return 'gone'
  if (body.kind === 'problem') return problemAnswer(body)
  const read = readPurge(body, systemClock.nowMs())
  if ('kind' in read) return problemAnswer(read)
  const { webhook, state, endedBeforeMs } = read
  const { accounts } = call.caller
  const asked = { state, before: new Date(endedBeforeMs).toISOString(), ...(webhook !== undefined && { webhook }) }
  const count = await audited(
    call,
    context,
    'purge',
    asked,
    () => context.engine.purge(accounts === 'all' ? read : { ...read, accounts }),
    (purged) => ({ purged }),
  )
  return jsonAnswer(200, { purged: count })
}

/** What is removed can't be had back, so that state and time have to be named. */
function readPurge(body: CommandBody, nowMs: number): PurgeRequest | Problem {
  const state = body.endedState('state')
  const endedBeforeMs = body.timeMs('before', nowMs)
  const webhook = body.text('webhook')
  if (!body.has('state')) body.wrong('state', 'is needed: dead or delivered')
  if (!body.has('before')) body.wrong('before', 'is needed: a time, or how long ago it was (7d)')
  if (state === undefined || endedBeforeMs === undefined || !body.isRight) return body.refusal()
  return { state, endedBeforeMs, ...(webhook !== undefined && { webhook }) }
}
