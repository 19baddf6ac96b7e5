/**
 * A batch crosses to its thread as one text, and the ids in it were parts of that text: a delivery whose server hung held, with
 * nothing but its header fields, the data of all the others of its batch.
 */
import { expect, test } from 'vitest'
import { packDeliveries, unpackDeliveries } from '../../src/worker/batch-codec.ts'
import { collectGarbage } from '../setup/collect-garbage.ts'

const KIB = 1024
const BATCHES = 100
const BATCH_SIZE = 64

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

test('what is kept of a delivery under way is its own id and trace, not the data of its batch', () => {
  const kept: object[] = []
  const before = heapBytes()
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const deliveries = Array.from({ length: BATCH_SIZE }, (_, slot) => ({
      slot,
      webhook: 1,
      deliveryId: `${batch}`.padStart(26, '0'),
      traceparent: `00-${`${slot}`.padStart(32, '0')}-0000000000000001-01`,
      payload: Buffer.from(`{"n":"${`${slot}`.padEnd(8 * KIB, '.')}"}`).toString('latin1'),
      context: Buffer.from(`{"c":"${`${slot}`.padEnd(KIB, '.')}"}`).toString('latin1'),
    }))
    const [, hanging] = [...unpackDeliveries(packDeliveries(deliveries))]
    kept.push({ webhookId: hanging?.deliveryId, traceparent: hanging?.traceparent })
  }
  expect((heapBytes() - before) / BATCHES).toBeLessThan(32 * KIB)
  expect(kept[7]).toMatchObject({ webhookId: '7'.padStart(26, '0') })
})
