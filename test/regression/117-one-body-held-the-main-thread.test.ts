/** A body in a charset other than UTF-8 was decoded in one turn: 8 MiB that are not valid took 0.4 s. */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { LoopTurns } from '../../src/ingress/body/loop-turns.ts'
import { post, run } from '../ingress/recording.ts'

const MIB = 1_048_576

describe('a body in another charset is decoded in turns', () => {
  test.each([
    ['a batch', '/v1/events', 'application/x-ndjson; charset=gb18030'],
    ['an event', '/v1/events', 'application/cloudevents+json; charset=euc-jp'],
    ['an event of a live call', '/v1/webhooks/crm/invoke', 'application/json; charset=shift_jis'],
  ])('of %s', async (_name, path, contentType) => {
    const next = vi.spyOn(LoopTurns.prototype, 'next')
    onTestFinished(() => next.mockRestore())
    await using server = await run()
    expect((await post(server.url + path, contentType, Buffer.alloc(MIB, 0xff))).status).toBe(400)
    expect(next.mock.calls.length).toBeGreaterThanOrEqual(64)
    expect(server.metrics.replaced).toBe(MIB)
  })
})
