/**
 * `POST /v1/erase`: erases what is kept of a call or a telephone number, of accounts that the caller sees. Each request works for
 * about half a second: while `next` is not null, the same is sent again with it as `cursor`. The log tells that something was
 * erased and how much, not whose.
 */
import { compileNumberMatch, NUMBER_RULE } from '../../policy/telephone-number.ts'
import { readCommand } from '../body/command-body.ts'
import { type Fields, fields, flagField, textField } from '../body/fields.ts'
import { type Caller, seesAccount } from '../http/access.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from '../http/answer.ts'
import { audited } from '../http/audit.ts'
import type { EraseRequest } from '../ports/engine-port.ts'
import { type Problem, problem } from '../problems.ts'
import type { Call, Route, RouteContext } from '../route.ts'

/** What an erasure is asked for with. */
interface EraseOrder {
  readonly call?: string | undefined
  readonly number?: string | undefined
  readonly account?: string | undefined
  readonly dryRun?: boolean | undefined
  readonly cursor?: string | undefined
}

/** See {@link EraseOrder}; either a call or a number. */
export const ERASE_ORDER: Fields<EraseOrder> = fields({
  call: textField().optional().describe('Subject of the call'),
  number: textField()
    .optional()
    .describe('Telephone number, at least 5 digits; with its country code it is found however it is written'),
  account: textField().optional().describe('Only of this account'),
  dryRun: flagField().optional().describe('true: only counts'),
  cursor: textField().optional().describe('`next` of the answer before'),
})
  .meta({ oneOf: [{ required: ['call'] }, { required: ['number'] }] })
  .superRefine(({ call, number }, context) => {
    const wrong = (name: string, message: string): void => context.addIssue({ code: 'custom', path: [name], message })
    if ((call === undefined) === (number === undefined)) {
      for (const name of ['call', 'number']) wrong(name, 'is needed: either a call or a number, not both')
    } else if (number !== undefined && compileNumberMatch(number) === undefined) wrong('number', NUMBER_RULE)
  })

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
  const body = await readCommand(call, context, ERASE_ORDER)
  if (body === 'gone') return 'gone'
  if (body.kind === 'problem') return problemAnswer(body)
  const request = requestFor(body.values, call.caller)
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

function requestFor(order: EraseOrder, caller: Caller): EraseRequest | Problem {
  const { call: subject, number, account, cursor, dryRun: isDryRun = false } = order
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
