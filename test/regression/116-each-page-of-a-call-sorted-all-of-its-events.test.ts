/**
 * Of a call's events that lack their rows all were copied and sorted for each page of its deliveries: where senders give all events one
 * subject these are hundreds of thousands, on the thread that all accounts share.
 */
import { expect, test } from 'vitest'
import { EVENT_KEY_BYTES, HASH_BYTES } from '../../src/outbox/embedded/records/keys.ts'
import { SEEN_KEY_BYTES } from '../../src/outbox/embedded/records/seen-record.ts'
import { LateEvents } from '../../src/outbox/embedded/thread/late-events.ts'

const EVENTS = 20_000
const CALL = Buffer.alloc(HASH_BYTES, 7)
const NEWEST = Buffer.alloc(EVENT_KEY_BYTES, 0xff)

function cpuMsOf(times: number, work: () => void): number {
  const before = process.cpuUsage()
  for (let time = 0; time < times; time += 1) work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

test('the first events of a call that all events have are found without a look at the others', () => {
  const events = new LateEvents()
  for (let number = 0; number < EVENTS; number += 1) {
    const eventKey = Buffer.alloc(EVENT_KEY_BYTES)
    eventKey.writeUInt32BE(number)
    const seenKey = Buffer.alloc(SEEN_KEY_BYTES)
    seenKey.writeUInt32BE(Math.imul(number + 1, 0x9e3779b1) >>> 0)
    events.add({ seenKey, eventKey, acceptedAtMs: 0, call: CALL, isFirst: true })
  }
  const all = (): void => void expect([...events.keysOfCall(CALL, NEWEST)]).toHaveLength(EVENTS)
  const first = (): void => void events.keysOfCall(CALL, NEWEST).next()
  all()
  // Looking at all of them for the first one takes a hundred times as long as it may.
  expect(cpuMsOf(1000, first)).toBeLessThan(cpuMsOf(10, all))
})
