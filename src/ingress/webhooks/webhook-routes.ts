/**
 * Routes that work on one webhook with one event: `invoke`, by POST or GET, and `render`, which also takes the event of a
 * delivery. A webhook of an account that the caller does not see is answered like one that does not exist. A client that
 * closes its connection ends its invoke.
 */
import type { InvokeResult } from '../../model/results.ts'
import { type Fields, fields, textField } from '../body/fields.ts'
import { preferredType } from '../body/media-type.ts'
import { readFilter } from '../body/query-filter.ts'
import { withBody } from '../body/read-body.ts'
import type { EventResult, EventRules, Refusal } from '../events/event-attributes.ts'
import { type Carriage, readCarriage, readQueryEvent, readSingle } from '../events/event-reader.ts'
import { withUtf8 } from '../events/utf8-body.ts'
import { seesAccount } from '../http/access.ts'
import { type HttpAnswer, jsonAnswer, problemAnswer, type RouteAnswer } from '../http/answer.ts'
import { ClientGone } from '../http/client-gone.ts'
import { type Problem, problem } from '../problems.ts'
import { bodyProblem, type Call, type Route, type RouteContext } from '../route.ts'
import { flattenToForm } from './flatten.ts'
import { waitSeconds } from './prefer.ts'
import { requestView } from './request-view.ts'

/** The type of an event that is invoked with and names none. */
const INVOKE_TYPE = 'call.ivr'

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** Whose event is rendered; the body's where it is absent. */
export const RENDER_FILTER: Fields<{ readonly delivery?: string | undefined }> = fields({
  delivery: textField().optional().describe('Id of a delivery of the same account; then no body is sent'),
})

/** The routes of this file. */
export function webhookRoutes(context: RouteContext): readonly Route[] {
  const invokePath = '/v1/webhooks/{id}/invoke'
  const invokeBy = (read: ReadEvent) => (call: Call) =>
    withEvent(call, context, read, (event) => invoke(call, event, context))
  const renderAny = (call: Call) =>
    namesDelivery(call)
      ? renderDelivery(call, context)
      : withEvent(call, context, readBodyEvent, (event) => render(call.id, event, context))
  return [
    { method: 'POST', path: invokePath, right: 'invoke', answersHead: false, handle: invokeBy(readBodyEvent) },
    { method: 'GET', path: invokePath, right: 'invoke', answersHead: false, handle: invokeBy(readParameterEvent) },
    {
      method: 'POST',
      path: '/v1/webhooks/{id}/render',
      right: 'read',
      answersHead: false,
      handle: renderAny,
    },
  ]
}

type EventOf = Extract<EventResult, { kind: 'event' }>['event']

/** Reads a call's event and times it. */
type ReadEvent = (call: Call, rules: EventRules, context: RouteContext) => ReadResult | Promise<ReadResult>

type ReadResult = EventResult | Problem | 'gone'

async function withEvent(
  call: Call,
  context: RouteContext,
  read: ReadEvent,
  use: (event: EventOf) => Promise<RouteAnswer>,
): Promise<RouteAnswer> {
  const account = context.engine.accountOf(call.id)
  if (account === undefined || !seesAccount(call.caller, account)) return problemAnswer(noWebhook(call.id))
  const result = await read(call, rulesFor(call, account), context)
  if (result === 'gone') return 'gone'
  switch (result.kind) {
    case 'problem':
      return problemAnswer(result)
    case 'refused':
      context.metrics.eventRefused(result.type)
      return problemAnswer(problemOfRefusal(result))
    case 'event':
      return await use(result.event)
  }
}

function readBodyEvent(call: Call, rules: EventRules, context: RouteContext): ReadResult | Promise<ReadResult> {
  const { request } = call
  const onReplaced = (count: number) => context.metrics.replacedBytes(count)
  const carriage = readCarriage({ headers: request.headers, query: call.query }, context.limits, onReplaced)
  if (carriage.kind === 'problem') return carriage
  if (holdsMany(carriage)) return problem('unsupported-media-type', 'Send one event, not a batch')
  return withBody<ReadResult>(request, 'single', context, async (body) => {
    if (body.kind === 'gone') return 'gone'
    if (body.kind !== 'body') return bodyProblem(body)
    return await withUtf8({ bytes: body.bytes, carriage }, context.turns, onReplaced, (utf8) =>
      timed(context, () => readSingle(utf8.bytes, utf8.carriage, rules, context.limits)),
    )
  })
}

