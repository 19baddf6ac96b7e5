/**
 * Routes that show deliveries and send them again: `GET /v1/deliveries`, `GET /v1/deliveries/{id}` and
 * `POST /v1/deliveries/{id}/retry`. A caller sees the deliveries of its accounts only; others do not exist for it.
 */
import type { DeliveryState } from '../model/delivery.ts'
import type { DeliveryQuery } from '../outbox/contract.ts'
import { type Caller, seesAccount } from './access.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from './answer.ts'
import { audited } from './audit.ts'
import { utf8Decoder } from './charset.ts'
import { deliveryView } from './delivery-view.ts'
import { readPairs } from './form.ts'
import { type Problem, type ProblemPart, problem } from './problems.ts'
import type { Call, Route, RouteContext } from './route.ts'

const STATES = ['pending', 'delivered', 'dead'] as const satisfies readonly DeliveryState[]

/** Deliveries on a page unless the query says otherwise. */
const DEFAULT_PAGE_SIZE = 100

/** Most deliveries on a page: the outbox contract's. */
const PAGE_SIZE_LIMIT = 1000

/** Most characters of a query value. */
const VALUE_LENGTH = 1024

/** The routes of this file. */
export function deliveryRoutes(context: RouteContext): readonly Route[] {
  return [
    { method: 'GET', path: '/v1/deliveries', right: 'read', answersHead: true, handle: (call) => list(call, context) },
    {
      method: 'GET',
      path: '/v1/deliveries/{id}',
      right: 'read',
      answersHead: true,
      handle: (call) => show(call, context),
    },
    {
      method: 'POST',
      path: '/v1/deliveries/{id}/retry',
      right: 'manage',
      answersHead: false,
      handle: (call) => retry(call, context),
    },
  ]
}

async function list({ query, caller }: Call, { engine, metrics, limits }: RouteContext): Promise<RouteAnswer> {
  const pairs = readPairs(
    query,
    utf8Decoder((count) => metrics.replacedBytes(count)),
    limits.parameters,
  )
  if (pairs.kind === 'refused') return problemAnswer(problem('invalid-request', pairs.detail))
  const read = readQuery(new Map(pairs.pairs.map(({ name, value }) => [name, value])), caller)
  if (read.kind === 'problem') return problemAnswer(read)
  const page = await engine.deliveries(read.query)
  return jsonAnswer(200, {
    deliveries: page.deliveries.map((record) => deliveryView(record, engine.holdOf(record))),
    next: page.next ?? null,
  })
}

async function show({ id, caller }: Call, { engine }: RouteContext): Promise<RouteAnswer> {
  const record = await engine.delivery(id)
  if (record === undefined || !seesAccount(caller, record.account)) return problemAnswer(noDelivery(id))
  return jsonAnswer(200, deliveryView(record, engine.holdOf(record)))
}

async function retry(call: Call, context: RouteContext): Promise<RouteAnswer> {
  const { id, caller } = call
  const { engine } = context
  const record = await engine.delivery(id)
  if (record === undefined || !seesAccount(caller, record.account)) return problemAnswer(noDelivery(id))
  const result = await audited(
    call,
    context,
    'retry',
    { delivery: id, webhook: record.webhook },
    () => engine.retry(id),
    ({ kind }) => ({ result: kind }),
  )
  switch (result.kind) {
    case 'retried':
      return jsonAnswer(202, { id, state: 'pending' satisfies DeliveryState })
    case 'not-found':
      return problemAnswer(noDelivery(id))
    case 'refused':
      return problemAnswer(problem('conflict', result.detail))
  }
}

type ReadQuery = { readonly kind: 'query'; readonly query: DeliveryQuery } | Problem

/** Reads the filter; an empty value counts as absent. All mistakes are reported at once. */
function readQuery(given: ReadonlyMap<string, string>, caller: Caller): ReadQuery {
  const errors: ProblemPart[] = []
  const names = ['webhook', 'state', 'event', 'subject', 'limit', 'cursor']
  for (const [name, value] of given) {
    if (!names.includes(name)) errors.push({ path: `query.${name}`, detail: `not one of ${names.join(', ')}` })
    else if (value.length > VALUE_LENGTH)
      errors.push({ path: `query.${name}`, detail: `more than ${VALUE_LENGTH} characters` })
  }
  const stateText = given.get('state') || undefined
  const state = STATES.find((name) => name === stateText)
  if (stateText !== undefined && state === undefined) {
    errors.push({ path: 'query.state', detail: `must be one of ${STATES.join(', ')}` })
  }
  const limitText = given.get('limit') || String(DEFAULT_PAGE_SIZE)
  const limit = /^\d{1,6}$/.test(limitText) ? Number(limitText) : 0
  if (limit < 1 || limit > PAGE_SIZE_LIMIT) {
    errors.push({ path: 'query.limit', detail: `must be a whole number from 1 to ${PAGE_SIZE_LIMIT}` })
  }
  if (errors.length > 0) return problem('invalid-request', 'The query is not acceptable', { errors })
  const webhook = given.get('webhook') || undefined
  const event = given.get('event') || undefined
  const subject = given.get('subject') || undefined
  const cursor = given.get('cursor') || undefined
  return {
    kind: 'query',
    query: {
      limit,
      ...(webhook !== undefined && { webhook }),
      ...(event !== undefined && { event }),
      ...(subject !== undefined && { subject }),
      ...(cursor !== undefined && { cursor }),
      ...(state !== undefined && { state }),
      ...(caller.accounts !== 'all' && { accounts: caller.accounts }),
    },
  }
}

function noDelivery(id: string): Problem {
  return problem('not-found', `There is no delivery ${JSON.stringify(id)}, or no longer`)
}
