/** What is due when comes out in order, by the times at which it was put in. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DueHeap } from '../../src/outbox/queue/due-heap.ts'

interface Due {
  readonly sequence: number
  dueMs: number
}

function heapOf(items: readonly Due[]): DueHeap<Due> {
  const heap = new DueHeap<Due>((a, b) => a.sequence < b.sequence)
  for (const item of items) heap.push(item, item.dueMs)
  return heap
}

test('the earliest comes first, of the same time the one before others', () => {
  const times = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 })
  fc.assert(
    fc.property(times, (duesMs) => {
      const items = duesMs.map((dueMs, index) => ({ sequence: (index * 7) % 41, dueMs }))
      const heap = heapOf(items)
      for (const item of items.toSorted((a, b) => a.dueMs - b.dueMs || a.sequence - b.sequence)) {
        expect([heap.peek(), heap.dueMs]).toEqual([item, item.dueMs])
        expect(heap.pop()).toBe(item)
      }
      expect([heap.size, heap.peek(), heap.dueMs, heap.pop()]).toEqual([0, undefined, undefined, undefined])
    }),
  )
})

test('an item whose time changed keeps its place, and shows at which time it was put in', () => {
  const items = [30, 10, 20].map((dueMs, sequence) => ({ sequence, dueMs }))
  const heap = heapOf(items)
  for (const item of items) item.dueMs = 0
  const shown: (number | undefined)[] = []
  for (; heap.size > 0; heap.pop()) shown.push(heap.dueMs)
  expect(shown).toEqual([10, 20, 30])
})
