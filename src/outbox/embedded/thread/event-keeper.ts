/**
 * How long events are kept: as long as one of their deliveries, and at least as long as their duplicates must be told.
 * An event whose deliveries are gone before that is only remembered, nothing of it can be read; the sweep forgets it in time.
 */

import type { Tables } from '../files/tables.ts'
import { ByteWriter } from '../records/bytes.ts'
import { CALL_KEY_BYTES, callKeyOf } from '../records/call-index.ts'
import {
  decodeEvent,
  encodeRemembered,
  identityOf,
  type StoredEvent,
  sealEvent,
  seenKeyOf,
  webhooksOf,
} from '../records/event-record.ts'
import type { HashSeed } from '../records/hash.ts'
import { after, deliveryKey, EVENT_KEY_BYTES, PLACE_BYTES } from '../records/keys.ts'
import { encodeSeen, readSeen } from '../records/seen-record.ts'
import type { LateIndex } from './late-index.ts'
import type { Tallies } from './tallies.ts'

/** In table `state`: the last event key that the sweep looked at. */
const SWEPT_KEY = Buffer.from('s')

/** See the head of this file. Inside a transaction. */
export class EventKeeper {
  readonly #tables: Tables
  readonly #tallies: Tallies
  readonly #seed: HashSeed
  readonly #index: LateIndex
  readonly #writer = new ByteWriter()

  constructor(tables: Tables, tallies: Tallies, seed: HashSeed, index: LateIndex) {
    this.#tables = tables
    this.#tallies = tallies
    this.#seed = seed
    this.#index = index
  }

  /** One of an event's deliveries was removed: lets the event go where it was the last. */
  release(eventKey: Buffer, rememberedSinceMs: number): void {
    const record = this.#tables.events.get(eventKey)
    if (record === undefined) return
    const isHeld = webhooksOf(record).some((webhook, index) => {
      const place = Buffer.allocUnsafe(PLACE_BYTES)
      place.set(eventKey)
      place.writeUInt16BE(index, EVENT_KEY_BYTES)
      return this.#tables.deliveries.has(deliveryKey(webhook, place))
    })
    if (!isHeld) this.letGo(eventKey, record, rememberedSinceMs)
  }

  /** Keeps no more of an event than tells its duplicates, and that only if it was accepted after `rememberedSinceMs`. */
  letGo(eventKey: Buffer, record: Buffer, rememberedSinceMs: number): void {
    const event = decodeEvent(record)
    if (!event.hasOwnId || event.acceptedAtMs <= rememberedSinceMs) {
      this.#forget(eventKey, record, event)
      return
    }
    const seenKey = seenKeyOf(this.#seed, event, eventKey)
    this.#index.writeOf(seenKey)
    this.#writer.clear()
    encodeRemembered(this.#writer, event.acceptedAtMs, { seenKey, identity: identityOf(event, this.#seed) })
    const remembered = this.#writer.copy()
    sealEvent(remembered)
    this.#tables.events.put(eventKey, remembered)
    this.#tallies.totals.bytes += remembered.length - record.length
    this.#leaveCall(eventKey, event)
  }

  /** Forgets events without deliveries accepted at `rememberedSinceMs` or before; looks at `most`, returns at how many. */
  sweep(rememberedSinceMs: number, most: number): number {
    const swept = this.#tables.state.get(SWEPT_KEY)
    const rows: { readonly key: Buffer; readonly value: Buffer }[] = []
    const start = swept === undefined ? Buffer.alloc(1) : after(swept)
    for (const row of this.#tables.events.range(start, Buffer.alloc(EVENT_KEY_BYTES + 1, 0xff))) {
      if (row.value.readUIntBE(2, 6) > rememberedSinceMs) break
      rows.push(row)
      if (rows.length === most) break
    }
    for (const { key, value } of rows) {
      if (webhooksOf(value).length === 0) this.#forget(key, value, decodeEvent(value))
    }
    const last = rows.at(-1)
    if (last !== undefined) this.#tables.state.put(SWEPT_KEY, last.key)
    return rows.length
  }

  #forget(eventKey: Buffer, record: Buffer, event: StoredEvent): void {
    this.#tables.events.remove(eventKey)
    this.#tallies.totals.bytes -= record.length
    const key = seenKeyOf(this.#seed, event, eventKey)
    this.#index.writeOf(key)
    this.#leaveCall(eventKey, event)
    const left = readSeen(this.#tables.seen.get(key)).filter((seen) => !seen.eventKey.equals(eventKey))
    if (left.length === 0) this.#tables.seen.remove(key)
    else this.#tables.seen.put(key, encodeSeen(left))
  }

  #leaveCall(eventKey: Buffer, { subject }: StoredEvent): void {
    if (subject === '') return
    const isRemoved = this.#tables.calls.remove(callKeyOf(this.#seed, subject, eventKey))
    if (isRemoved) this.#tallies.totals.bytes -= CALL_KEY_BYTES
  }
}
