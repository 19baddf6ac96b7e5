/** What a back end relies on in the queue beyond the outbox contract: moved and removed deliveries, parking, many webhooks. */
import { describe, expect, test } from 'vitest'
import { DueQueue, type Queued } from '../../src/outbox/due-queue.ts'

let sequence = 0

function delivery(webhook: string, dueMs: number, orderedCall = ''): Queued {
  sequence += 1
  return { webhook, sequence, dueMs, orderedCall }
}

/** A queue that holds `items`, pushed in this order. */
function queueOf(...items: readonly Queued[]): DueQueue<Queued> {
  const queue = new DueQueue<Queued>()
  for (const item of items) queue.push(item)
  return queue
}

function claimAll(queue: DueQueue<Queued>, nowMs: number, limit = 1000): readonly Queued[] {
  return queue.claim(nowMs, () => true, limit)
}

describe('a moved delivery', () => {
  test('goes out once, at its last time, however often it was moved', () => {
    const item = delivery('crm', 500)
    const queue = queueOf(item)
    for (const dueMs of [100, 900, 100, 300]) queue.move(item, dueMs)
    expect(claimAll(queue, 299)).toEqual([])
    expect(queue.nextDueMs()).toBe(300)
    expect(claimAll(queue, 300)).toEqual([item])
    expect(claimAll(queue, 1000)).toEqual([])
    expect(queue.nextDueMs()).toBeUndefined()
  })

  test('lets a later one go before it', () => {
    const moved = delivery('crm', 1)
    const other = delivery('crm', 2)
    const queue = queueOf(moved, other)
    queue.move(moved, 3)
    expect(claimAll(queue, 3)).toEqual([other, moved])
  })

  test('keeps its new time while its webhook is parked', () => {
    const item = delivery('crm', 0)
    const queue = queueOf(item)
    queue.claim(0, () => false, 10)
    queue.move(item, 50)
    expect(queue.nextDueMs()).toBeUndefined()
    queue.unpark('crm')
    expect(queue.nextDueMs()).toBe(50)
    expect(claimAll(queue, 49)).toEqual([])
    expect(claimAll(queue, 50)).toEqual([item])
  })

  test('is not claimed early by a turn that its webhook still had', () => {
    const [first, second] = [delivery('crm', 0), delivery('crm', 0)]
    const queue = queueOf(first, second)
    expect(claimAll(queue, 0, 1)).toEqual([first])
    queue.move(second, 70)
    expect(queue.nextDueMs()).toBe(70)
    expect(claimAll(queue, 69)).toEqual([])
    expect(claimAll(queue, 70)).toEqual([second])
  })

  test('stays leased where it is leased', () => {
    const item = delivery('crm', 0)
    const queue = queueOf(item)
    claimAll(queue, 0)
    queue.move(item, 0)
    expect(claimAll(queue, 10)).toEqual([])
    item.dueMs = 5
    queue.requeue(item)
    expect(claimAll(queue, 10)).toEqual([item])
  })

  test('stays behind the first of its call', () => {
    const [first, second] = [delivery('crm', 100, 'call-1'), delivery('crm', 100, 'call-1')]
    const queue = queueOf(first, second)
    queue.move(second, 0)
    expect(queue.nextDueMs()).toBe(100)
    expect(claimAll(queue, 100)).toEqual([first])
    queue.remove(first)
    expect(claimAll(queue, 100)).toEqual([second])
  })
})

describe('a removed delivery', () => {
  test('leaves nothing to wait for', () => {
    const item = delivery('crm', 500)
    const queue = queueOf(item)
    queue.remove(item)
    expect(queue.nextDueMs()).toBeUndefined()
    expect(claimAll(queue, 1000)).toEqual([])
  })

  test('may be pushed again, and goes out once', () => {
    const item = delivery('crm', 500)
    const queue = queueOf(item)
    queue.remove(item)
    item.dueMs = 200
    queue.push(item)
    expect(queue.nextDueMs()).toBe(200)
    expect(claimAll(queue, 1000)).toEqual([item])
  })

  test('from the middle of a call leaves the order of the rest', () => {
    const items = ['a', 'b', 'c'].map(() => delivery('crm', 0, 'call-1'))
    const [first, second, third] = items
    if (first === undefined || second === undefined || third === undefined) throw new Error('three deliveries')
    const queue = queueOf(...items)
    queue.remove(second)
    expect(claimAll(queue, 0)).toEqual([first])
    expect(claimAll(queue, 0)).toEqual([])
    queue.remove(first)
    expect(claimAll(queue, 0)).toEqual([third])
  })
})

describe('a parked webhook', () => {
  test('stays parked when all that it had is gone', () => {
    const [old, fresh] = [delivery('crm', 0), delivery('crm', 0)]
    const queue = queueOf(old)
    queue.claim(0, () => false, 10)
    queue.remove(old)
    queue.push(fresh)
    expect(claimAll(queue, 0)).toEqual([])
    expect(queue.nextDueMs()).toBeUndefined()
    queue.unpark('crm')
    expect(claimAll(queue, 0)).toEqual([fresh])
  })

  test('wakes for what came later when it is empty at its unparking', () => {
    const [old, fresh] = [delivery('crm', 0), delivery('crm', 30)]
    const queue = queueOf(old)
    queue.claim(0, () => false, 10)
    queue.remove(old)
    queue.unpark('crm')
    expect(queue.nextDueMs()).toBeUndefined()
    queue.push(fresh)
    expect(queue.nextDueMs()).toBe(30)
    expect(claimAll(queue, 30)).toEqual([fresh])
  })
})

describe('many webhooks', () => {
  test('take turns of 16 when each has a backlog', () => {
    const names = ['a', 'b', 'c']
    const queue = queueOf(...names.flatMap((name) => Array.from({ length: 20 }, () => delivery(name, 0))))
    const claimed = claimAll(queue, 0, 48).map(({ webhook }) => webhook)
    const turns = [0, 16, 32].map((start) => new Set(claimed.slice(start, start + 16)))
    expect(turns.map(({ size }) => size)).toEqual([1, 1, 1])
    expect(new Set(claimed).size).toBe(3)
    expect(claimAll(queue, 0)).toHaveLength(12)
  })

  test('are all served, each delivery once, by claims that stop anywhere', () => {
    const items = Array.from({ length: 6000 }, (_, index) => delivery(`w${index % 2000}`, index % 3))
    const queue = queueOf(...items)
    const seen = new Set<Queued>()
    for (;;) {
      const claimed = claimAll(queue, 2, 37)
      for (const item of claimed) seen.add(item)
      if (claimed.length < 37) break
    }
    expect(seen.size).toBe(6000)
    expect(queue.nextDueMs()).toBeUndefined()
  })

  test('are told of by the earliest of them, as one after the other is claimed', () => {
    const queue = queueOf(...[30, 10, 20].map((dueMs, index) => delivery(`w${index}`, dueMs)))
    const seen: (number | undefined)[] = []
    for (let dueMs = queue.nextDueMs(); dueMs !== undefined; dueMs = queue.nextDueMs()) {
      seen.push(dueMs)
      expect(claimAll(queue, dueMs)).toHaveLength(1)
    }
    expect(seen).toEqual([10, 20, 30])
  })
})
