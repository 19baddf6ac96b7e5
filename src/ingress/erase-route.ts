/**
 * `POST /v1/erase`: erases what is kept of a call or a telephone number, of accounts that the caller sees. Each request works for
 * about half a second: while `next` is not null, the same is sent again with it as `cursor`. The log tells that something was
 * erased and how much, not whose.
 */
import { compileNumberMatch, NUMBER_RULE } from '../policy/telephone-number.ts'
import { type Caller, seesAccount } from './access.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from './answer.ts'
import { audited } from './audit.ts'
import { type CommandBody, readCommand } from './command-body.ts'
import type { EraseRequest } from './engine-port.ts'
import { type Problem, problem } from './problems.ts'
import type { Call, Route, RouteContext } from './route.ts'

/** The route of this file. */
export function eraseRoute(context: RouteContext): Route {
  return {
    method: 'POST',
    path: '/v1/erase',
    right: 'manage',
    answersHead: false,
    handle: (call) => erase(call, context),
  }
}

async function erase(call: Call, context: RouteContext): Promise<RouteAnswer> {
  const body = await readCommand(call, context, ['call', 'number', 'account', 'dryRun', 'cursor'])
  if (body === 'gone') return 'gone'
  if (body.kind === 'problem') return problemAnswer(body)
  const request = readRequest(body, call.caller)
  if ('kind' in request) return problemAnswer(request)
  const { isDryRun } = request
  const { next, ...counts } = await audited(
    call,
    context,
    'erase',
    { of: request.of.kind, dryRun: isDryRun },
    () => context.engine.erase(request),
    ({ events, deliveries, pending }) => ({ events, deliveries, pending }),
  )
  return jsonAnswer(200, { ...counts, dryRun: isDryRun, next: next ?? null })
}

function readRequest(body: CommandBody, caller: Caller): EraseRequest | Problem {
  const subject = body.text('call')
  const number = body.text('number')
  const account = body.text('account')
  const cursor = body.text('cursor')
  const isDryRun = body.flag('dryRun')
  if (body.has('call') === body.has('number')) {
    for (const name of ['call', 'number']) body.wrong(name, 'is needed: either a call or a number, not both')
  }
  if (number !== undefined && compileNumberMatch(number) === undefined) body.wrong('number', NUMBER_RULE)
  if (!body.isRight) return body.refusal()
  if (account !== undefined && !seesAccount(caller, account)) {
    return problem('not-found', `There is no account ${JSON.stringify(account)}`)
  }
  const seen = caller.accounts === 'all' ? {} : { accounts: caller.accounts }
  return {
    of: number === undefined ? { kind: 'call', subject: subject ?? '' } : { kind: 'number', number },
    isDryRun,
    ...(account === undefined ? seen : { accounts: [account] }),
    ...(cursor !== undefined && { cursor }),
  }
}
