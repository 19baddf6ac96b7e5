/**
 * A delivery as table `deliveries` keeps it. Layout of format 1: format (1) · flags (1) · due or ended at (6) · accepted at
 * (6) · waiting since (6) · attempts (2) · crashes (2) · reason (1 + its letters) · of an ordered call its fingerprint (8) and the order in it
 * (6) · number of attempt records (1) · each behind its length (4).
 */
import type { AttemptRecord, DeadReason, DeliveryState } from '../../../model/delivery.ts'
import { KEPT_ATTEMPTS } from '../../../model/delivery.ts'
import { decodeAttempt } from './attempt-record.ts'
import { ByteReader, type ByteWriter, damaged } from './bytes.ts'
import { HASH_BYTES } from './keys.ts'

const FORMAT = 1
const ORDERED = 4
const BLOCKED = 8
const ORPHAN = 16
const ERASED = 32
const STATES: readonly DeliveryState[] = ['pending', 'delivered', 'dead']

/** Where an ordered delivery stands in its call. */
export interface CallPlace {
  /** Fingerprint of the call. */
  readonly call: Uint8Array
  readonly order: number
  /** True: an earlier one of the call is pending. */
  readonly isBlocked: boolean
}

/** A delivery's record, decoded but for its attempts. */
export interface StoredDelivery {
  state: DeliveryState
  /** When it is due; once it ended, when. */
  atMs: number
  readonly acceptedAtMs: number
  /** See `ClaimedDelivery`. */
  waitsSinceMs: number
  attempts: number
  crashes: number
  /** Empty unless dead. */
  reason: DeadReason | ''
  /** True: its webhook is gone; it dies instead of being due again. */
  isOrphan: boolean
  /** True: it was erased while it may have been in flight; it is removed when that is over. */
  isErased: boolean
  /** Undefined where the order does not matter. */
  ordered: CallPlace | undefined
  /** Encoded attempt records, oldest first. */
  records: readonly Uint8Array[]
}

/** A delivery as it is when accepted. */
export function newDelivery(acceptedAtMs: number, dueMs: number, ordered: CallPlace | undefined): StoredDelivery {
  return {
    state: 'pending',
    atMs: dueMs,
    acceptedAtMs,
    waitsSinceMs: dueMs,
    attempts: 0,
    crashes: 0,
    reason: '',
    isOrphan: false,
    isErased: false,
    ordered,
    records: [],
  }
}

/** Keeps one attempt more, the oldest beyond the number kept given up. */
export function withRecord(records: readonly Uint8Array[], record: Uint8Array): readonly Uint8Array[] {
  return [...records, record].slice(-KEPT_ATTEMPTS)
}

export function encodeDelivery(writer: ByteWriter, delivery: StoredDelivery): void {
  const { ordered } = delivery
  writer.u8(FORMAT)
  writer.u8(
    STATES.indexOf(delivery.state) |
      (ordered === undefined ? 0 : ORDERED) |
      (ordered?.isBlocked === true ? BLOCKED : 0) |
      (delivery.isOrphan ? ORPHAN : 0) |
      (delivery.isErased ? ERASED : 0),
  )
  writer.u48(delivery.atMs)
  writer.u48(delivery.acceptedAtMs)
  writer.u48(delivery.waitsSinceMs)
  writer.u16(Math.min(delivery.attempts, 0xffff))
  writer.u16(Math.min(delivery.crashes, 0xffff))
  writer.u8(delivery.reason.length)
  if (delivery.reason !== '') writer.bytes(Buffer.from(delivery.reason, 'latin1'))
  if (ordered !== undefined) {
    writer.bytes(ordered.call)
    writer.u48(ordered.order)
  }
  writer.u8(delivery.records.length)
  for (const record of delivery.records) {
    writer.u32(record.length)
    writer.bytes(record)
  }
}

/** Reads a record; throws `internal` where it is damaged. The bytes must stay as they are while the result is used. */
export function decodeDelivery(bytes: Uint8Array): StoredDelivery {
  const reader = new ByteReader(bytes)
  if (reader.u8() !== FORMAT) throw damaged('a delivery')
  const flags = reader.u8()
  const state = STATES[flags & 3]
  if (state === undefined) throw damaged('a delivery')
  const atMs = reader.u48()
  const acceptedAtMs = reader.u48()
  const waitsSinceMs = reader.u48()
  const attempts = reader.u16()
  const crashes = reader.u16()
  const reasonLength = reader.u8()
  const reason = reasonLength === 0 ? '' : reader.bytes(reasonLength).toString('latin1')
  const ordered =
    (flags & ORDERED) === 0
      ? undefined
      : { call: reader.bytes(HASH_BYTES), order: reader.u48(), isBlocked: (flags & BLOCKED) !== 0 }
  const records: Uint8Array[] = []
  for (let left = reader.u8(); left > 0; left -= 1) records.push(reader.bytes(reader.u32()))
  return {
    state,
    atMs,
    acceptedAtMs,
    waitsSinceMs,
    attempts,
    crashes,
    // Only what `encodeDelivery` was given comes back: the reasons are a closed list there.
    reason: reason as DeadReason | '',
    isOrphan: (flags & ORPHAN) !== 0,
    isErased: (flags & ERASED) !== 0,
    ordered,
    records,
  }
}

/** The attempts of a delivery as people see them. */
export function attemptsOf(delivery: StoredDelivery): AttemptRecord[] {
  return delivery.records.map(decodeAttempt)
}
