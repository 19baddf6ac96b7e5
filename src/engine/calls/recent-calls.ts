/**
 * The calls of which something happened last, for people who look for one: put together from the newest deliveries and the
 * decisions kept, whose ids are made in one order. Bounded: it looks at a few thousand deliveries at most. Called by `calls.ts`.
 */
import { isDataObject } from '../../model/data.ts'
import type { DeliveryState } from '../../model/delivery.ts'
import { parseOwnJson } from '../../model/own-json.ts'
import type { Outbox } from '../../outbox/contract.ts'
import type { KeptDecision } from './decisions.ts'

/** Which calls. */
export interface RecentCallsRequest {
  /** Only of these accounts; absent: of all. */
  readonly accounts?: readonly string[]
  /** 1 to 100. */
  readonly limit: number
}

/** The latest thing of a call. */
export interface RecentCall {
  readonly account: string
  readonly subject: string
  readonly atMs: number
  readonly latest: { readonly type: string; readonly webhook: string } & (
    | { readonly kind: 'delivery'; readonly state: DeliveryState }
    | { readonly kind: 'decision'; readonly decision: string }
  )
}

/** A call beside the id of its latest thing. */
interface Found {
  readonly id: string
  readonly call: RecentCall
}

/** Deliveries read at once: without their content they are small. */
const READ_AT_ONCE = 200

/** Pages of deliveries that are looked at: calls with thousands of deliveries must not make it a walk over all. */
const PAGES = 10

/** Calls, the latest first; `decisions` are those kept, the newest first. */
export async function recentCalls(
  outbox: Pick<Outbox, 'find'>,
  decisions: Iterable<KeptDecision>,
  request: RecentCallsRequest,
): Promise<readonly RecentCall[]> {
  const asked = decidedCalls(decisions, request)
  const sent = await deliveredCalls(outbox, request)
  const calls = new Map<string, Found>()
  for (const [key, found] of [...asked, ...sent]) {
    const known = calls.get(key)
    if (known === undefined || orderOf(known.id) < orderOf(found.id)) calls.set(key, found)
  }
  return [...calls.values()]
    .sort((one, other) => (orderOf(one.id) < orderOf(other.id) ? 1 : -1))
    .slice(0, request.limit)
    .map(({ call }) => call)
}

function decidedCalls(
  decisions: Iterable<KeptDecision>,
  { accounts, limit }: RecentCallsRequest,
): ReadonlyMap<string, Found> {
  const calls = new Map<string, Found>()
  for (const { id, account, subject, event, planned, startedAtMs, made } of decisions) {
    if (calls.size >= limit) break
    const key = keyOf(account, subject)
    if (calls.has(key) || accounts?.includes(account) === false) continue
    const latest = { kind: 'decision', type: event.type, webhook: planned.webhook.id, decision: kindIn(made) } as const
    calls.set(key, { id, call: { account, subject, atMs: startedAtMs, latest } })
  }
  return calls
}

async function deliveredCalls(
  outbox: Pick<Outbox, 'find'>,
  { accounts, limit }: RecentCallsRequest,
): Promise<ReadonlyMap<string, Found>> {
  const calls = new Map<string, Found>()
  const query = accounts === undefined ? { limit: READ_AT_ONCE } : { limit: READ_AT_ONCE, accounts }
  let cursor: string | undefined
  for (let pages = 0; pages < PAGES && calls.size < limit; pages += 1) {
    const page = await outbox.find(cursor === undefined ? query : { ...query, cursor })
    for (const { id, account, event, webhook, state, acceptedAtMs } of page.deliveries) {
      const key = keyOf(account, event.subject)
      if (event.subject === '' || calls.has(key)) continue
      const latest = { kind: 'delivery', type: event.type, webhook, state } as const
      calls.set(key, { id, call: { account, subject: event.subject, atMs: acceptedAtMs, latest } })
    }
    cursor = page.next
    if (cursor === undefined) break
  }
  return calls
}

/** What was decided, of a decision as it is kept. */
function kindIn(made: string): string {
  const value = parseOwnJson(made)
  const decision = isDataObject(value) ? value['decision'] : undefined
  const kind = decision !== undefined && isDataObject(decision) ? decision['kind'] : undefined
  return typeof kind === 'string' ? kind : ''
}

/** Ids of deliveries have their place in the event behind the event's key. */
function orderOf(id: string): string {
  return id.split('-')[0] ?? id
}

function keyOf(account: string, subject: string): string {
  return `${account}\n${subject}`
}
