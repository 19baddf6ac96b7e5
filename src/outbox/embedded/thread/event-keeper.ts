/**
 * How long events are kept: as long as one of their deliveries, and at least as long as their duplicates must be told.
 * An event whose deliveries are gone before that is only remembered, nothing of it can be read; the sweep forgets it in time.
 * One that is damaged stays, for `store verify` to tell of it.
 */

import type { Tables } from '../files/tables.ts'
import { ByteWriter, orDamaged } from '../records/bytes.ts'
import { CALL_KEY_BYTES, callKeyOf } from '../records/call-index.ts'
import {
  acceptedAtOf,
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

  /** One of an event's deliveries was removed: lets the event go where it was the last. False: it is damaged. */
  release(eventKey: Buffer, rememberedSinceMs: number): boolean {
    const record = this.#tables.events.get(eventKey)
    if (record === undefined) return true
    const webhooks = orDamaged(() => webhooksOf(record))
    if (webhooks === 'damaged') return false
    const isHeld = webhooks.some((webhook, index) => {
      const place = Buffer.allocUnsafe(PLACE_BYTES)
      place.set(eventKey)
      place.writeUInt16BE(index, EVENT_KEY_BYTES)
      return this.#tables.deliveries.has(deliveryKey(webhook, place))
    })
    return isHeld || this.letGo(eventKey, record, rememberedSinceMs)
  }

  /**
   * Keeps no more of an event than tells its duplicates, and that only if it was accepted after `rememberedSinceMs`. False: it is
   * damaged.
   */
  letGo(eventKey: Buffer, record: Buffer, rememberedSinceMs: number): boolean {
    const event = orDamaged(() => decodeEvent(record))
    if (event === 'damaged') return false
    if (!event.hasOwnId || event.acceptedAtMs <= rememberedSinceMs) {
      this.#forget(eventKey, record, event)
      return true
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
    return true
  }

  /** Forgets events without deliveries accepted at `rememberedSinceMs` or before; looks at `most`, returns at how many. */
  sweep(rememberedSinceMs: number, most: number): number {
    const swept = this.#tables.state.get(SWEPT_KEY)
    const rows: { readonly key: Buffer; readonly value: Buffer }[] = []
    const start = swept === undefined ? Buffer.alloc(1) : after(swept)
    for (const row of this.#tables.events.range(start, Buffer.alloc(EVENT_KEY_BYTES + 1, 0xff))) {
      const acceptedAtMs = orDamaged(() => acceptedAtOf(row.value))
      if (acceptedAtMs !== 'damaged' && acceptedAtMs > rememberedSinceMs) break
      rows.push(row)
      if (rows.length === most) break
    }
    for (const { key, value } of rows) {
      const event = orDamaged(() => (webhooksOf(value).length === 0 ? decodeEvent(value) : undefined))
      if (event !== undefined && event !== 'damaged') this.#forget(key, value, event)
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
