/**
 * A body in a charset other than UTF-8 was decoded in one turn (8 MiB that are not valid took 0.4 s), and each escape of a form was a
 * call of its own.
 */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { utf8Decoder } from '../../src/ingress/body/charset.ts'
import { readPairs } from '../../src/ingress/body/form.ts'
import { LoopTurns } from '../../src/ingress/body/loop-turns.ts'
import { post, run } from '../ingress/recording.ts'

const MIB = 1_048_576

function cpuMsOf(times: number, work: () => void): number {
  work()
  const before = process.cpuUsage()
  for (let time = 0; time < times; time += 1) work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

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

describe('a form takes about as long as it has characters', () => {
  const read = (value: string) => (): void =>
    void readPairs(
      `a=${value}`,
      utf8Decoder(() => undefined),
      1,
    )

  test.each(['%41', '+'])('also of nothing but %s', (part) => {
    const plain = cpuMsOf(8, read('['.repeat(MIB)))
    expect(cpuMsOf(8, read(part.repeat(MIB / part.length)))).toBeLessThan(10 * plain)
  })
})
