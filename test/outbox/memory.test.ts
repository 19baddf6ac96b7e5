/** The memory outbox keeps the contract, and its own bounds. */
import { describe, expect, test } from 'vitest'
import { KEPT_ATTEMPTS } from '../../src/model/delivery.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { describeOutbox } from '../contract/outbox.ts'
import { again, claimAll, claimIds, dead, delivered, event, recordOf, T0 } from '../contract/outbox-world.ts'

describeOutbox('memory', async () => new MemoryOutbox())

describe('the bounds of the memory outbox', () => {
  test('an event that fits exactly is accepted, one delivery more is not, and nothing of it is kept', async () => {
    const outbox = new MemoryOutbox({ capacity: 3 })
    expect(
      await outbox.accept([event('e1', ['a:1', 'b:1']), event('e2', ['a:2', 'b:2']), event('e3', ['a:3'])]),
    ).toEqual(['accepted', 'full', 'accepted'])
    expect(claimIds(outbox)).toEqual(['a:1', 'a:3', 'b:1'])
  })

  test('what was full is no duplicate when it comes again', async () => {
    const outbox = new MemoryOutbox({ capacity: 1 })
    await outbox.accept([event('e1', ['a:1']), event('e2', ['a:2'])])
    claimAll(outbox)
    await outbox.settle([delivered('a:1')])
    expect(await outbox.accept([event('e2', ['a:2'])])).toEqual(['accepted'])
  })

  test('dead letters count as kept: they are not given up for new events', async () => {
    const outbox = new MemoryOutbox({ capacity: 1 })
    await outbox.accept([event('e1', ['a:1'])])
    claimAll(outbox)
    await outbox.settle([dead('a:1')])
    expect(await outbox.accept([event('e2', ['a:2'])])).toEqual(['full'])
  })

  test('duplicates are told of as many events as are kept for it, and of the first no longer', async () => {
    const outbox = new MemoryOutbox({ seenKept: 2 })
    await outbox.accept([event('e1', ['a:1']), event('e2', ['a:2'])])
    expect(await outbox.accept([event('e1', ['a:3'])])).toEqual(['duplicate'])
    await outbox.accept([event('e3', ['a:4'])])
    expect(await outbox.accept([event('e2', ['a:5']), event('e1', ['a:6'])])).toEqual(['duplicate', 'accepted'])
  })

  test('the oldest delivered ones go first beyond their number', async () => {
    const outbox = new MemoryOutbox({ deliveredKept: 2 })
    await outbox.accept([event('e1', ['a:1']), event('e2', ['a:2']), event('e3', ['a:3'])])
    claimAll(outbox)
    await outbox.settle([delivered('a:1'), delivered('a:2'), delivered('a:3')])
    expect(await recordOf(outbox, 'a:1')).toBeUndefined()
    expect(outbox.counts().delivered).toBe(2)
  })

  test('only the latest attempts are kept', async () => {
    const outbox = new MemoryOutbox()
    await outbox.accept([event('e1', ['a:1'])])
    for (let round = 0; round <= KEPT_ATTEMPTS; round += 1) {
      claimAll(outbox)
      await outbox.settle([again('a:1', T0)])
    }
    expect((await recordOf(outbox, 'a:1'))?.attempts).toHaveLength(KEPT_ATTEMPTS)
  })
})
