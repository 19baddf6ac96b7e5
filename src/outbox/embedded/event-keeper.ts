/**
 * How long events are kept: as long as one of their deliveries, and at least as long as their duplicates must be told.
 * An event whose deliveries are gone before that loses its payload and is only remembered; the sweep forgets it in time.
 */
import { ByteWriter } from './bytes.ts'
import { decodeEvent, encodeRemembered, type StoredEvent, sealEvent, webhooksOf } from './event-record.ts'
import { type HashSeed, writeHash } from './hash.ts'
import { after, deliveryKey, EVENT_KEY_BYTES, HASH_BYTES, PLACE_BYTES } from './keys.ts'
import { encodeSeen, readSeen } from './seen-record.ts'
import type { Tables } from './tables.ts'
import type { Tallies } from './tallies.ts'

/** In table `state`: the last event key that the sweep looked at. */
const SWEPT_KEY = Buffer.from('s')

/** See the head of this file. Inside a transaction. */
export class EventKeeper {
  readonly #tables: Tables
  readonly #tallies: Tallies
  readonly #seed: HashSeed
  readonly #writer = new ByteWriter()

  constructor(tables: Tables, tallies: Tallies, seed: HashSeed) {
    this.#tables = tables
    this.#tallies = tallies
    this.#seed = seed
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
    if (isHeld) return
    const event = decodeEvent(record)
    if (!event.hasOwnId || event.acceptedAtMs <= rememberedSinceMs) {
      this.#forget(eventKey, record, event)
      return
    }
    this.#writer.clear()
    encodeRemembered(this.#writer, event)
    const remembered = this.#writer.copy()
    sealEvent(remembered)
    this.#tables.events.put(eventKey, remembered)
    this.#tallies.totals.bytes += remembered.length - record.length
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
    const key = Buffer.allocUnsafe(2 * HASH_BYTES)
    writeHash(key, 0, this.#seed, event.id)
    const second = event.hasOwnId ? `${event.account}\n${event.source}` : eventKey.toString('hex')
    writeHash(key, HASH_BYTES, this.#seed, second)
    const left = readSeen(this.#tables.seen.get(key)).filter((seen) => !seen.eventKey.equals(eventKey))
    if (left.length === 0) this.#tables.seen.remove(key)
    else this.#tables.seen.put(key, encodeSeen(left))
  }
}
