/**
 * A compressed body that waited for its turn to be decompressed held room for all that could come out of it, 8 MiB: 33 small
 * batches at once were too many, and got 503.
 */
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { run } from '../ingress/recording.ts'

test('room is taken when it is needed', async () => {
  await using server = await run({ limits: { heldBytes: 10 * 1_048_576, inflations: 1 } })
  const send = async (batch: number): Promise<number> => {
    const event = { type: 'call.end', id: `e${batch}`, data: { note: randomBytes(60_000).toString('hex') } }
    const response = await fetch(`${server.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(event)),
    })
    return response.status
  }
  const statuses = await Promise.all(Array.from({ length: 20 }, (_, batch) => send(batch)))
  expect(statuses).toEqual(Array(20).fill(202))
})
