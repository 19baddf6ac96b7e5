/**
 * The store's state machine: applies changes to the tables, one after the other, inside a transaction that somebody else
 * opens and commits. Deterministic: ids, times and numbers come with the change. Invariants: every pending delivery has one
 * key in `due`, `blocked` while an earlier one of its ordered call is pending; every ended one has one key in `ended`; the
 * tallies say how many there are.
 */
import type { DeadReason } from '../../../model/delivery.ts'
import { DUPLICATE_WINDOW_MS } from '../../contract.ts'
import type { Tables } from '../files/tables.ts'
import { ByteWriter, damaged, orDamaged } from '../records/bytes.ts'
import { CALL_KEY_BYTES } from '../records/call-index.ts'
import type { Change } from '../records/changes.ts'
import {
  decodeDelivery,
  encodeDelivery,
  newDelivery,
  type StoredDelivery,
  withRecord,
} from '../records/delivery-record.ts'
import { decodeEvent, identityOf, sealEvent } from '../records/event-record.ts'
import type { HashSeed } from '../records/hash.ts'
import {
  DELIVERY_KEY_BYTES,
  DUE_KEY_BYTES,
  deliveryKey,
  dueKey,
  ENDED_KEY_BYTES,
  endedKey,
  endOfPrefix,
  eventKeyOf,
  orderedKey,
  placeAt,
} from '../records/keys.ts'
import type { SeenEvent } from '../records/seen-record.ts'
import type { LateIndex } from './late-index.ts'
import type { Tallies } from './tallies.ts'

/** About what a delivery takes on disk beside its event's record: its keys in all tables, half-filled pages included. */
const DELIVERY_BYTES = 300

/** A delivery with its whereabouts. */
export interface Found {
  readonly webhook: number
  readonly place: Buffer
  readonly delivery: StoredDelivery
}

/** What an accepted event came to: a duplicate, or the indexes of its deliveries that have to wait for their call. */
export type AcceptResult =
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'accepted'; readonly blocked: readonly number[] }

/** What a settlement came to; `next` is the delivery of the ordered call that may go out now. */
export type SettleResult = { readonly isPending: boolean; readonly next: Found | undefined }

type Accept = Extract<Change, { kind: 'accept' }>
type Settle = Extract<Change, { kind: 'settle' }>

/** See the head of this file. */
export class StateMachine {
  readonly #tables: Tables
  readonly #tallies: Tallies
  readonly #seed: HashSeed
  readonly #index: LateIndex
  readonly #writer = new ByteWriter()
  /** Of the tables' keys the last that was asked for: a table copies what it is given. */
  readonly #deliveryKey = Buffer.alloc(DELIVERY_KEY_BYTES)
  readonly #dueKey = Buffer.alloc(DUE_KEY_BYTES)
  readonly #endedKey = Buffer.alloc(ENDED_KEY_BYTES)

  constructor(tables: Tables, tallies: Tallies, seed: HashSeed, index: LateIndex) {
    this.#tables = tables
    this.#tallies = tallies
    this.#seed = seed
    this.#index = index
  }