function readParameterEvent(call: Call, rules: EventRules, context: RouteContext): EventResult {
  const onReplaced = (count: number) => context.metrics.replacedBytes(count)
  return timed(context, () => readQueryEvent(call.query, rules, context.limits, onReplaced))
}

function holdsMany({ form }: Carriage): boolean {
  return form === 'batch' || form === 'ndjson'
}

function timed(context: RouteContext, read: () => EventResult): EventResult {
  const startedMs = performance.now()
  const result = read()
  context.metrics.overheadIngress(performance.now() - startedMs)
  return result
}

/** An event that names no account belongs to the webhook's. */
function rulesFor({ request }: Call, account: string): EventRules {
  const { traceparent } = request.headers
  return {
    accountFor: (given) =>
      given === undefined || given === account ? account : { refused: `the account ${given} has no such webhook` },
    defaultType: INVOKE_TYPE,
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
  }
}

async function invoke(call: Call, event: EventOf, { engine }: RouteContext): Promise<RouteAnswer> {
  const waitS = waitSeconds(call.request.headers['prefer'])
  const signal = new ClientGone(call.response)
  const result = await engine.invoke(
    call.id,
    event,
    waitS === undefined ? { signal } : { signal, budgetMs: waitS * 1000 },
  )
  if (signal.aborted) return 'gone'
  if (result === undefined) return problemAnswer(noWebhook(call.id))
  const applied = waitS === undefined ? undefined : { 'preference-applied': `wait=${waitS}` }
  return decisionAnswer(result, call.request.headers.accept, { ...decisionHeaders(result), ...applied })
}

function decisionHeaders({ decision }: InvokeResult): Readonly<Record<string, string>> {
  const headers = { 'switchhook-decision': decision.kind, vary: 'accept' }
  if (decision.kind === 'next-action') return { ...headers, 'switchhook-app': decision.app }
  return decision.kind === 'backup' ? { ...headers, 'switchhook-reason': decision.reason } : headers
}

function decisionAnswer(
  result: InvokeResult,
  accept: string | undefined,
  headers: Readonly<Record<string, string>>,
): HttpAnswer {
  if (preferredType(accept, [JSON_TYPE, FORM_TYPE]) === JSON_TYPE) return jsonAnswer(200, result, headers)
  return { status: 200, contentType: FORM_TYPE, body: flattenToForm(result), headers }
}

async function render(webhookId: string, event: EventOf, { engine }: RouteContext): Promise<RouteAnswer> {
  const rendered = await engine.render(webhookId, event)
  const origin = engine.originOf(webhookId)
  if (rendered === undefined || origin === undefined) return problemAnswer(noWebhook(webhookId))
  if (rendered.kind === 'invalid') return problemAnswer(problem('unrenderable', rendered.detail))
  return jsonAnswer(200, requestView(origin, rendered))
}

/** Whether the query says which delivery's event is rendered: `?delivery=ID`. */
function namesDelivery({ query }: Call): boolean {
  return /(?:^|&)delivery=/.test(query)
}

/** A delivery is rendered for those who may see it, and for webhooks of its own account. */
async function renderDelivery(call: Call, context: RouteContext): Promise<RouteAnswer> {
  const { engine } = context
  const given = readFilter(call.query, RENDER_FILTER, context)
  if (given.kind === 'problem') return problemAnswer(given)
  if (hasBody(call))
    return problemAnswer(problem('invalid-request', 'delivery brings its event: send no body beside it'))
  const account = engine.accountOf(call.id)
  if (account === undefined || !seesAccount(call.caller, account)) return problemAnswer(noWebhook(call.id))
  const { delivery: id = '' } = given.values
  const record = await engine.delivery(id)
  if (record?.account !== account) {
    return problemAnswer(problem('not-found', `There is no delivery ${JSON.stringify(id)} of this webhook's account`))
  }
  const request = await engine.calls.requestFor(id, call.id)
  if (request === undefined) return problemAnswer(noWebhook(call.id))
  const { origin, rendered } = request
  if (rendered.kind === 'invalid') return problemAnswer(problem('unrenderable', rendered.detail))
  return jsonAnswer(200, requestView(origin, rendered))
}

function hasBody({ request: { headers } }: Call): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function problemOfRefusal({ cause, path, detail }: Refusal): Problem {
  switch (cause) {
    case 'malformed':
      return problem('malformed-body', detail)
    case 'account':
      return problem('not-found', detail)
    case 'invalid':
      return problem('invalid-event', detail, path === '' ? {} : { errors: [{ path, detail }] })
  }
}

function noWebhook(id: string): Problem {
  return problem('not-found', `There is no webhook ${JSON.stringify(id)}`)
}
