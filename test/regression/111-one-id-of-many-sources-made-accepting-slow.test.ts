/**
 * Events that lack their rows were found by the fingerprint of their id alone: where thousands of sources number their events alike,
 * each new one was compared with all of them, on the thread that all accounts share.
 */
import { expect, test } from 'vitest'
import { EVENT_KEY_BYTES, HASH_BYTES } from '../../src/outbox/embedded/records/keys.ts'
import { LateEvents } from '../../src/outbox/embedded/thread/late-events.ts'

const EVENTS = 20_000

/** Adds the events, each looked for before it is added, as accepting does; how long that took in processor time. */
function cpuMsOf(seenKeyOf: (index: number) => Buffer): number {
  const events = new LateEvents()
  const before = process.cpuUsage()
  for (let index = 0; index < EVENTS; index += 1) {
    const seenKey = seenKeyOf(index)
    expect(events.placesOf(seenKey).length).toBe(0)
    const eventKey = Buffer.alloc(EVENT_KEY_BYTES)
    eventKey.writeUInt32BE(index)
    events.add({ seenKey, eventKey, acceptedAtMs: index, call: undefined, isFirst: true })
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Fingerprints of id and source: numbers spread over all their bits. */
function seenKey(id: number, source: number): Buffer {
  const key = Buffer.alloc(2 * HASH_BYTES)
  key.writeUInt32BE(Math.imul(id + 1, 0x9e3779b1) >>> 0, 0)
  key.writeUInt32BE(Math.imul(source + 1, 0x85ebca6b) >>> 0, HASH_BYTES)
  return key
}

test('one id of many sources is found as fast as many ids', () => {
  const manyIds = (index: number): Buffer => seenKey(index, 0)
  const manySources = (index: number): Buffer => seenKey(0, index)
  cpuMsOf(manyIds)
  // Comparing each with all before would take some hundred times as long.
  expect(cpuMsOf(manySources)).toBeLessThan(10 * cpuMsOf(manyIds))
})

test('all events of one id are found by its fingerprint', () => {
  const events = new LateEvents()
  for (const [id, source] of [
    [1, 1],
    [2, 1],
    [1, 2],
  ] as const) {
    const eventKey = Buffer.alloc(EVENT_KEY_BYTES, source)
    events.add({ seenKey: seenKey(id, source), eventKey, acceptedAtMs: 0, call: undefined, isFirst: true })
  }
  expect(events.placesOfId(seenKey(1, 0).subarray(0, HASH_BYTES))).toEqual([0, 2])
})
