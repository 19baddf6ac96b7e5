/** What a back end relies on in the queue beyond the outbox contract: moved and removed deliveries, parking, many webhooks. */
import { describe, expect, test } from 'vitest'
import { DueQueue, type Queued } from '../../src/outbox/queue/due-queue.ts'

let sequence = 0

function delivery(webhook: string, dueMs: number, orderedCall = '', account = 'default'): Queued {
  sequence += 1
  return { webhook, account, sequence, dueMs, orderedCall }
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

  test('goes out once and again, each time that it is queued, at a time that it had before', () => {
    const item = delivery('crm', 100)
    const queue = queueOf(item)
    for (const dueMs of [200, 100]) queue.move(item, dueMs)
    expect(claimAll(queue, 100)).toEqual([item])
    queue.requeue(item)
    expect(claimAll(queue, 200)).toEqual([item])
    expect(claimAll(queue, 200)).toEqual([])
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

describe('accounts', () => {
  /** As many deliveries of each webhook, due now. */
  function backlog(account: string, webhooks: readonly string[], count: number): Queued[] {
    return webhooks.flatMap((name) => Array.from({ length: count }, () => delivery(name, 0, '', account)))
  }

  /** How many of `claimed` each account has. */
  function byAccount(claimed: readonly Queued[]): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const { account } of claimed) counts[account] = (counts[account] ?? 0) + 1
    return counts
  }

  test('have as many turns each, however many webhooks they have', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `w${index}`)
    const queue = queueOf(...backlog('big', many, 20), ...backlog('small', ['crm'], 200))
    expect(byAccount(claimAll(queue, 0, 320))).toEqual({ big: 160, small: 160 })
  })

  test('give their turns to their webhooks one after the other', () => {
    const queue = queueOf(...backlog('big', ['a', 'b', 'c'], 32), ...backlog('small', ['crm'], 96))
    const turns = claimAll(queue, 0, 192)
      .filter((_, index) => index % 16 === 0)
      .map(({ webhook }) => webhook)
    const ofBig = turns.filter((name) => name !== 'crm')
    expect(turns).toEqual(ofBig.flatMap((name) => [name, 'crm']))
    expect(ofBig.slice(0, 3).toSorted()).toEqual(['a', 'b', 'c'])
    expect(ofBig.slice(3)).toEqual(ofBig.slice(0, 3))
  })

  test('lose no turn to one whose webhooks are parked and unparked all the time', () => {
    const queue = queueOf(...backlog('big', ['a', 'b'], 100), ...backlog('small', ['crm'], 100))
    const claimed: Queued[] = []
    for (let claim = 0; claim < 10; claim += 1) {
      let room = 16
      const admit = (webhook: string): boolean => webhook === 'crm' || room-- > 0
      claimed.push(...queue.claim(0, admit, 16))
      for (const webhook of ['a', 'b']) queue.unpark(webhook)
    }
    expect(byAccount(claimed)['small']).toBeGreaterThanOrEqual(64)
  })

  test('share a webhook whose account was changed: each delivery counts for its own', () => {
    const old = backlog('old', ['crm'], 1)
    const fresh = backlog('new', ['crm'], 1)
    const queue = queueOf(...old, ...fresh, ...backlog('old', ['log'], 40))
    expect(claimAll(queue, 0, 18).slice(0, 2)).toEqual([...old, ...fresh])
    expect(claimAll(queue, 0)).toHaveLength(24)
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
