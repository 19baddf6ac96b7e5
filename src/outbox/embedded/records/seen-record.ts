/**
 * Table `seen`: fingerprints of an event's id and of its account and source, to the events that had them, the latest
 * first: time of acceptance (6) and event key (13) each. Tells duplicates, and finds events by their id.
 */
import { copyFew, damaged } from './bytes.ts'
import { type HashSeed, writeHash } from './hash.ts'
import { EVENT_KEY_BYTES, HASH_BYTES } from './keys.ts'

/** Bytes of an event in a row. */
export const SEEN_ENTRY_BYTES: number = 6 + EVENT_KEY_BYTES

export interface SeenEvent {
  readonly eventKey: Buffer
  readonly acceptedAtMs: number
}

/** Bytes of a key of the table. */
export const SEEN_KEY_BYTES: number = 2 * HASH_BYTES

/** Writes an event's key of the table to the beginning of `target`; `eventKey` in hexadecimal. */
export function writeSeenKey(
  target: Uint8Array,
  seed: HashSeed,
  event: { readonly id: string; readonly account: string; readonly source: string; readonly hasOwnId: boolean },
  eventKey: string,
): void {
  writeHash(target, 0, seed, event.id)
  // Of an id that was made up nobody asks for duplicates: its own key keeps it apart from all others.
  writeHash(target, HASH_BYTES, seed, event.hasOwnId ? `${event.account}\n${event.source}` : eventKey)
}

export function readSeen(value: Buffer | undefined): readonly SeenEvent[] {
  if (value === undefined) return []
  if (value.length % SEEN_ENTRY_BYTES !== 0) throw damaged('a duplicate key')
  const events: SeenEvent[] = []
  for (let offset = 0; offset < value.length; offset += SEEN_ENTRY_BYTES) {
    events.push({
      acceptedAtMs: value.readUIntBE(offset, 6),
      eventKey: value.subarray(offset + 6, offset + SEEN_ENTRY_BYTES),
    })
  }
  return events
}

export function encodeSeen(events: readonly SeenEvent[]): Buffer {
  const value = Buffer.allocUnsafe(events.length * SEEN_ENTRY_BYTES)
  for (const [index, { eventKey, acceptedAtMs }] of events.entries()) {
    writeSeenEntry(value, index * SEEN_ENTRY_BYTES, acceptedAtMs, eventKey)
  }
  return value
}

/** Writes an event as a row has it, to `target` at `offset`. */
export function writeSeenEntry(target: Buffer, offset: number, acceptedAtMs: number, eventKey: Uint8Array): void {
  target.writeUIntBE(Math.floor(acceptedAtMs), offset, 6)
  copyFew(eventKey, 0, target, offset + 6, EVENT_KEY_BYTES)
}
