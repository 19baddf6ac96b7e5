/**
 * An event as table `events` keeps it: once, whatever number of deliveries it has. Layout of format 1:
 * format (1) · flags (1: own id, 2: only remembered) · accepted at (6) · CRC-32 of all behind it (4) · deliveries (2) ·
 * webhook number of each (4) · texts. An event that is only remembered, to tell its duplicates, has lost payload and context.
 */
import { crc32 } from 'node:zlib'
import type { AcceptedEvent } from '../../model/delivery.ts'
import { ByteReader, type ByteWriter, damaged } from './bytes.ts'

const FORMAT = 1
const OWN_ID = 1
const REMEMBERED = 2
const CRC_OFFSET = 8
const COUNT_OFFSET = 12
const WEBHOOKS_OFFSET = 14

/** An event without its key, as it was read. */
export interface StoredEvent {
  readonly hasOwnId: boolean
  /** True: its deliveries are gone, it is kept to tell duplicates. */
  readonly isRemembered: boolean
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
export function encodeRemembered(writer: ByteWriter, event: StoredEvent): void {
  writeHead(writer, (event.hasOwnId ? OWN_ID : 0) | REMEMBERED, event.acceptedAtMs, [])
  writer.texts([event.id, event.source, '', '', event.account, '', ''])
  writer.texts([''])
}

/** Fills in the check sum. */
export function sealEvent(record: Uint8Array): void {
  const sum = crc32(record.subarray(COUNT_OFFSET))
  new DataView(record.buffer, record.byteOffset).setUint32(CRC_OFFSET, sum)
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
  const [id = '', source = '', type = '', subject = '', account = '', traceparent = '', context = ''] = texts.texts(7)
  const [payload = ''] = texts.texts(1)
  return {
    hasOwnId: (flags & OWN_ID) !== 0,
    isRemembered: (flags & REMEMBERED) !== 0,
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
