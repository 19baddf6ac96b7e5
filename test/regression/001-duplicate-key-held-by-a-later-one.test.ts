/**
 * Duplicate keys were dropped in the order accepted up to the first that was not 24 h old, and whatever was left made a
 * duplicate. After the clock went back, a key accepted with an earlier time stood behind one with a later: an event that
 * came again after 24 h was then taken for a duplicate, and lost.
 */
import { expect, test } from 'vitest'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { event, T0 } from '../contract/outbox-world.ts'

const DAY_MS = 24 * 3_600_000

test('an event is new again after 24 h, though one with a later time was accepted before it', async () => {
  const outbox = new MemoryOutbox()
  await outbox.accept([event('later', [], { acceptedAtMs: T0 }), event('e1', [], { acceptedAtMs: T0 - 1000 })])
  expect(await outbox.accept([event('e1', [], { acceptedAtMs: T0 - 1001 + DAY_MS })])).toEqual(['duplicate'])
  expect(await outbox.accept([event('e1', [], { acceptedAtMs: T0 - 1000 + DAY_MS })])).toEqual(['accepted'])
})

test('its new time counts from then on', async () => {
  const outbox = new MemoryOutbox()
  await outbox.accept([event('later', [], { acceptedAtMs: T0 }), event('e1', [], { acceptedAtMs: T0 - 1000 })])
  await outbox.accept([event('e1', [], { acceptedAtMs: T0 - 1000 + DAY_MS })])
  expect(await outbox.accept([event('e1', [], { acceptedAtMs: T0 + DAY_MS })])).toEqual(['duplicate'])
})
