/**
 * Routes that show and change templates, webhooks and bindings: `GET /v1/webhooks`, `GET`, `PUT` and `DELETE` of one, the same
 * for the other two, and `GET /v1/config`. A caller sees and changes what its accounts have; of the rest it is told as of what
 * is not there.
 */
import type { Kind } from '../../config/kinds.ts'
import type { ChangeResult } from '../../manage/requests.ts'
import type { EntryView } from '../../manage/view.ts'
import { readFilter } from '../body/query-filter.ts'
import { type HttpAnswer, jsonAnswer, problemAnswer, type RouteAnswer } from '../http/answer.ts'
import { audited } from '../http/audit.ts'
import { type Problem, problem } from '../problems.ts'
import type { Call, Route, RouteContext } from '../route.ts'
import { readConfigBody } from './management-body.ts'
import { LIST_QUERY } from './management-schemas.ts'

/** How each kind stands in paths and answers. */
const PLURALS: Readonly<Record<Kind, string>> = {
  template: 'templates',
  webhook: 'webhooks',
  binding: 'bindings',
}

const TEMPLATES_ARE_SHARED = 'Templates are for more than one account: changing them takes a token for all accounts'

const CONFIG_OF_ALL = 'The configuration is of all accounts, and this token is for some; use one without accounts'

/** The routes of this file. */
export function managementRoutes(context: RouteContext): readonly Route[] {
  return [
    ...(['webhook', 'template', 'binding'] as const).flatMap((kind) => routesOf(kind, context)),
    configRoute(context),
  ]
}

function routesOf(kind: Kind, context: RouteContext): readonly Route[] {
  const path = `/v1/${PLURALS[kind]}`
  const one = `${path}/{id}`
  return [
    { method: 'GET', path, right: 'read', answersHead: true, handle: (call) => list(kind, call, context) },
    { method: 'GET', path: one, right: 'read', answersHead: true, handle: async (call) => show(kind, call, context) },
    { method: 'PUT', path: one, right: 'manage', answersHead: false, handle: (call) => put(kind, call, context) },
    { method: 'DELETE', path: one, right: 'manage', answersHead: false, handle: (call) => remove(kind, call, context) },
  ]
}

function configRoute({ management }: RouteContext): Route {
  return {
    method: 'GET',
    path: '/v1/config',
    right: 'manage',
    answersHead: true,
    handle: async ({ caller }) =>
      caller.accounts === 'all'
        ? jsonAnswer(200, management.sections())
        : problemAnswer(problem('forbidden', CONFIG_OF_ALL)),
  }
}

async function list(kind: Kind, { query, caller }: Call, context: RouteContext): Promise<RouteAnswer> {
  const given = readFilter(query, LIST_QUERY, context)
  if (given.kind === 'problem') return problemAnswer(given)
  const { limit, cursor, account } = given.values
  const { entries, next } = await context.management.list({
    kind,
    accounts: narrowed(caller.accounts, account),
    limit,
    ...(cursor !== undefined && { cursor }),
  })
  return jsonAnswer(200, { [PLURALS[kind]]: entries, next: next ?? null })
}

/** Of the caller's accounts the one that is asked for; none where it is not among them. */
function narrowed(accounts: Call['caller']['accounts'], asked: string | undefined): Call['caller']['accounts'] {
  if (asked === undefined) return accounts
  return accounts === 'all' || accounts.includes(asked) ? [asked] : []
}

function show(kind: Kind, { id, caller }: Call, { management }: RouteContext): RouteAnswer {
  const entry = management.get({ kind, id, accounts: caller.accounts })
  return entry === undefined ? problemAnswer(noEntry(kind, id)) : entryAnswer(200, entry)
}

async function put(kind: Kind, call: Call, context: RouteContext): Promise<RouteAnswer> {
  const { id, caller, request } = call
  if (kind === 'template' && caller.accounts !== 'all') return problemAnswer(problem('forbidden', TEMPLATES_ARE_SHARED))
  const body = await readConfigBody(call, context)
  if (body === 'gone') return 'gone'
  if (body.kind === 'problem') return problemAnswer(body)
  const { value } = body
  const asked = { kind, id, accounts: caller.accounts, value, conditions: conditionsOf(request.headers) }
  return await changed(call, context, kind, 'put', () => context.management.put(asked))
}

async function remove(kind: Kind, call: Call, context: RouteContext): Promise<RouteAnswer> {
  const { id, caller, request } = call
  if (kind === 'template' && caller.accounts !== 'all') return problemAnswer(problem('forbidden', TEMPLATES_ARE_SHARED))
  const asked = { kind, id, accounts: caller.accounts, conditions: conditionsOf(request.headers) }
  return await changed(call, context, kind, 'delete', () => context.management.remove(asked))
}

/** Carries out a change; what changed nothing leaves no line in the audit trail. */
async function changed(
  call: Call,
  context: RouteContext,
  kind: Kind,
  verb: 'put' | 'delete',
  work: () => Promise<ChangeResult>,
): Promise<RouteAnswer> {
  const result = await audited(call, context, `${verb}-${kind}`, { [kind]: call.id }, work, (done) => {
    if (done.kind !== 'created' && done.kind !== 'replaced' && done.kind !== 'deleted') return undefined
    return { result: done.kind, ...(done.entry !== undefined && { origin: done.entry.origin }) }
  })
  return answerOf(kind, call.id, result)
}

function answerOf(kind: Kind, id: string, result: ChangeResult): RouteAnswer {
  switch (result.kind) {
    case 'created':
      return entryAnswer(201, result.entry, { location: `/v1/${PLURALS[kind]}/${encodeURIComponent(id)}` })
    case 'replaced':
    case 'unchanged':
      return entryAnswer(200, result.entry)
    case 'deleted':
      return { status: 204, contentType: 'application/json; charset=utf-8', body: '' }
    case 'not-found':
      return problemAnswer(noEntry(kind, id))
    case 'precondition-failed':
      return problemAnswer(problem('precondition-failed', `The ${kind} is not as the condition wants it: get it again`))
    case 'forbidden':
      return problemAnswer(problem('forbidden', result.detail))
    case 'invalid':
      return problemAnswer(problem('invalid-request', `The ${kind} is not acceptable`, { errors: result.mistakes }))
    case 'conflict': {
      const { detail, uses, total } = result
      const members = total === 0 ? '' : `"usedBy":${JSON.stringify(uses)},"usedByCount":${total}`
      return problemAnswer(problem('conflict', detail), members)
    }
  }
}

function entryAnswer(status: number, entry: EntryView, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return jsonAnswer(status, entry, { ...headers, etag: entry.etag })
}

function conditionsOf(headers: Call['request']['headers']): {
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
} {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers
  return { ...(ifMatch !== undefined && { ifMatch }), ...(ifNoneMatch !== undefined && { ifNoneMatch }) }
}

function noEntry(kind: Kind, id: string): Problem {
  return problem('not-found', `There is no ${kind} ${JSON.stringify(id)}`)
}
