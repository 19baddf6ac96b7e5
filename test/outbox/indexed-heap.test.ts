/** A heap whose members leave it from anywhere: what is first, whatever comes, goes and moves, and what that takes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Indexed, IndexedHeap } from '../../src/outbox/memory/indexed-heap.ts'

interface Item extends Indexed {
  readonly number: number
  rank: number
}

/** Orders by rank, then by number, which tells items apart. */
function isBefore(a: Item, b: Item): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.number < b.number)
}

function itemOf(number: number, rank: number): Item {
  return { number, rank, heapIndex: -1 }
}

const rank = fc.nat({ max: 9 })
const index = fc.nat()
const change = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), rank }),
  fc.record({ kind: fc.constant('remove' as const), index }),
  fc.record({ kind: fc.constant('move' as const), index, rank }),
)

test('the first is the first of all that are in it', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200, size: 'max' }), (changes) => {
      const heap = new IndexedHeap<Item>(isBefore)
      let items: Item[] = []
      for (const [number, change] of changes.entries()) {
        const picked = change.kind === 'add' ? undefined : items[change.index % Math.max(1, items.length)]
        if (change.kind === 'add') {
          const item = itemOf(number, change.rank)
          heap.add(item)
          items = [...items, item]
        } else if (change.kind === 'move' && picked !== undefined) {
          picked.rank = change.rank
          heap.moved(picked)
        } else if (picked !== undefined) {
          heap.remove(picked)
          expect(picked.heapIndex).toBe(-1)
          items = items.filter((item) => item !== picked)
        }
        expect(heap.size).toBe(items.length)
        expect(heap.first).toBe(items.toSorted((a, b) => (isBefore(a, b) ? -1 : 1))[0])
      }
    }),
  )
})

test('each change takes as many comparisons as the heap is high, some levels more or less', () => {
  const count = 2 ** 15
  let comparisons = 0
  const heap = new IndexedHeap<Item>((a, b) => {
    comparisons += 1
    return isBefore(a, b)
  })
  const items = Array.from({ length: count }, (_, number) => itemOf(number, Math.imul(number + 1, 0x9e3779b1) >>> 0))
  for (const item of items) heap.add(item)
  for (const item of items.toReversed()) heap.remove(item)
  expect(heap.first).toBeUndefined()
  expect(comparisons / count).toBeLessThan(3 * Math.log2(count))
})
