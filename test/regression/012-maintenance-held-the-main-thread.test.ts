/** Looking for expired deliveries went over all webhooks in one turn of the loop: with thousands, live calls had to wait. */
import { expect, test } from 'vitest'
import { maintain } from '../../src/engine/upkeep/maintenance.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { event, T0 } from '../contract/outbox-world.ts'

test('maintenance lets others have their turn between one look and the next, though nothing has expired', async () => {
  const outbox = new MemoryOutbox()
  await outbox.accept(Array.from({ length: 50 }, (_, index) => event(`e${index}`, [`w${index}:1`])))
  let looks = 0
  let mostLooks = 0
  const counting = new Proxy(outbox, {
    get: (target, name) => {
      if (name === 'control') {
        looks += 1
        mostLooks = Math.max(mostLooks, looks)
      }
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  await maintain(
    {
      outbox: counting,
      retention: { deliveredMs: 1000, deadMs: 1000, bytes: Number.POSITIVE_INFINITY },
      scheduleOf: () => [0],
      pause: async () => {
        looks = 0
      },
      isStopping: () => false,
    },
    T0 + 1,
  )
  expect(mostLooks).toBe(1)
})
