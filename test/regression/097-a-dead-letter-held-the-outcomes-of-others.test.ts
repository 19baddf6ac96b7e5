/**
 * Outcomes come from their thread in one text, and what each said was a part of it: a dead letter in the memory store held all that
 * was reported with each of its attempts - what other customers' servers had answered, a hundred times of what it had itself.
 */
import { expect, test } from 'vitest'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { packOutcomes, unpackOutcomes } from '../../src/worker/batch-codec.ts'
import { event, T0 } from '../contract/outbox-world.ts'
import { outcome } from '../engine/webhooks.ts'
import { collectGarbage } from '../setup/collect-garbage.ts'

const MIB = 1_048_576
const LETTERS = 500
const REPORTED_TOGETHER = 64

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

test('an attempt that is kept holds what its own server said, and nothing of others', async () => {
  const outbox = new MemoryOutbox()
  const before = heapBytes()
  for (let letter = 0; letter < LETTERS; letter += 1) {
    await outbox.accept([event(`e${letter}`, [`a:${letter + 1}`])])
    const [{ id } = { id: '' }] = outbox.claim(T0, () => true, 1)
    const answers = Array.from({ length: REPORTED_TOGETHER }, (_, slot) => {
      const excerpt = Buffer.from(`${letter}/${slot}`.padEnd(1024, '.')).toString('latin1')
      return { slot, outcome: outcome({ excerpt }) }
    })
    const told = unpackOutcomes(packOutcomes(answers))[7]?.outcome ?? outcome()
    const record = { attempt: 1, ...told }
    await outbox.settle([{ id, atMs: T0, to: 'dead', reason: 'status', record }])
  }
  expect((heapBytes() - before) / LETTERS).toBeLessThan(MIB / 128)
  const { deliveries } = await outbox.find({ limit: 1 })
  const [attempt] = deliveries[0]?.attempts ?? []
  expect(attempt?.detail).toBe('the server answered 500')
  expect(attempt?.excerpt).toBe(`${LETTERS - 1}/7`.padEnd(1024, '.'))
})
