/** The calls of which something happened last: in which order, and how far back is looked for them. */
import { expect, test } from 'vitest'
import { recentCalls } from '../../src/engine/calls/recent-calls.ts'
import type { DeliveryRecord } from '../../src/model/delivery.ts'
import type { DeliveryPage, DeliveryQuery } from '../../src/outbox/contract.ts'

function delivery(number: number, subject: string): DeliveryRecord {
  return {
    id: `${number.toString(16).padStart(26, '0')}-0`,
    webhook: 'crm',
    account: 'default',
    event: { id: `e${number}`, source: '/', type: 'call.end', subject },
    state: 'delivered',
    acceptedAtMs: number,
    attempts: [],
  }
}

/** An outbox with these deliveries, given the oldest first, that notes how often it is asked. */
function outboxOf(deliveries: readonly DeliveryRecord[]) {
  const newest = deliveries.toReversed()
  const queries: DeliveryQuery[] = []
  const find = async (query: DeliveryQuery): Promise<DeliveryPage> => {
    queries.push(query)
    const from = Number(query.cursor ?? 0)
    const page = newest.slice(from, from + query.limit)
    const end = from + query.limit
    return end < newest.length ? { deliveries: page, next: String(end) } : { deliveries: page }
  }
  return { find, queries }
}

const subjects = async (deliveries: readonly DeliveryRecord[], limit: number): Promise<readonly string[]> => {
  const calls = await recentCalls(outboxOf(deliveries), [], { limit })
  return calls.map(({ subject }) => subject)
}

test('each call stands where its latest delivery does, deliveries without a call nowhere', async () => {
  const deliveries = ['a', 'b', '', 'a', 'c', 'b', ''].map((subject, number) => delivery(number, subject))
  expect(await subjects(deliveries, 100)).toEqual(['b', 'c', 'a'])
  expect(await subjects(deliveries, 2)).toEqual(['b', 'c'])
})

test('a call is found behind 1,999 deliveries of another, and no further', async () => {
  const behind = (count: number): readonly DeliveryRecord[] => [
    delivery(0, 'quiet'),
    ...Array.from({ length: count }, (_, index) => delivery(index + 1, 'busy')),
  ]
  expect(await subjects(behind(1999), 2)).toEqual(['busy', 'quiet'])
  expect(await subjects(behind(2000), 2)).toEqual(['busy'])
})

test('no more is read than the list needs, and only of the accounts that are asked for', async () => {
  const deliveries = Array.from({ length: 1000 }, (_, index) => delivery(index, `call-${index}`))
  const outbox = outboxOf(deliveries)
  expect(await recentCalls(outbox, [], { limit: 100, accounts: ['acme'] })).toHaveLength(100)
  expect(outbox.queries).toEqual([{ limit: 200, accounts: ['acme'] }])
})
