/**
 * Questions that would hold the store's thread for long: asked piece by piece, with everything else in between. Each answer
 * describes the store at its own time. Used by the embedded outbox.
 */
import type { DeliveryRecord } from '../../model/delivery.ts'
import type { DeliveryPage, DeliveryQuery } from '../contract.ts'
import type { Answer, Request } from './protocol.ts'

/** Asks the store's thread. */
type Ask = (request: Request) => Promise<Answer>

/** Webhooks looked at in one piece: about a millisecond. */
const OVERDUE_LOOKS = 64

/** One page; `webhook` is the number of the query's webhook. */
export async function findPage(query: DeliveryQuery, webhook: number | undefined, ask: Ask): Promise<DeliveryPage> {
  const deliveries: DeliveryRecord[] = []
  let cursor = query.cursor
  while (deliveries.length <= query.limit) {
    // One more than asked for, to know whether there is a next page. Each question looks at a bounded number.
    const limit = query.limit + 1 - deliveries.length
    const rest = { ...query, limit, ...(cursor === undefined ? {} : { cursor }) }
    const answer = await ask({ kind: 'find', query: rest, webhook })
    if (answer.kind !== 'find') break
    deliveries.push(...answer.page.deliveries)
    cursor = answer.page.next
    if (cursor === undefined) break
  }
  const page = deliveries.slice(0, query.limit)
  const last = page.at(-1)
  return deliveries.length > query.limit && last !== undefined
    ? { deliveries: page, next: last.id }
    : { deliveries: page }
}

/** Those of `webhooks`, by their numbers, of which something was due before `dueBeforeMs`. */
export async function overdueOf(webhooks: readonly number[], dueBeforeMs: number, ask: Ask): Promise<number[]> {
  const overdue: number[] = []
  for (let first = 0; first < webhooks.length; first += OVERDUE_LOOKS) {
    const answer = await ask({ kind: 'overdue', webhooks: webhooks.slice(first, first + OVERDUE_LOOKS), dueBeforeMs })
    if (answer.kind === 'overdue') overdue.push(...answer.webhooks)
  }
  return overdue
}
