/**
 * While one delivery of a webhook waited for a retry hours away, and another webhook for an earlier one, each other delivery that passed left one more note of that
 * time behind: at 100 deliveries a second some 300 MB by the time it came.
 */
import { expect, test } from 'vitest'
import { DueHeap } from '../../src/outbox/queue/due-heap.ts'
import { DueQueue, type Queued } from '../../src/outbox/queue/due-queue.ts'

test('deliveries that pass one that waits leave nothing behind', () => {
  const sizes: number[] = []
  const push = DueHeap.prototype.push
  const heaps = new Set<DueHeap<unknown>>()
  DueHeap.prototype.push = function (this: DueHeap<unknown>, item: unknown, dueMs: number): void {
    heaps.add(this)
    push.call(this, item, dueMs)
  }
  try {
    const queue = new DueQueue<Queued>()
    queue.push({ webhook: 'crm', account: 'default', sequence: 0, dueMs: 50_000_000, orderedCall: '' })
    queue.push({ webhook: 'log', account: 'default', sequence: -1, dueMs: 40_000_000, orderedCall: '' })
    for (let sequence = 1; sequence <= 1000; sequence += 1) {
      const passing = { webhook: 'crm', account: 'default', sequence, dueMs: sequence, orderedCall: '' }
      queue.push(passing)
      expect(queue.claim(sequence, () => true, 64)).toEqual([passing])
      queue.remove(passing)
      sizes.push([...heaps].reduce((sum, { size }) => sum + size, 0))
    }
    expect(Math.max(...sizes)).toBeLessThan(10)
    expect(queue.nextDueMs()).toBe(40_000_000)
  } finally {
    DueHeap.prototype.push = push
  }
})
