/**
 * An event as table `events` keeps it: once, whatever number of deliveries it has. Layout: version (1) · flags (1: own id,
 * 2: as 4 in the store's format 1, with id, source and account as texts, 4: only remembered) · accepted at (6) · CRC-32 of all
 * behind it (4) · deliveries (2) · webhook number of each (4) · texts. Of an event that is only remembered, to tell its
 * duplicates, nothing can be read: instead of texts it has its key of table `seen` (16) and a digest of its identity (16).
 */
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { AcceptedEvent } from '../../../model/delivery.ts'
import { ByteReader, type ByteWriter, damaged } from './bytes.ts'
import { type HashSeed, writeU32 } from './hash.ts'
import { SEEN_KEY_BYTES, writeSeenKey } from './seen-record.ts'

const FORMAT = 1
const OWN_ID = 1
const REMEMBERED = 4
/** Bytes of the digest of an identity. */
const IDENTITY_BYTES = 16
const ACCEPTED_OFFSET = 2
const CRC_OFFSET = 8
const COUNT_OFFSET = 12
const WEBHOOKS_OFFSET = 14

/** What is kept of an event to tell its duplicates. */
export interface Remembered {
  /** Its key in table `seen`. */
  readonly seenKey: Uint8Array
  /** See {@link identityOf}. */
  readonly identity: Uint8Array
}

/** An event without its key, as it was read. */
export interface StoredEvent {
  readonly hasOwnId: boolean
  /** Present where it is only remembered: all its texts are empty then. */
  readonly remembered: Remembered | undefined
  readonly acceptedAtMs: number
  /** Webhook numbers of its deliveries, by index. */
  readonly webhooks: readonly number[]
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  readonly account: string
  readonly traceparent: string
  readonly payload: string
  readonly context: string
}

/** Writes an event's record, its check sum left open for {@link sealEvent}. */
export function encodeEvent(writer: ByteWriter, event: AcceptedEvent, webhooks: readonly number[]): void {
  writeHead(writer, event.hasOwnId ? OWN_ID : 0, event.acceptedAtMs, webhooks)
  const { id, source, type, subject, account, traceparent, context, payload } = event
  writer.texts([id, source, type, subject, account, traceparent, context])
  writer.texts([payload])
}

/** What stays of an event whose deliveries are gone. */
export function encodeRemembered(writer: ByteWriter, acceptedAtMs: number, { seenKey, identity }: Remembered): void {
  writeHead(writer, OWN_ID | REMEMBERED, acceptedAtMs, [])
  writer.bytes(seenKey)
  writer.bytes(identity)
}

/** Tells an event from all others that have another account, source or id: a digest of 16 bytes, made with the store's seed. */
export function identityOf(
  event: Pick<StoredEvent, 'account' | 'source' | 'id'> & { readonly remembered?: Remembered | undefined },
  { high, low }: HashSeed,
): Uint8Array {
  if (event.remembered !== undefined) return event.remembered.identity
  const text = JSON.stringify([high, low, event.account, event.source, event.id])
  return hash('sha256', text, 'buffer').subarray(0, IDENTITY_BYTES)
}

/** Fills in the check sum. */
export function sealEvent(record: Uint8Array): void {
  const sum = crc32(record.subarray(COUNT_OFFSET))
  writeU32(record, CRC_OFFSET, sum)
}

/** Reads a record; throws `internal` where it is damaged. */
export function decodeEvent(record: Buffer): StoredEvent {
  checkSum(record)
  const reader = new ByteReader(record, 1)
  const flags = reader.u8()
  const acceptedAtMs = reader.u48()
  reader.u32()
  const webhooks = webhooksOf(record)
  const texts = new ByteReader(record, WEBHOOKS_OFFSET + webhooks.length * 4)
  const hasOwnId = (flags & OWN_ID) !== 0
  if ((flags & REMEMBERED) !== 0) {
    const remembered = { seenKey: texts.bytes(SEEN_KEY_BYTES), identity: texts.bytes(IDENTITY_BYTES) }
    return { ...NO_TEXTS, hasOwnId, remembered, acceptedAtMs, webhooks }
  }
  const [id = '', source = '', type = '', subject = '', account = '', traceparent = '', context = ''] = texts.texts(7)
  const [payload = ''] = texts.texts(1)
  return {
    hasOwnId,
    remembered: undefined,
    acceptedAtMs,
    webhooks,
    id,
    source,
    type,
    subject,
    account,
    traceparent,
    payload,
    context,
  }
}

const NO_TEXTS = {
  id: '',
  source: '',
  type: '',
  subject: '',
  account: '',
  traceparent: '',
  payload: '',
  context: '',
} as const

/** An event's key of table `seen`; `eventKey` is that of its record. */
export function seenKeyOf(seed: HashSeed, event: StoredEvent, eventKey: Buffer): Buffer {
  if (event.remembered !== undefined) return Buffer.from(event.remembered.seenKey)
  const key = Buffer.allocUnsafe(SEEN_KEY_BYTES)
  writeSeenKey(key, seed, event, eventKey.toString('hex'))
  return key
}

/** Only when a record's event was accepted, without a look at the rest. */
export function acceptedAtOf(record: Buffer): number {
  if (record[0] !== FORMAT || record.length < WEBHOOKS_OFFSET) throw damaged('an event')
  return record.readUIntBE(ACCEPTED_OFFSET, 6)
}

/** Only the webhook numbers of a record's deliveries, without a look at the rest. */
export function webhooksOf(record: Buffer): number[] {
  if (record[0] !== FORMAT || record.length < WEBHOOKS_OFFSET) throw damaged('an event')
  const count = record.readUInt16BE(COUNT_OFFSET)
  if (record.length < WEBHOOKS_OFFSET + count * 4) throw damaged('an event')
  const webhooks: number[] = []
  for (let index = 0; index < count; index += 1) webhooks.push(record.readUInt32BE(WEBHOOKS_OFFSET + index * 4))
  return webhooks
}

function writeHead(writer: ByteWriter, flags: number, acceptedAtMs: number, webhooks: readonly number[]): void {
  writer.u8(FORMAT)
  writer.u8(flags)
  writer.u48(acceptedAtMs)
  writer.u32(0)
  writer.u16(webhooks.length)
  for (const webhook of webhooks) writer.u32(webhook)
}

function checkSum(record: Buffer): void {
  if (record[0] !== FORMAT || record.length < WEBHOOKS_OFFSET) throw damaged('an event')
  if (record.readUInt32BE(CRC_OFFSET) !== crc32(record.subarray(COUNT_OFFSET))) throw damaged('an event')
}
