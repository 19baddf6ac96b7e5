/**
 * A body in a charset other than UTF-8 was decoded in one turn (8 MiB that are not valid took 0.4 s), each escape of a form was a call
 * of its own, and splitters paused by bytes alone, or not at all in white space, in strings, and when they told a place.
 */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { utf8Decoder } from '../../src/ingress/body/charset.ts'
import { readPairs } from '../../src/ingress/body/form.ts'
import { LoopTurns } from '../../src/ingress/body/loop-turns.ts'
import { splitArray, splitLines } from '../../src/ingress/events/split-batch.ts'
import { post, run } from '../ingress/recording.ts'

const MIB = 1_048_576

/** Pauses that a MiB takes at least: one in 128 KiB. */
const PAUSES = 7

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

test('the escapes of a form are decoded without a call for each', () => {
  const calls = [vi.spyOn(String, 'fromCharCode'), vi.spyOn(Number, 'parseInt')]
  onTestFinished(() => void calls.map((call) => call.mockRestore()))
  const decode = utf8Decoder(() => undefined)
  const value = 'A'.repeat(10_000)
  expect(readPairs(`a=${'%41'.repeat(10_000)}`, decode, 1)).toEqual({ kind: 'pairs', pairs: [{ name: 'a', value }] })
  for (const call of calls) expect(call.mock.calls.length).toBeLessThan(100)
})

describe('a splitter pauses', () => {
  test.each([
    ['lines of one character', splitLines, 'a\n'.repeat(50_000), PAUSES],
    ['a line of white space', splitLines, ' '.repeat(MIB), PAUSES],
    ['a member of one character after the other', splitArray, `[${'1,'.repeat(50_000)}1]`, PAUSES],
    ['a string', splitArray, `["${'a'.repeat(MIB)}"]`, PAUSES],
    ['a string of escapes', splitArray, `["${'\\"'.repeat(MIB / 2)}"]`, PAUSES],
    ['white space before an array', splitArray, `${' '.repeat(MIB)}[]`, PAUSES],
    ['white space behind an array', splitArray, `[]${' '.repeat(MIB)}`, PAUSES],
    ['the place of a mistake behind many lines', splitArray, `[${'\n'.repeat(MIB)},]`, 2 * PAUSES],
  ])('in %s', (_name, split, text, least) => {
    expect([...split(Buffer.from(text), 100_000)].length).toBeGreaterThanOrEqual(least)
  })
})

test('empty lines take about as long as white space', () => {
  const split = (text: string) => {
    const bytes = Buffer.from(text)
    return (): void => void [...splitLines(bytes, 1)]
  }
  expect(cpuMsOf(4, split('\n'.repeat(MIB)))).toBeLessThan(6 * cpuMsOf(4, split(' '.repeat(MIB))))
})
