/**
 * Table `seen`: fingerprints of an event's id and of its account and source, to the events that had them, the latest
 * first: time of acceptance (6) and event key (13) each. Tells duplicates, and finds events by their id.
 */
import { damaged } from './bytes.ts'
import { EVENT_KEY_BYTES } from './keys.ts'

const ENTRY_BYTES = 6 + EVENT_KEY_BYTES

export interface SeenEvent {
  readonly eventKey: Buffer
  readonly acceptedAtMs: number
}

export function readSeen(value: Buffer | undefined): readonly SeenEvent[] {
  if (value === undefined) return []
  if (value.length % ENTRY_BYTES !== 0) throw damaged('a duplicate key')
  const events: SeenEvent[] = []
  for (let offset = 0; offset < value.length; offset += ENTRY_BYTES) {
    events.push({
      acceptedAtMs: value.readUIntBE(offset, 6),
      eventKey: value.subarray(offset + 6, offset + ENTRY_BYTES),
    })
  }
  return events
}

export function encodeSeen(events: readonly SeenEvent[]): Buffer {
  const value = Buffer.allocUnsafe(events.length * ENTRY_BYTES)
  for (const [index, { eventKey, acceptedAtMs }] of events.entries()) {
    value.writeUIntBE(Math.floor(acceptedAtMs), index * ENTRY_BYTES, 6)
    value.set(eventKey, index * ENTRY_BYTES + 6)
  }
  return value
}
