/**
 * Changes in bytes: what the main thread asks for and the store's thread applies, in this order and with nothing added.
 * A batch is changes one behind the other, each a kind (1), a length (4) and its body; the same bytes applied to the same
 * store lead to the same store, wherever they come from.
 */
import type { AcceptedEvent } from '../../../model/delivery.ts'
import type { Settlement } from '../../contract.ts'
import { encodeAttempt } from './attempt-record.ts'
import { ByteReader, type ByteWriter, damaged } from './bytes.ts'
import { encodeEvent, encodeRemembered, identityOf } from './event-record.ts'
import { type HashSeed, writeHash } from './hash.ts'
import { EVENT_KEY_BYTES, HASH_BYTES, PLACE_BYTES } from './keys.ts'
import { SEEN_KEY_BYTES, writeSeenKey } from './seen-record.ts'

const WEBHOOK = 1
const ACCEPT = 2
const SETTLE = 3
const NOTE = 4

const OWN_ID = 1
const HAS_CALL = 2
const TARGETS = ['delivered', 'again', 'dead'] as const
const USES = ['attempt', 'crash', 'none'] as const

/** A delivery of an accepted event. */
export interface AcceptedDelivery {
  readonly webhook: number
  readonly dueMs: number
  readonly isOrdered: boolean
}

/** One change, read from its bytes; byte arrays are views of the batch. */
export type Change =
  | { readonly kind: 'webhook'; readonly number: number; readonly id: string }
  | {
      readonly kind: 'accept'
      readonly eventKey: Buffer
      /** Fingerprints of the id and of account and source. */
      readonly seen: Buffer
      readonly call: Buffer
      readonly hasOwnId: boolean
      /** True: it is to be found by its call. */
      readonly hasCall: boolean
      readonly acceptedAtMs: number
      readonly deliveries: readonly AcceptedDelivery[]
      /** The record for table `events`, not sealed yet. */
      readonly record: Buffer
    }
  | {
      readonly kind: 'settle'
      readonly webhook: number
      readonly place: Buffer
      readonly atMs: number
      readonly to: (typeof TARGETS)[number]
      readonly uses: (typeof USES)[number]
      readonly dueMs: number
      readonly reason: string
      /** Empty where nothing was sent. */
      readonly record: Buffer
    }
  | { readonly kind: 'note'; readonly table: string; readonly key: string; readonly text: string | undefined }

/** Gives `id` its number; comes before the first change that uses it. */
export function encodeWebhook(writer: ByteWriter, number: number, id: string): void {
  const end = begin(writer, WEBHOOK)
  writer.u32(number)
  writer.texts([id])
  end()
}

/** `webhooks` are the numbers of the event's deliveries, in their order. */
export function encodeAccept(
  writer: ByteWriter,
  event: AcceptedEvent,
  webhooks: readonly number[],
  seed: HashSeed,
): void {
  const end = begin(writer, ACCEPT)
  writer.hex(event.key)
  const hashes = new Uint8Array(SEEN_KEY_BYTES + HASH_BYTES)
  writeSeenKey(hashes, seed, event, event.key)
  writeHash(hashes, SEEN_KEY_BYTES, seed, event.subject)
  writer.bytes(hashes)
  // Of one that triggers nothing only its duplicates are told.
  const isRemembered = event.hasOwnId && event.deliveries.length === 0
  writer.u8((event.hasOwnId ? OWN_ID : 0) | (event.subject !== '' && !isRemembered ? HAS_CALL : 0))
  writer.u48(event.acceptedAtMs)
  writer.u16(event.deliveries.length)
  for (const [index, delivery] of event.deliveries.entries()) {
    writer.u32(webhooks[index] ?? 0)
    writer.u48(delivery.dueMs)
    writer.u8(delivery.ordered && event.subject !== '' ? 1 : 0)
  }
  if (isRemembered) {
    const seenKey = hashes.subarray(0, SEEN_KEY_BYTES)
    encodeRemembered(writer, event.acceptedAtMs, { seenKey, identity: identityOf(event, seed) })
  } else {
    encodeEvent(writer, event, webhooks)
  }
  end()
}

export function encodeSettlement(writer: ByteWriter, webhook: number, place: Uint8Array, settlement: Settlement): void {
  const end = begin(writer, SETTLE)
  writer.u32(webhook)
  writer.bytes(place)
  writer.u48(settlement.atMs)
  writer.u8(TARGETS.indexOf(settlement.to))
  writer.u8(settlement.to === 'again' ? USES.indexOf(settlement.uses) : 0)
  writer.u48(settlement.to === 'again' ? settlement.dueMs : 0)
  writer.texts([settlement.to === 'dead' ? settlement.reason : ''])
  if (settlement.record !== undefined) encodeAttempt(writer, settlement.record)
  end()
}

export function encodeNote(writer: ByteWriter, table: string, key: string, text: string | undefined): void {
  const end = begin(writer, NOTE)
  writer.u8(text === undefined ? 0 : 1)
  writer.texts([table, key, text ?? ''])
  end()
}

/** Reads the changes of a batch one after the other. */
export function* decodeChanges(batch: Uint8Array): Iterable<Change> {
  const reader = new ByteReader(batch)
  while (!reader.isAtEnd) {
    const kind = reader.u8()
    yield decode(kind, reader.bytes(reader.u32()))
  }
}

function begin(writer: ByteWriter, kind: number): () => void {
  writer.u8(kind)
  const lengthAt = writer.length
  writer.u32(0)
  return () => writer.patchU32(lengthAt, writer.length - lengthAt - 4)
}

function decode(kind: number, body: Buffer): Change {
  const reader = new ByteReader(body)
  switch (kind) {
    case WEBHOOK:
      return { kind: 'webhook', number: reader.u32(), id: reader.texts(1)[0] ?? '' }
    case ACCEPT:
      return decodeAccept(reader, body)
    case SETTLE:
      return decodeSettle(reader, body)
    case NOTE: {
      const hasText = reader.u8() === 1
      const [table = '', key = '', text = ''] = reader.texts(3)
      return { kind: 'note', table, key, text: hasText ? text : undefined }
    }
    default:
      throw damaged('a change')
  }
}

function decodeAccept(reader: ByteReader, body: Buffer): Change {
  const eventKey = reader.bytes(EVENT_KEY_BYTES)
  const seen = reader.bytes(SEEN_KEY_BYTES)
  const call = reader.bytes(HASH_BYTES)
  const flags = reader.u8()
  const hasOwnId = (flags & OWN_ID) !== 0
  const hasCall = (flags & HAS_CALL) !== 0
  const acceptedAtMs = reader.u48()
  const deliveries: AcceptedDelivery[] = []
  for (let left = reader.u16(); left > 0; left -= 1) {
    deliveries.push({ webhook: reader.u32(), dueMs: reader.u48(), isOrdered: reader.u8() === 1 })
  }
  const record = body.subarray(reader.offset)
  return { kind: 'accept', eventKey, seen, call, hasOwnId, hasCall, acceptedAtMs, deliveries, record }
}

function decodeSettle(reader: ByteReader, body: Buffer): Change {
  const webhook = reader.u32()
  const place = reader.bytes(PLACE_BYTES)
  const atMs = reader.u48()
  const to = TARGETS[reader.u8()]
  const uses = USES[reader.u8()]
  const dueMs = reader.u48()
  const [reason = ''] = reader.texts(1)
  if (to === undefined || uses === undefined) throw damaged('a settlement')
  return { kind: 'settle', webhook, place, atMs, to, uses, dueMs, reason, record: body.subarray(reader.offset) }
}