  accept(change: Accept): AcceptResult {
    const { deliveries, eventKey, acceptedAtMs, record } = change
    const seen = this.#index.seenOf(change.seen)
    if (change.hasOwnId && this.#isDuplicate(change, seen)) return { kind: 'duplicate' }
    if (deliveries.length === 0 && !change.hasOwnId) return { kind: 'accepted', blocked: [] }
    sealEvent(record)
    this.#tables.events.append(eventKey, record)
    const call = change.hasCall ? change.call : undefined
    this.#index.add({ seenKey: change.seen, eventKey, acceptedAtMs, call, isFirst: seen.length === 0 }, record.length)
    this.#tallies.totals.bytes += record.length + (change.hasCall ? CALL_KEY_BYTES : 0)
    const blocked: number[] = []
    for (const [index, { webhook, dueMs, isOrdered }] of deliveries.entries()) {
      const place = placeAt(eventKey, index)
      const ordered = isOrdered ? this.#enterCall(webhook, change.call, place) : undefined
      if (ordered?.isBlocked === true) blocked.push(index)
      this.#tallies.totals.bytes += DELIVERY_BYTES
      this.#begin({ webhook, place, delivery: newDelivery(acceptedAtMs, dueMs, ordered) })
    }
    return { kind: 'accepted', blocked }
  }

  settle(change: Settle): SettleResult {
    const found = this.find(change.webhook, change.place)
    if (found === undefined || found.delivery.state !== 'pending') return { isPending: false, next: undefined }
    const { delivery } = found
    if (delivery.isErased) return { isPending: false, next: this.unbury(found, change.atMs) }
    if (change.record.length > 0) delivery.records = withRecord(delivery.records, change.record)
    if (change.to === 'delivered') return { isPending: false, next: this.end(found, 'delivered', '', change.atMs) }
    if (change.to === 'dead') {
      // The reasons are a closed list where the settlement was made.
      return { isPending: false, next: this.end(found, 'dead', change.reason as DeadReason, change.atMs) }
    }
    if (delivery.isOrphan) return { isPending: false, next: this.end(found, 'dead', 'webhook-removed', change.atMs) }
    if (change.uses === 'attempt') delivery.attempts += 1
    if (change.uses === 'crash') delivery.crashes += 1
    if (change.uses !== 'none') delivery.waitsSinceMs = change.dueMs
    this.move(found, change.dueMs)
    return { isPending: true, next: undefined }
  }

  /** Reads one delivery; undefined where there is none. */
  find(webhook: number, place: Buffer): Found | undefined {
    const value = this.#tables.deliveries.get(deliveryKey(webhook, place, this.#deliveryKey))
    return value === undefined ? undefined : { webhook, place, delivery: decodeDelivery(value) }
  }

  /** Changes when a pending delivery is due. */
  move(found: Found, dueMs: number): void {
    const { delivery } = found
    this.#tables.due.remove(this.#dueKeyOf(found))
    delivery.atMs = dueMs
    this.#tables.due.put(this.#dueKeyOf(found), EMPTY)
    this.write(found)
  }

  /** Ends a pending delivery; returns the next of its ordered call where that may go out now. */
  end(found: Found, state: 'delivered' | 'dead', reason: DeadReason | '', atMs: number): Found | undefined {
    const { webhook, place, delivery } = found
    this.#tables.due.remove(this.#dueKeyOf(found))
    delivery.state = state
    delivery.reason = reason
    delivery.atMs = atMs
    const { ordered } = delivery
    // The call stays in the record, for a replay; its place in the order does not.
    if (ordered !== undefined) delivery.ordered = { ...ordered, isBlocked: false }
    this.write(found)
    const number = numberValue(webhook)
    this.#tables.ended.put(endedKey(state, atMs, place, this.#endedKey), number)
    if (state === 'dead') this.#tables.dead.put(place, number)
    this.#tallies.totals[state] += 1
    this.#tallies.pending(webhook, delivery.acceptedAtMs, -1)
    if (ordered === undefined) return undefined
    this.#tables.ordered.remove(orderedKey(webhook, ordered.call, ordered.order))
    return ordered.isBlocked ? undefined : this.#unblockNext(webhook, ordered.call)
  }

  /**
   * Erases a pending delivery that may be in flight: nothing of it is left but its place in the line of its ordered call, until
   * {@link unbury}.
   */
  bury(found: Found): void {
    const { webhook, place, delivery } = found
    this.#tables.due.remove(this.#dueKeyOf(found))
    delivery.isErased = true
    delivery.records = []
    this.write(found)
    this.#tables.state.put(buriedKey(place), numberValue(webhook))
  }

  /** Removes what was buried, once it is not in flight; returns the next of its ordered call where that may go out now. */
  unbury(found: Found, atMs: number): Found | undefined {
    const next = this.end(found, 'dead', 'expired', atMs)
    this.remove(found)
    this.#tables.state.remove(buriedKey(found.place))
    return next
  }

  /** All that is buried. */
  buried(): Found[] {
    const all: Found[] = []
    for (const { key, value } of this.#tables.state.range(BURIED_PREFIX, endOfPrefix(BURIED_PREFIX))) {
      const found = this.find(readNumber(value), key.subarray(BURIED_PREFIX.length))
      if (found !== undefined) all.push(found)
    }
    return all
  }

  /** Makes an ended delivery pending anew, behind whatever its ordered call still waits for. */
  revive(found: Found, atMs: number): void {
    const { webhook, place, delivery } = found
    if (delivery.state === 'pending') return
    this.forgetEnd(found)
    delivery.state = 'pending'
    delivery.reason = ''
    delivery.atMs = atMs
    delivery.waitsSinceMs = atMs
    delivery.attempts = 0
    delivery.crashes = 0
    delivery.isOrphan = false
    if (delivery.ordered !== undefined) delivery.ordered = this.#enterCall(webhook, delivery.ordered.call, place)
    this.#begin(found)
  }

  /** Takes an ended delivery out of the tables of ended ones. */
  forgetEnd({ place, delivery }: Found): void {
    const { state } = delivery
    if (state === 'pending') return
    this.#tables.ended.remove(endedKey(state, delivery.atMs, place))
    if (state === 'dead') this.#tables.dead.remove(place)
    this.#tallies.totals[state] -= 1
  }

  /** Removes an ended delivery; its event stays. */
  remove(found: Found): void {
    this.forgetEnd(found)
    this.#tables.deliveries.remove(deliveryKey(found.webhook, found.place))
    this.#tallies.totals.bytes -= DELIVERY_BYTES
  }

  /**
   * Forgets when a pending delivery is due whose record is damaged, where its event tells when it was accepted. The record stays:
   * `store verify` tells of it.
   */
  giveUpDue(webhook: number, key: Buffer, place: Buffer): void {
    const event = orDamaged(() => decodeEvent(this.#tables.events.get(eventKeyOf(place)) ?? EMPTY))
    if (event === 'damaged') return
    this.#tables.due.remove(key)
    this.#tallies.pending(webhook, event.acceptedAtMs, -1)
  }

  /** The same of one that has ended, whose key of table `ended` is given. */
  giveUpEnded(state: 'delivered' | 'dead', key: Buffer, place: Buffer): void {
    this.#tables.ended.remove(key)
    if (state === 'dead') this.#tables.dead.remove(place)
    this.#tallies.totals[state] -= 1
  }

  write({ webhook, place, delivery }: Found): void {
    this.#writer.clear()
    encodeDelivery(this.#writer, delivery)
    this.#tables.deliveries.put(deliveryKey(webhook, place, this.#deliveryKey), this.#writer.view())
  }

  #dueKeyOf({ webhook, place, delivery }: Found): Buffer {
    return dueKey(webhook, kindOf(delivery), delivery.atMs, place, this.#dueKey)
  }

  #begin(found: Found): void {
    const { webhook, delivery } = found
    this.write(found)
    this.#tables.due.put(this.#dueKeyOf(found), EMPTY)
    this.#tallies.pending(webhook, delivery.acceptedAtMs, 1)
  }

  #enterCall(webhook: number, call: Uint8Array, place: Buffer): NonNullable<StoredDelivery['ordered']> {
    const order = this.#tallies.totals.lastOrder + 1
    this.#tallies.totals.lastOrder = order
    const isBlocked = this.#firstOfCall(webhook, call) !== undefined
    this.#tables.ordered.put(orderedKey(webhook, call, order), place)
    return { call, order, isBlocked }
  }

  #unblockNext(webhook: number, call: Uint8Array): Found | undefined {
    const place = this.#firstOfCall(webhook, call)
    const next = place === undefined ? undefined : orDamaged(() => this.find(webhook, place))
    if (next === undefined || next === 'damaged' || next.delivery.ordered?.isBlocked !== true) return undefined
    this.#tables.due.remove(this.#dueKeyOf(next))
    next.delivery.ordered = { ...next.delivery.ordered, isBlocked: false }
    this.#tables.due.put(this.#dueKeyOf(next), EMPTY)
    this.write(next)
    return next
  }

  #firstOfCall(webhook: number, call: Uint8Array): Buffer | undefined {
    const prefix = orderedKey(webhook, call, 0).subarray(0, -6)
    for (const { value } of this.#tables.ordered.range(prefix, endOfPrefix(prefix))) return value
    return undefined
  }

  #isDuplicate(change: Accept, seen: readonly SeenEvent[]): boolean {
    const recent = seen.filter(({ acceptedAtMs }) => change.acceptedAtMs - acceptedAtMs < DUPLICATE_WINDOW_MS)
    if (recent.length === 0) return false
    sealEvent(change.record)
    const identity = identityOf(decodeEvent(change.record), this.#seed)
    return recent.some(({ eventKey }) => {
      const record = this.#tables.events.get(eventKey)
      // Fingerprints can meet by chance; only the same account, source and id are the same event.
      return (
        record !== undefined && identityOf(decodeEvent(record), this.#seed).every((byte, at) => byte === identity[at])
      )
    })
  }
}

const EMPTY = Buffer.alloc(0)

/** In table `state`: places of deliveries that are buried, with their webhooks. */
const BURIED_PREFIX = Buffer.from('e')

function buriedKey(place: Buffer): Buffer {
  return Buffer.concat([BURIED_PREFIX, place])
}

function kindOf({ ordered }: StoredDelivery): 'ready' | 'blocked' {
  return ordered?.isBlocked === true ? 'blocked' : 'ready'
}

/** A webhook's number as tables of ended deliveries keep it. */
function numberValue(webhook: number): Buffer {
  const value = Buffer.allocUnsafe(4)
  value.writeUInt32BE(webhook)
  return value
}

/** Reads {@link numberValue}. */
export function readNumber(value: Buffer): number {
  if (value.length !== 4) throw damaged('a webhook number')
  return value.readUInt32BE()
}
