/**
 * Events whose rows of `seen` and `calls` are still to be written, a few dozen bytes each in one buffer: there are tens
 * of thousands and more, which as objects would be most of what a garbage collection has to look at and to move. An event is known
 * by its place, from 0 in the order of adding; those with one key of `seen` are found without a search. Used by `late-index.ts`.
 */

import type { Table, Tables } from '../files/tables.ts'
import { copyFew } from '../records/bytes.ts'
import { callKey, writeCallKey } from '../records/call-index.ts'
import { EVENT_KEY_BYTES, HASH_BYTES } from '../records/keys.ts'
import {
  encodeSeen,
  readSeen,
  SEEN_ENTRY_BYTES,
  SEEN_KEY_BYTES,
  type SeenEvent,
  writeSeenEntry,
} from '../records/seen-record.ts'
import { orderOf } from './fingerprint-order.ts'

/** A record: key of `seen` · entry of `seen`, which ends with the event's key · fingerprint of the call · flags. */
const ENTRY = SEEN_KEY_BYTES
const EVENT = ENTRY + SEEN_ENTRY_BYTES - EVENT_KEY_BYTES
const CALL = ENTRY + SEEN_ENTRY_BYTES
const FLAGS = CALL + HASH_BYTES
const RECORD_BYTES = FLAGS + 1

const HAS_CALL = 1
const IS_FIRST = 2
const IS_EARLY = 4

/** Events for which there is room at first; it doubles when it is full. */
const FIRST_ROOM = 1024

const NOTHING = Buffer.alloc(0)
const NO_PLACES: readonly number[] = []

/** What an event is found by. */
export interface LateEvent extends SeenEvent {
  readonly seenKey: Uint8Array
  /** Fingerprint of its call; undefined: it has none. */
  readonly call: Uint8Array | undefined
  /** False: there is a row of `seen` already, or another to come. */
  readonly isFirst: boolean
}

/** See the head of this file. */
export class LateEvents {
  #records = Buffer.alloc(FIRST_ROOM * RECORD_BYTES)
  /** By some bits of a key of `seen` the place of the latest event with them, plus one; 0: there is none. */
  #latest = new Uint32Array(2 * FIRST_ROOM)
  /** By place, the same for the event before it that has the same bits. */
  #before = new Uint32Array(FIRST_ROOM)
  #length = 0
  #lowest: Buffer | undefined
  /** Each event's key is higher than the one's before it, as it is while no clock is set back over a restart. */
  #isInOrder = true
  readonly #seenKey = Buffer.alloc(SEEN_KEY_BYTES)
  readonly #entry = Buffer.alloc(SEEN_ENTRY_BYTES)
  readonly #callKey = callKey(new Uint8Array(HASH_BYTES), new Uint8Array(EVENT_KEY_BYTES))

  get length(): number {
    return this.#length
  }

  /** No event here has a lower key. */
  get lowest(): Buffer | undefined {
    return this.#lowest
  }

