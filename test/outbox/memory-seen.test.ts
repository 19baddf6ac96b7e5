/** Duplicates as the outbox in memory tells them, beside a list of all that was ever added. */
import { hash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DUPLICATE_WINDOW_MS } from '../../src/outbox/contract.ts'
import { SeenEvents } from '../../src/outbox/memory/memory-seen.ts'

const DIGESTS = Array.from({ length: 60 }, (_, index) => hash('sha256', String(index), 'buffer'))

const step = fc.record({
  which: fc.nat(DIGESTS.length - 1),
  nowMs: fc.constantFrom(0, 1, DUPLICATE_WINDOW_MS - 1, DUPLICATE_WINDOW_MS, DUPLICATE_WINDOW_MS + 1),
  isAdded: fc.boolean(),
})

test('an event is known for 24 h after it was last added, as long as it is among the latest', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 300 }), (most, steps) => {
      const seen = new SeenEvents(most)
      const added: { readonly which: number; readonly atMs: number }[] = []
      for (const { which, nowMs, isAdded } of steps) {
        const last = added.slice(-most).findLast((each) => each.which === which)
        expect(seen.has(DIGESTS[which], nowMs)).toBe(last !== undefined && nowMs - last.atMs < DUPLICATE_WINDOW_MS)
        if (!isAdded) continue
        seen.add(DIGESTS[which], nowMs)
        added.push({ which, atMs: nowMs })
      }
    }),
  )
})
