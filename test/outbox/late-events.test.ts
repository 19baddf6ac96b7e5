/** Events whose rows are still to be written: those of a call come newest first, whatever the order in which they were accepted. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EVENT_KEY_BYTES, HASH_BYTES } from '../../src/outbox/embedded/records/keys.ts'
import { SEEN_KEY_BYTES } from '../../src/outbox/embedded/records/seen-record.ts'
import { LateEvents } from '../../src/outbox/embedded/thread/late-events.ts'

interface Added {
  readonly key: number
  /** Undefined: it has none. */
  readonly call: number | undefined
}

function eventKey(number: number): Buffer {
  const key = Buffer.alloc(EVENT_KEY_BYTES)
  key.writeUInt32BE(number, 4)
  return key
}

function add(events: LateEvents, { key, call }: Added): void {
  const seenKey = Buffer.alloc(SEEN_KEY_BYTES, key)
  const fingerprint = call === undefined ? undefined : Buffer.alloc(HASH_BYTES, call)
  events.add({ seenKey, eventKey: eventKey(key), acceptedAtMs: 0, call: fingerprint, isFirst: true })
}

const KEYS = fc.oneof(
  fc.uniqueArray(fc.nat(300), { maxLength: 60 }),
  fc.uniqueArray(fc.nat(300), { maxLength: 60 }).map((keys) => keys.sort((a, b) => a - b)),
)

test('the keys of a call are those of its events from a key on, the newest first', () => {
  const calls = fc.infiniteStream(fc.option(fc.nat(2), { nil: undefined }))
  fc.assert(
    fc.property(KEYS, calls, fc.nat(60), fc.nat(300), (keys, callOf, cut, from) => {
      const events = new LateEvents()
      const added = keys.map((key): Added => ({ key, call: callOf.next().value }))
      for (const each of added) add(events, each)
      const left = added.slice(0, cut)
      if (cut < added.length) events.cut(cut)
      for (const call of [0, 1, 2]) {
        const expected = left.filter((each) => each.call === call && each.key <= from).map(({ key }) => key)
        const found = [...events.keysOfCall(Buffer.alloc(HASH_BYTES, call), eventKey(from))]
        expect(found).toEqual(expected.sort((a, b) => b - a).map(eventKey))
      }
    }),
  )
})

test('after all were forgotten new ones are found in their order', () => {
  const events = new LateEvents()
  for (const key of [9, 3, 5]) add(events, { key, call: 1 })
  events.cut(0)
  expect(events.length).toBe(0)
  expect(events.lowest).toBeUndefined()
  for (const key of [1, 2]) add(events, { key, call: 1 })
  expect([...events.keysOfCall(Buffer.alloc(HASH_BYTES, 1), eventKey(10))]).toEqual([eventKey(2), eventKey(1)])
})
