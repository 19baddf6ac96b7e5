/**
 * Table `calls`: the events of a call, found by their subject. One key of 21 bytes an event with a subject, nothing under it:
 * the first 3 bytes of the event's key, a fingerprint of the subject (8), the rest of the event's key (10). Event keys begin with
 * the time, so that the keys of each 4.7 hours (2^24 ms) lie together: what is written is a small part of the table that stays
 * in memory whatever the history, and what ages is removed in whole pages. A look-up goes from one such span to the next.
 * Invariant: an event's record with a subject has its key here, one without has none.
 */

import type { Row, Table } from '../files/tables.ts'
import { copyFew, damaged } from './bytes.ts'
import { type HashSeed, writeHash } from './hash.ts'
import { after, EVENT_KEY_BYTES, endOfPrefix, HASH_BYTES } from './keys.ts'

/** Bytes of an event's key that stand before the fingerprint. */
const SPAN_BYTES = 3

/** Bytes of a key of the table. */
const KEY_BYTES = EVENT_KEY_BYTES + HASH_BYTES

/** About what a key takes on disk, its share of half-filled pages included; measured, see `docs/operate.md`. */
export const CALL_KEY_BYTES = 48

const BEGINNING = Buffer.alloc(1)
const NOTHING = Buffer.alloc(0)

/** An event that may be of the call, or, where `isOfCall` is false, a place that the search has come to without any. */
export interface CallLook {
  readonly eventKey: Buffer
  readonly isOfCall: boolean
}

/** Fingerprint of a call. */
export function callHash(seed: HashSeed, subject: string): Buffer {
  const call = Buffer.allocUnsafe(HASH_BYTES)
  writeHash(call, 0, seed, subject)
  return call
}

/** The same by the fingerprint. */
export function callKey(call: Uint8Array, eventKey: Uint8Array): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES)
  writeCallKey(key, call, 0, eventKey, 0)
  return key
}

/** Writes a key of the table to the beginning of `target`: of the fingerprint and the event's key at some places. */
export function writeCallKey(
  target: Uint8Array,
  call: Uint8Array,
  callAt: number,
  eventKey: Uint8Array,
  eventKeyAt: number,
): void {
  copyFew(eventKey, eventKeyAt, target, 0, SPAN_BYTES)
  copyFew(call, callAt, target, SPAN_BYTES, HASH_BYTES)
  copyFew(eventKey, eventKeyAt + SPAN_BYTES, target, SPAN_BYTES + HASH_BYTES, EVENT_KEY_BYTES - SPAN_BYTES)
}

/** The key of an event with this subject. */
export function callKeyOf(seed: HashSeed, subject: string, eventKey: Uint8Array): Buffer {
  return callKey(callHash(seed, subject), eventKey)
}

/** The event's key within a key of the table; throws `internal` where it is damaged. */
function eventKeyOfCall(key: Buffer): Buffer {
  if (key.length !== KEY_BYTES) throw damaged('a key of a call')
  return Buffer.concat([key.subarray(0, SPAN_BYTES), key.subarray(SPAN_BYTES + HASH_BYTES)])
}

/** Keeps an event as one of its call. */
export function addToCall(calls: Table, call: Uint8Array, eventKey: Uint8Array): void {
  calls.put(callKey(call, eventKey), NOTHING)
}

/**
 * The events of a call, the newest first, from the event `from` on, itself included. Fingerprints can meet by chance: whoever
 * uses an event compares its subject. `late` are keys of events of the call that the table may lack, also from `from` on, the newest
 * first.
 */
export function* eventsOfCall(
  calls: Table,
  call: Buffer,
  from: Buffer,
  late: Iterator<Buffer, undefined>,
): Iterable<CallLook> {
  let next = late.next()
  for (const look of storedEventsOfCall(calls, call, from)) {
    for (; next.done !== true && next.value.compare(look.eventKey) >= 0; next = late.next()) {
      if (!(look.isOfCall && next.value.equals(look.eventKey))) yield { eventKey: next.value, isOfCall: true }
    }
    yield look
  }
  for (; next.done !== true; next = late.next()) yield { eventKey: next.value, isOfCall: true }
}

function* storedEventsOfCall(calls: Table, call: Buffer, from: Buffer): Iterable<CallLook> {
  let bound = after(callKey(call, from))
  let span = from.subarray(0, SPAN_BYTES)
  for (;;) {
    const row = yield* ofSpan(calls, Buffer.concat([span, call]), bound)
    if (row === undefined) return
    const found = row.key.subarray(0, SPAN_BYTES)
    yield { eventKey: Buffer.concat([span, Buffer.alloc(EVENT_KEY_BYTES - SPAN_BYTES)]), isOfCall: false }
    if (found.equals(span)) {
      // What comes before it in this span are other calls: on to the last key of the span before.
      const earlier = first(calls.reverse(span, BEGINNING))
      if (earlier === undefined) return
      span = earlier.key.subarray(0, SPAN_BYTES)
    } else {
      span = found
    }
    bound = endOfPrefix(Buffer.concat([span, call]))
  }
}

/** Yields the events under `prefix` before `bound`; returns the row that comes before them. */
function* ofSpan(calls: Table, prefix: Buffer, bound: Buffer): Generator<CallLook, Row | undefined> {
  for (const row of calls.reverse(bound, BEGINNING)) {
    if (!row.key.subarray(0, prefix.length).equals(prefix)) return row
    yield { eventKey: eventKeyOfCall(row.key), isOfCall: true }
  }
  return undefined
}

function first(rows: Iterable<Row>): Row | undefined {
  for (const row of rows) return row
  return undefined
}