  add({ seenKey, eventKey, acceptedAtMs, call, isFirst }: LateEvent): void {
    if (this.#length === this.#before.length) this.#grow()
    const at = this.#length * RECORD_BYTES
    copyFew(seenKey, 0, this.#records, at, SEEN_KEY_BYTES)
    writeSeenEntry(this.#records, at + ENTRY, acceptedAtMs, eventKey)
    if (call !== undefined) copyFew(call, 0, this.#records, at + CALL, HASH_BYTES)
    this.#records[at + FLAGS] = (call === undefined ? 0 : HAS_CALL) | (isFirst ? IS_FIRST : 0)
    if (this.#lowest === undefined || eventKey.compare(this.#lowest) < 0) this.#lowest = Buffer.from(eventKey)
    if (this.#length > 0 && this.#compare(this.#length - 1, this.#length) >= 0) this.#isInOrder = false
    this.#link(this.#length)
    this.#length += 1
  }

  /** Forgets all but the first `count`. */
  cut(count: number): void {
    if (count === this.#length) return
    if (count === 0) {
      this.#latest.fill(0)
      this.#length = 0
      this.#lowest = undefined
      this.#isInOrder = true
      return
    }
    // Latest first, so that each is the one that its key leads to.
    for (let place = this.#length - 1; place >= count; place -= 1) {
      this.#latest[this.#slotOf(this.#records, place * RECORD_BYTES)] = this.#before[place] ?? 0
    }
    this.#length = count
  }

  /** Places of the events with a key of `seen`, the latest first. */
  placesOf(seenKey: Uint8Array): readonly number[] {
    let next = this.#latest[this.#slotOf(seenKey, 0)] ?? 0
    if (next === 0) return NO_PLACES
    const places: number[] = []
    for (; next > 0; next = this.#before[next - 1] ?? 0) {
      if (this.#has((next - 1) * RECORD_BYTES, seenKey)) places.push(next - 1)
    }
    return places
  }

  /** Places of the events whose keys of `seen` begin with the fingerprint of an id. */
  placesOfId(id: Uint8Array): readonly number[] {
    const places: number[] = []
    for (let place = 0; place < this.#length; place += 1) if (this.#has(place * RECORD_BYTES, id)) places.push(place)
    return places
  }

  /** Keys of the events of a call from `from` on, itself included, the newest first; each is looked for when it is asked for. */
  *keysOfCall(call: Uint8Array, from: Buffer): Generator<Buffer, undefined> {
    const sorted = this.#isInOrder ? undefined : this.#sorted()
    for (let index = this.#countUpTo(from, sorted) - 1; index >= 0; index -= 1) {
      const place = sorted?.[index] ?? index
      const isOfCall = this.#is(place, HAS_CALL) && this.#has(place * RECORD_BYTES + CALL, call)
      if (isOfCall) yield this.eventKey(place)
    }
  }

  /** A copy of an event's key. */
  eventKey(place: number): Buffer {
    const at = place * RECORD_BYTES + EVENT
    return Buffer.from(this.#records.subarray(at, at + EVENT_KEY_BYTES))
  }

  /** The events at some places, as table `seen` has them. */
  seenAt(places: readonly number[]): SeenEvent[] {
    return places.flatMap((place) => readSeen(Buffer.from(this.#entryOf(place))))
  }

  /** True: its rows were written before their turn. */
  isEarly(place: number): boolean {
    return this.#is(place, IS_EARLY)
  }

  markEarly(place: number, isEarly: boolean): void {
    const at = place * RECORD_BYTES + FLAGS
    const flags = this.#records[at] ?? 0
    this.#records[at] = isEarly ? flags | IS_EARLY : flags & ~IS_EARLY
  }

  /**
   * All rows in about the order of their keys, first those of `seen`, then those of `calls`: twice the place of the event each,
   * and one more for its row of `calls`.
   */
  rows(): Uint32Array {
    const seen = new Uint32Array(this.#length)
    const calls = new Uint32Array(this.#length)
    const placesOfCalls = new Uint32Array(this.#length)
    let callCount = 0
    for (let place = 0; place < this.#length; place += 1) {
      const at = place * RECORD_BYTES
      seen[place] = bitsAt(this.#records, at)
      if (!this.#is(place, HAS_CALL)) continue
      calls[callCount] = bitsAt(this.#records, at + CALL)
      placesOfCalls[callCount] = place
      callCount += 1
    }
    const rows = new Uint32Array(this.#length + callCount)
    const seenOrder = orderOf(seen)
    for (let index = 0; index < this.#length; index += 1) rows[index] = (seenOrder[index] ?? 0) * 2
    const callOrder = orderOf(calls.subarray(0, callCount))
    for (let index = 0; index < callCount; index += 1) {
      rows[this.#length + index] = (placesOfCalls[callOrder[index] ?? 0] ?? 0) * 2 + 1
    }
    return rows
  }

  /** Writes one of the {@link rows}, unless it was written before its turn. */
  writeRow({ seen, calls }: Tables, row: number): void {
    const place = row >>> 1
    if (this.isEarly(place)) return
    if ((row & 1) === 0) this.#writeSeen(seen, place, this.#is(place, IS_FIRST))
    else calls.put(this.#callKeyOf(place), NOTHING)
  }

  /** Writes the rows of an event that are not there yet. */
  writeMissing({ seen, calls }: Tables, place: number): void {
    const eventKey = this.eventKey(place)
    const stored = readSeen(seen.get(this.#seenKeyOf(place)))
    if (!stored.some((other) => other.eventKey.equals(eventKey))) this.#writeSeen(seen, place, false)
    if (!this.#is(place, HAS_CALL)) return
    const key = this.#callKeyOf(place)
    if (!calls.has(key)) calls.put(key, NOTHING)
  }

  #writeSeen(table: Table, place: number, isFirst: boolean): void {
    const key = this.#seenKeyOf(place)
    if (isFirst) {
      table.put(key, this.#entryOf(place))
      return
    }
    const eventKey = this.eventKey(place)
    const others = readSeen(table.get(key)).filter((other) => !other.eventKey.equals(eventKey))
    table.put(key, encodeSeen([...this.seenAt([place]), ...others]))
  }

  /** These three are valid until they are asked for another place. */
  #seenKeyOf(place: number): Buffer {
    copyFew(this.#records, place * RECORD_BYTES, this.#seenKey, 0, SEEN_KEY_BYTES)
    return this.#seenKey
  }

  #entryOf(place: number): Buffer {
    copyFew(this.#records, place * RECORD_BYTES + ENTRY, this.#entry, 0, SEEN_ENTRY_BYTES)
    return this.#entry
  }

  #callKeyOf(place: number): Buffer {
    const at = place * RECORD_BYTES
    writeCallKey(this.#callKey, this.#records, at + CALL, this.#records, at + EVENT)
    return this.#callKey
  }

  #is(place: number, flag: number): boolean {
    return ((this.#records[place * RECORD_BYTES + FLAGS] ?? 0) & flag) !== 0
  }

  #has(at: number, bytes: Uint8Array): boolean {
    for (let index = 0; index < bytes.length; index += 1) if (this.#records[at + index] !== bytes[index]) return false
    return true
  }

  /** All places in the order of their event keys. */
  #sorted(): Uint32Array {
    const places = Uint32Array.from({ length: this.#length }, (_, place) => place)
    return places.sort((one, other) => this.#compare(one, other))
  }

  /** Events whose keys are not above `from`; `sorted`: all places, where they are in another order than their keys. */
  #countUpTo(from: Buffer, sorted: Uint32Array | undefined): number {
    let [least, most] = [0, this.#length]
    while (least < most) {
      const middle = (least + most) >>> 1
      const at = (sorted?.[middle] ?? middle) * RECORD_BYTES + EVENT
      if (this.#records.compare(from, 0, from.length, at, at + EVENT_KEY_BYTES) <= 0) least = middle + 1
      else most = middle
    }
    return least
  }

  /** Compares the event keys at two places. */
  #compare(one: number, other: number): number {
    const [oneAt, otherAt] = [one * RECORD_BYTES + EVENT, other * RECORD_BYTES + EVENT]
    for (let index = 0; index < EVENT_KEY_BYTES; index += 1) {
      const difference = (this.#records[oneAt + index] ?? 0) - (this.#records[otherAt + index] ?? 0)
      if (difference !== 0) return difference
    }
    return 0
  }

  /** Where {@link LateEvents.#latest} has a key of `seen`: by both its fingerprints, since thousands of sources may share an id. */
  #slotOf(keys: Uint8Array, at: number): number {
    return (bitsAt(keys, at) ^ bitsAt(keys, at + HASH_BYTES)) & (this.#latest.length - 1)
  }

  #link(place: number): void {
    const slot = this.#slotOf(this.#records, place * RECORD_BYTES)
    this.#before[place] = this.#latest[slot] ?? 0
    this.#latest[slot] = place + 1
  }

  #grow(): void {
    const room = 2 * this.#length
    const records = Buffer.alloc(room * RECORD_BYTES)
    const latest = new Uint32Array(2 * room)
    const before = new Uint32Array(room)
    // Only now that there is memory for all of it.
    records.set(this.#records)
    this.#records = records
    this.#latest = latest
    this.#before = before
    for (let place = 0; place < this.#length; place += 1) this.#link(place)
  }
}

function bitsAt(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16)
  return high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
}
