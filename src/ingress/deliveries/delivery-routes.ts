/**
 * Routes that show deliveries and send them again: `GET /v1/deliveries`, `GET /v1/deliveries/{id}` and
 * `POST /v1/deliveries/{id}/retry`. A caller sees the deliveries of its accounts only; others do not exist for it.
 */
import type { DeliveryState } from '../../model/delivery.ts'
import type { DeliveryQuery } from '../../outbox/contract.ts'
import { countField, type Fields, fields, textField, wordField } from '../body/fields.ts'
import { readFilter } from '../body/query-filter.ts'
import { type Caller, seesAccount } from '../http/access.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from '../http/answer.ts'
import { audited } from '../http/audit.ts'
import { type Problem, problem } from '../problems.ts'
import type { Call, Route, RouteContext } from '../route.ts'
import { deliveryView } from './delivery-view.ts'

const STATES = ['pending', 'delivered', 'dead'] as const satisfies readonly DeliveryState[]

/** Deliveries on a page unless the query says otherwise. */
const DEFAULT_PAGE_SIZE = 100

/** Most deliveries on a page: the outbox contract's. */
const PAGE_SIZE_LIMIT = 1000

/** Which deliveries are listed. */
interface DeliveryFilter {
  readonly webhook?: string | undefined
  readonly state?: DeliveryState | undefined
  readonly event?: string | undefined
  readonly subject?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** See {@link DeliveryFilter}. */
export const DELIVERY_FILTER: Fields<DeliveryFilter> = fields({
  webhook: textField().optional().describe('Only to this webhook'),
  state: wordField(STATES).optional().describe('Only those that stand so'),
  event: textField().optional().describe('Only of events with this id'),
  subject: textField().optional().describe('Only of the call with this id'),
  limit: countField(1, PAGE_SIZE_LIMIT).prefault(DEFAULT_PAGE_SIZE).describe('Most deliveries on a page'),
  cursor: textField().optional().describe('`next` of the page before'),
})

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

async function list({ query, caller }: Call, context: RouteContext): Promise<RouteAnswer> {
  const { engine } = context
  const read = readFilter(query, DELIVERY_FILTER, context)
  if (read.kind === 'problem') return problemAnswer(read)
  const page = await engine.deliveries(queryFor(read.values, caller))
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

function queryFor({ limit, webhook, state, event, subject, cursor }: DeliveryFilter, caller: Caller): DeliveryQuery {
  return {
    limit,
    ...(webhook !== undefined && { webhook }),
    ...(event !== undefined && { event }),
    ...(subject !== undefined && { subject }),
    ...(cursor !== undefined && { cursor }),
    ...(state !== undefined && { state }),
    ...(caller.accounts !== 'all' && { accounts: caller.accounts }),
  }
}

function noDelivery(id: string): Problem {
  return problem('not-found', `There is no delivery ${JSON.stringify(id)}, or no longer`)
}
