/**
 * Commands on a webhook: `POST /v1/webhooks/{id}/replay`, `/activate` and `/deactivate`. A webhook of an account that the
 * caller does not see is answered like one that does not exist, and a replay leaves out what other accounts' events made.
 */
import { systemClock } from '../../clock.ts'
import { readCommand, refuseCommand } from '../body/command-body.ts'
import { ENDED_STATES, type Fields, fields, type Moment, momentMs, timeField, wordField } from '../body/fields.ts'
import { seesAccount } from '../http/access.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from '../http/answer.ts'
import { audited } from '../http/audit.ts'
import type { ReplayRequest } from '../ports/engine-port.ts'
import { type Problem, problem } from '../problems.ts'
import type { Call, Route, RouteContext } from '../route.ts'

/** What a replay is asked for with. */
interface ReplayOrder {
  readonly state?: (typeof ENDED_STATES)[number] | undefined
  readonly since?: Moment | undefined
  readonly until?: Moment | undefined
}

/** See {@link ReplayOrder}. */
export const REPLAY_ORDER: Fields<ReplayOrder> = fields({
  state: wordField(ENDED_STATES).optional().describe('Which ended ones; `dead` by default'),
  since: timeField().optional().describe('Accepted from then on; from the first by default, needed with `delivered`'),
  until: timeField().optional().describe('Accepted before; now by default'),
})

/** Commands that take no values. */
export const NO_ORDER: Fields<object> = fields({})

/** The routes of this file. */
export function webhookCommands(context: RouteContext): readonly Route[] {
  const command = (name: string, handle: Route['handle']): Route => {
    return { method: 'POST', path: `/v1/webhooks/{id}/${name}`, right: 'manage', answersHead: false, handle }
  }
  return [
    command('replay', (call) => replay(call, context)),
    command('activate', (call) => setActive(call, context, true)),
    command('deactivate', (call) => setActive(call, context, false)),
  ]
}

async function replay(call: Call, context: RouteContext): Promise<RouteAnswer> {
  if (!isVisible(call, context)) return problemAnswer(noWebhook(call.id))
  const body = await readCommand(call, context, REPLAY_ORDER)
  if (body === 'gone') return 'gone'
  if (body.kind === 'problem') return problemAnswer(body)
  const read = replayFor(body.values, systemClock.nowMs())
  if ('kind' in read) return problemAnswer(read)
  const { accounts } = call.caller
  const request = accounts === 'all' ? read : { ...read, accounts }
  const { sinceMs, untilMs, state } = read
  const asked = { webhook: call.id, state, since: timeText(sinceMs), until: timeText(untilMs) }
  const result = await audited(
    call,
    context,
    'replay',
    asked,
    () => context.engine.replay({ webhook: call.id, ...request }),
    (done) => (done.kind === 'replayed' ? { replayed: done.count } : { refused: done.detail }),
  )
  if (result.kind === 'refused') return problemAnswer(problem('conflict', result.detail))
  return jsonAnswer(202, { replayed: result.count })
}

/** Everything that is dead, and of what was delivered only what is asked for by its time: nobody wants all of it twice. */
function replayFor(order: ReplayOrder, nowMs: number): Omit<ReplayRequest, 'webhook'> | Problem {
  const { state = 'dead', since, until } = order
  const untilMs = until === undefined ? nowMs + 1 : momentMs(until, nowMs)
  if (since === undefined) {
    if (state === 'dead') return { state, sinceMs: 0, untilMs }
    const detail = 'is needed to send again what was delivered: a time, or how long ago it was (2h)'
    return refuseCommand([{ path: 'since', detail }])
  }
  const sinceMs = momentMs(since, nowMs)
  if (sinceMs < untilMs) return { state, sinceMs, untilMs }
  return refuseCommand([{ path: 'since', detail: 'must lie before until, which is now by default' }])
}

async function setActive(call: Call, context: RouteContext, isActive: boolean): Promise<RouteAnswer> {
  if (!isVisible(call, context)) return problemAnswer(noWebhook(call.id))
  const body = await readCommand(call, context, NO_ORDER)
  if (body === 'gone') return 'gone'
  if (body.kind === 'problem') return problemAnswer(body)
  const isDone = await audited(
    call,
    context,
    isActive ? 'activate' : 'deactivate',
    { webhook: call.id },
    () => context.engine.setActive(call.id, isActive),
    () => ({}),
  )
  return isDone ? jsonAnswer(200, { id: call.id, active: isActive }) : problemAnswer(noWebhook(call.id))
}

function isVisible({ id, caller }: Call, { engine }: RouteContext): boolean {
  const account = engine.accountOf(id)
  return account !== undefined && seesAccount(caller, account)
}

function noWebhook(id: string): Problem {
  return problem('not-found', `There is no webhook ${JSON.stringify(id)}`)
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
