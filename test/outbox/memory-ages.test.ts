/** The age of what is pending in memory is that of the one which waits for longest, to the second. */
import { expect, test } from 'vitest'
import { MemoryAges } from '../../src/outbox/memory/memory-ages.ts'

test('the first that is still pending tells its age, to the second', () => {
  const ages = new MemoryAges()
  const [first, sameSecond, next] = [1_000, 1_999, 2_000].map((acceptedAtMs) => ages.join(acceptedAtMs))
  if (first === undefined || sameSecond === undefined || next === undefined) throw new Error('three ages')
  expect(ages.oldestAcceptedAtMs).toBe(1_000)
  ages.leave(first)
  expect(ages.oldestAcceptedAtMs).toBe(1_000)
  ages.leave(sameSecond)
  expect(ages.oldestAcceptedAtMs).toBe(2_000)
  ages.leave(next)
  expect(ages.oldestAcceptedAtMs).toBeUndefined()
})

test('what comes behind one of a later second, as after the clock went back, waits behind it', () => {
  const ages = new MemoryAges()
  const later = ages.join(5_000)
  ages.join(1_000)
  expect(ages.oldestAcceptedAtMs).toBe(5_000)
  ages.leave(later)
  expect(ages.oldestAcceptedAtMs).toBe(1_000)
})
