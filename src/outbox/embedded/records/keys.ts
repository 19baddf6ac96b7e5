/**
 * Keys of the store's tables: fixed-width, big-endian, so that their byte order is the order in which they are read.
 * The functions return a buffer of their own each, unless they are given one to write the key to.
 */
import { SwitchhookError } from '../../../errors.ts'
import { copyFew, damaged } from './bytes.ts'

/** Bytes of an event's key: 26 hexadecimal digits. */
export const EVENT_KEY_BYTES = 13
/** Bytes of a delivery's place: event key and index. */
export const PLACE_BYTES = 15
/** Bytes of a fingerprint. */
export const HASH_BYTES = 8
/** Bytes of keys of `deliveries`, `due` and `ended`. */
export const DELIVERY_KEY_BYTES: number = 4 + PLACE_BYTES
export const DUE_KEY_BYTES: number = 11 + PLACE_BYTES
export const ENDED_KEY_BYTES: number = 7 + PLACE_BYTES
/** Deliveries of one event at most: their index takes two bytes. */
const DELIVERIES_LIMIT = 0x10000

/** `ready` may be claimed when due; `blocked` waits for an earlier one of its ordered call. */
export type DueKind = 'ready' | 'blocked'

const KINDS: Readonly<Record<DueKind, number>> = { ready: 0, blocked: 1 }
const STATES = { delivered: 1, dead: 2 } as const

/** Event key and index of a delivery id; undefined where it can't be one. */
export function parsePlace(id: string): Buffer | undefined {
  if (!/^[0-9a-f]{26}-(0|[1-9]\d{0,4})$/.test(id)) return undefined
  const index = Number(id.slice(27))
  return index < DELIVERIES_LIMIT ? placeOf(id.slice(0, 26), index) : undefined
}

/** The place of the delivery at `index` of an event; throws `internal` where the key is not one. */
function placeOf(eventKey: string, index: number): Buffer {
  const place = Buffer.allocUnsafe(PLACE_BYTES)
  if (eventKey.length !== 26 || place.write(eventKey, 'hex') !== EVENT_KEY_BYTES) {
    throw new SwitchhookError('internal', `event key ${JSON.stringify(eventKey)} is not 26 hexadecimal digits`)
  }
  place.writeUInt16BE(index, EVENT_KEY_BYTES)
  return place
}

/** The place of the delivery at `index` of the event with the key `eventKey`. */
export function placeAt(eventKey: Uint8Array, index: number): Buffer {
  const place = Buffer.allocUnsafe(PLACE_BYTES)
  place.set(eventKey)
  place.writeUInt16BE(index, EVENT_KEY_BYTES)
  return place
}

/** The id of the delivery at a place. */
export function idOfPlace(place: Buffer): string {
  return `${place.toString('hex', 0, EVENT_KEY_BYTES)}-${place.readUInt16BE(EVENT_KEY_BYTES)}`
}

/** The event's key within a place. */
export function eventKeyOf(place: Buffer): Buffer {
  return place.subarray(0, EVENT_KEY_BYTES)
}

/** Table `deliveries`: webhook, place. */
export function deliveryKey(
  webhook: number,
  place: Uint8Array,
  key: Buffer = Buffer.allocUnsafe(DELIVERY_KEY_BYTES),
): Buffer {
  key.writeUInt32BE(webhook, 0)
  copyFew(place, 0, key, 4, PLACE_BYTES)
  return key
}

/** Table `due`: webhook, kind, due time, place. */
export function dueKey(
  webhook: number,
  kind: DueKind,
  dueMs: number,
  place: Uint8Array,
  key: Buffer = Buffer.allocUnsafe(DUE_KEY_BYTES),
): Buffer {
  key.writeUInt32BE(webhook, 0)
  key[4] = KINDS[kind]
  key.writeUIntBE(dueMs, 5, 6)
  copyFew(place, 0, key, 11, PLACE_BYTES)
  return key
}

/** Everything of a webhook and kind in `due` from `dueMs` on, or before it. */
export function dueBound(webhook: number, kind: DueKind, dueMs: number): Buffer {
  return dueKey(webhook, kind, withinKeys(dueMs), new Uint8Array(PLACE_BYTES)).subarray(0, 11)
}

/** The end of a webhook's kind in `due`, exclusive. */
export function dueEnd(webhook: number, kind: DueKind): Buffer {
  const key = Buffer.allocUnsafe(5)
  key.writeUInt32BE(webhook, 0)
  key[4] = KINDS[kind] + 1
  return key
}

/** Due time and place of a key of `due`. */
export function splitDue(key: Buffer): { readonly dueMs: number; readonly place: Buffer } {
  if (key.length !== DUE_KEY_BYTES) throw damaged('a due time')
  return { dueMs: key.readUIntBE(5, 6), place: key.subarray(11) }
}

/** Table `ordered`: webhook, call, order within the call. */
export function orderedKey(webhook: number, call: Uint8Array, order: number): Buffer {
  const key = Buffer.allocUnsafe(4 + HASH_BYTES + 6)
  key.writeUInt32BE(webhook, 0)
  key.set(call, 4)
  key.writeUIntBE(order, 4 + HASH_BYTES, 6)
  return key
}

/** Table `ended`: state, end, place. */
export function endedKey(
  state: 'delivered' | 'dead',
  endedAtMs: number,
  place: Uint8Array,
  key: Buffer = Buffer.allocUnsafe(ENDED_KEY_BYTES),
): Buffer {
  key[0] = STATES[state]
  key.writeUIntBE(endedAtMs, 1, 6)
  copyFew(place, 0, key, 7, PLACE_BYTES)
  return key
}

/** Everything that ended in `state` before `endedAtMs`, exclusive end of the range; 0 gives its start. */
export function endedBound(state: 'delivered' | 'dead', endedAtMs: number): Buffer {
  return endedKey(state, withinKeys(endedAtMs), new Uint8Array(PLACE_BYTES)).subarray(0, 7)
}

/** A time that a key can hold: bounds may be endless, or lie before 1970 where a machine's clock was never set. */
function withinKeys(timeMs: number): number {
  return Math.min(Math.max(0, timeMs), 2 ** 48 - 1)
}

/** The key after `key`: the smallest that is greater. */
export function after(key: Uint8Array): Buffer {
  const next = Buffer.alloc(key.length + 1)
  next.set(key)
  return next
}

/** Everything that begins with `prefix` lies before this key. */
export function endOfPrefix(prefix: Uint8Array): Buffer {
  const end = Buffer.from(prefix)
  for (let index = end.length - 1; index >= 0; index -= 1) {
    const byte = end[index] ?? 0
    if (byte < 0xff) {
      end[index] = byte + 1
      return end.subarray(0, index + 1)
    }
  }
  return Buffer.alloc(prefix.length + 1, 0xff)
}
