/**
 * The time at which the next delivery is due was that of a delivery which had expired, moved or gone with its webhook
 * meanwhile; and of several webhooks whose turn was still to come, that of the first instead of the earliest.
 */
import { expect, test } from 'vitest'
import type { ControlCommand } from '../../src/outbox/contract.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { again, claimIds, event, idOf, T0 } from '../contract/outbox-world.ts'

test.each<[string, (id: string) => ControlCommand, number | undefined]>([
  ['expired', () => ({ kind: 'expire', webhook: 'crm', dueBeforeMs: T0 + 6, limit: 1, atMs: T0 }), undefined],
  ['gone with its webhook', () => ({ kind: 'remove-webhook', webhook: 'crm', limit: 1, atMs: T0 }), undefined],
  ['made due later', (id) => ({ kind: 'retry', id, atMs: T0 + 9 }), T0 + 9],
])('nothing is due when the only delivery was %s', async (_, command, expected) => {
  const outbox = new MemoryOutbox()
  await outbox.accept([event('e1', ['crm:1'], { dueMs: T0 + 5 })])
  await outbox.control(command(idOf('crm:1')))
  expect(outbox.nextDueMs()).toBe(expected)
})

test('the earliest of all webhooks counts, not the one whose turn is next', async () => {
  const outbox = new MemoryOutbox()
  await outbox.accept([event('e1', ['a:1', 'a:2', 'b:1']), event('e2', ['b:2'])])
  expect(claimIds(outbox, T0, 1)).toEqual(['a:1'])
  expect(claimIds(outbox, T0, 1)).toEqual(['b:1'])
  await outbox.settle([again('b:1', T0 - 60_000)])
  expect(outbox.nextDueMs()).toBe(T0 - 60_000)
})
