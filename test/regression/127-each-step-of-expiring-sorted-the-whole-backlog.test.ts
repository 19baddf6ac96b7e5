/**
 * The outbox in memory copied and sorted all that a webhook had pending for each 200 deliveries of it that expired or were gone
 * with it, and looked at all of it to tell that nothing was overdue: 90 ms a step of a hundred thousand.
 */
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ControlCommand } from '../../src/outbox/contract.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { MemoryPending } from '../../src/outbox/memory/memory-pending.ts'
import { event, T0 } from '../contract/outbox-world.ts'

const BACKLOG = 20_000
const LIMIT = 200

/** What a delivery may take: to leave a heap of that height, some comparisons a level. */
const READS_OF_DELIVERY = 200

const EXPIRE = { kind: 'expire', webhook: 'crm', dueBeforeMs: T0 + BACKLOG, limit: LIMIT, atMs: T0 } as const
const REMOVE = { kind: 'remove-webhook', webhook: 'crm', limit: LIMIT, atMs: T0 } as const

/** An outbox with {@link BACKLOG} deliveries of one webhook, due in another order than accepted; counts how often it is asked when. */
async function countingOutbox(): Promise<{ readonly outbox: MemoryOutbox; readonly reads: () => number }> {
  let reads = 0
  const { add } = MemoryPending.prototype
  const spy = vi.spyOn(MemoryPending.prototype, 'add').mockImplementation(function (this: MemoryPending, entry) {
    let { dueMs } = entry
    const get = (): number => {
      reads += 1
      return dueMs
    }
    const set = (changedMs: number): void => {
      dueMs = changedMs
    }
    add.call(this, Object.defineProperty(entry, 'dueMs', { get, set }))
  })
  onTestFinished(() => spy.mockRestore())
  const outbox = new MemoryOutbox()
  const deliveries = Array.from({ length: BACKLOG }, (_, index) => {
    return { webhook: 'crm', dueMs: T0 + ((index * 7919) % BACKLOG), ordered: false }
  })
  await outbox.accept([event('e1', [], { deliveries })])
  return { outbox, reads: () => reads }
}

test.each<[string, ControlCommand]>([
  ['expiring', EXPIRE],
  ['removing a webhook', REMOVE],
])('a step of %s looks at what it ends, not at all that waits', async (_, command) => {
  const { outbox, reads } = await countingOutbox()
  const before = reads()
  expect(await outbox.control(command)).toBe(LIMIT)
  expect(reads() - before).toBeLessThan(LIMIT * READS_OF_DELIVERY)
  expect(outbox.counts()).toMatchObject({ pending: BACKLOG - LIMIT, dead: LIMIT })
})

test('what is overdue is told without a look at all that waits', async () => {
  const { outbox, reads } = await countingOutbox()
  const before = reads()
  expect(await outbox.overdue(T0)).toEqual([])
  expect(await outbox.overdue(T0 + 1)).toEqual(['crm'])
  expect(reads() - before).toBeLessThan(10)
})
