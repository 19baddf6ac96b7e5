/**
 * What the store is asked: one delivery, a page of deliveries, and what a webhook has due next. Only reads; each call looks
 * at a bounded number of rows, so that a filter that matches rarely gives short pages instead of a long wait.
 */
import { type DeliveryRecord, deliveryId } from '../../../model/delivery.ts'
import type { DeliveryPage, DeliveryQuery } from '../../contract.ts'
import type { Tables } from '../files/tables.ts'
import { callHash, eventsOfCall } from '../records/call-index.ts'
import { attemptsOf } from '../records/delivery-record.ts'
import { decodeEvent, type StoredEvent, webhooksOf } from '../records/event-record.ts'
import { type HashSeed, writeHash } from '../records/hash.ts'
import {
  deliveryKey,
  dueBound,
  dueEnd,
  dueKey,
  EVENT_KEY_BYTES,
  eventKeyOf,
  HASH_BYTES,
  idOfPlace,
  PLACE_BYTES,
  parsePlace,
  placeAt,
  splitDue,
} from '../records/keys.ts'
import type { LateIndex } from './late-index.ts'
import { type Found, readNumber, type StateMachine } from './state-machine.ts'
import type { Tallies } from './tallies.ts'

/** Deliveries looked at in one turn of the store's thread: one or two milliseconds. */
const LOOKS = 256
/** Up to so many pending deliveries are sorted at once to list them; beyond that they are not rare among the rest. */
const SORTED_PENDING = 2000

/** Where a webhook's due deliveries begin that were not read yet. */
export interface DuePosition {
  readonly dueMs: number
  /** Event key and index in hexadecimal, in the order of acceptance. */
  readonly place: string
}

/** A due delivery with what is needed to send it. */
export interface DueRow {
  readonly id: string
  readonly position: DuePosition
  readonly attempts: number
  readonly crashes: number
  readonly waitsSinceMs: number
  /** True: it has a place in the line of its call. */
  readonly isOrdered: boolean
  /** Index into the events that come with the rows. */
  readonly event: number
}

/** What deliveries of an event have in common when they are sent. */
export interface SentEvent {
  readonly account: string
  readonly acceptedAtMs: number
  readonly subject: string
  readonly traceparent: string
  readonly payload: string
  readonly context: string
}

/** Rows in due order; `next` is the first that is not among them, absent where nothing more waits. */
export interface DuePage {
  readonly rows: readonly DueRow[]
  readonly events: readonly SentEvent[]
  readonly next?: DuePosition
  /** Deliveries whose records can't be read; they stay where they are and are not sent. */
  readonly damaged: number
}

export interface DueRequest {
  readonly webhook: number
  readonly from: DuePosition | undefined
  /** Nothing that is due later. */
  readonly untilMs: number
  readonly rows: number
  readonly bytes: number
}

/** A delivery that was looked at for a page; not a candidate where its row alone shows that it does not match. */
interface Look {
  readonly place: Buffer
  readonly isCandidate: boolean
}

/** See the head of this file. */
export class Questions {
  readonly #tables: Tables
  readonly #machine: StateMachine
  readonly #tallies: Tallies
  readonly #seed: HashSeed
  readonly #index: LateIndex

  constructor(tables: Tables, machine: StateMachine, tallies: Tallies, seed: HashSeed, index: LateIndex) {
    this.#tables = tables
    this.#machine = machine
    this.#tallies = tallies
    this.#seed = seed
    this.#index = index
  }

  get(id: string, withContent: boolean): DeliveryRecord | undefined {
    const place = parsePlace(id)
    return place === undefined ? undefined : this.#read(place, withContent)
  }

  find(query: DeliveryQuery, webhook: number | undefined): DeliveryPage {
    if (query.webhook !== undefined && webhook === undefined) return { deliveries: [] }
    const before = query.cursor === undefined ? undefined : parsePlace(query.cursor)
    const deliveries: DeliveryRecord[] = []
    let looks = 0
    let last: Buffer | undefined
    for (const { place, isCandidate } of this.#places(query, webhook, before ?? Buffer.alloc(PLACE_BYTES, 0xff))) {
      if (deliveries.length === query.limit || looks === LOOKS) {
        return last === undefined ? { deliveries } : { deliveries, next: idOfPlace(last) }
      }
      looks += 1
      last = place
      const record = isCandidate ? this.#read(place, query.withContent === true) : undefined
      if (record !== undefined && matches(record, query)) deliveries.push(record)
    }
    return { deliveries }
  }

  /** Where each webhook's due deliveries begin. */
  heads(): { readonly webhook: number; readonly position: DuePosition }[] {
    const heads = []
    for (const { number, pending } of this.#tallies.webhooks()) {
      if (pending === 0) continue
      for (const { key } of this.#tables.due.range(dueBound(number, 'ready', 0), dueEnd(number, 'ready'))) {
        heads.push({ webhook: number, position: positionOf(key) })
        break
      }
    }
    return heads
  }

  /** Whether something of a webhook was due before `dueBeforeMs`. */
  isOverdue(webhook: number, dueBeforeMs: number): boolean {
    return (['ready', 'blocked'] as const).some((kind) => {
      const rows = this.#tables.due.range(dueBound(webhook, kind, 0), dueBound(webhook, kind, dueBeforeMs))
      for (const _ of rows) return true
      return false
    })
  }

  due({ webhook, from, untilMs, rows: mostRows, bytes: mostBytes }: DueRequest): DuePage {
    const rows: DueRow[] = []
    const events: SentEvent[] = []
    const known = new Map<string, number>()
    let bytes = 0
    let damaged = 0
    const start =
      from === undefined
        ? dueBound(webhook, 'ready', 0)
        : dueKey(webhook, 'ready', from.dueMs, Buffer.from(from.place, 'hex'))
    for (const { key } of this.#tables.due.range(start, dueEnd(webhook, 'ready'))) {
      const position = positionOf(key)
      if (rows.length === mostRows || bytes >= mostBytes || position.dueMs > untilMs) {
        return { rows, events, next: position, damaged }
      }
      const eventKey = position.place.slice(0, 2 * EVENT_KEY_BYTES)
      const place = splitDue(key).place
      try {
        const found = this.#machine.find(webhook, place)
        let event = known.get(eventKey)
        if (event === undefined) {
          const sent = this.sent(place)
          event = events.push(sent) - 1
          known.set(eventKey, event)
          bytes += sent.payload.length + sent.context.length
        }
        if (found !== undefined) rows.push(rowOf(found, event))
      } catch {
        // One damaged record must not keep the rest of its webhook from being sent; it is counted and told.
        damaged += 1
      }
    }
    return { rows, events, damaged }
  }

  /** What the deliveries of a place's event have in common. */
  sent(place: Buffer): SentEvent {
    const record = this.#tables.events.get(eventKeyOf(place))
    const { account, acceptedAtMs, subject, traceparent, payload, context } = decodeEvent(record ?? Buffer.alloc(0))
    return { account, acceptedAtMs, subject, traceparent, payload, context }
  }

  #read(place: Buffer, withContent: boolean): DeliveryRecord | undefined {
    const record = this.#tables.events.get(eventKeyOf(place))
    if (record === undefined) return undefined
    const event = decodeEvent(record)
    const webhook = event.webhooks[place.readUInt16BE(EVENT_KEY_BYTES)]
    const found = webhook === undefined ? undefined : this.#machine.find(webhook, place)
    if (found === undefined) return undefined
    const shown = recordOf(found, event, this.#tallies.webhookId(found.webhook))
    const { payload, context } = event
    return withContent ? { ...shown, content: { payload, context } } : shown
  }

  /** Places that may match, the newest first, before `before`. */
  *#places(query: DeliveryQuery, webhook: number | undefined, before: Buffer): Iterable<Look> {
    if (query.event !== undefined) {
      const id = Buffer.allocUnsafe(HASH_BYTES)
      writeHash(id, 0, this.#seed, query.event)
      const from = eventKeyOf(before)
      const wanted = this.#index.eventsOfId(id).filter((eventKey) => eventKey.compare(from) <= 0)
      yield* this.#candidates(
        wanted.sort((a, b) => b.compare(a)),
        before,
      )
    } else if (query.subject !== undefined) {
      const call = callHash(this.#seed, query.subject)
      const from = eventKeyOf(before)
      const late = this.#index.eventsOfCall(call, from)
      for (const { eventKey, isOfCall } of eventsOfCall(this.#tables.calls, call, from, late)) {
        const places = isOfCall ? this.#placesOf(eventKey).reverse() : [placeAt(eventKey, 0)]
        for (const place of places) if (place.compare(before) < 0) yield { place, isCandidate: isOfCall }
      }
    } else if (query.state === 'pending' && this.#pendingOf(webhook) <= SORTED_PENDING) {
      const wanted = this.#pendingPlaces(webhook).filter((place) => place.compare(before) < 0)
      for (const place of wanted.sort((a, b) => b.compare(a))) yield { place, isCandidate: true }
    } else if (query.state === 'delivered' && this.#tallies.totals.delivered === 0) {
      return
    } else if (query.state === 'dead') {
      for (const { key, value } of this.#tables.dead.reverse(before, Buffer.alloc(1))) {
        yield { place: key, isCandidate: webhook === undefined || readNumber(value) === webhook }
      }
    } else if (webhook !== undefined) {
      const start = deliveryKey(webhook, new Uint8Array(PLACE_BYTES))
      for (const { key } of this.#tables.deliveries.reverse(deliveryKey(webhook, before), start))
        yield { place: key.subarray(4), isCandidate: true }
    } else {
      const end = Buffer.concat([eventKeyOf(before), Buffer.from([0])])
      for (const { key } of this.#tables.events.reverse(end, Buffer.alloc(1))) {
        yield* this.#candidates([key], before)
      }
    }
  }

  /** The places of some events before `before`, the newest first. */
  *#candidates(eventKeys: readonly Buffer[], before: Buffer): Iterable<Look> {
    for (const eventKey of eventKeys) {
      for (const place of this.#placesOf(eventKey).reverse()) {
        if (place.compare(before) < 0) yield { place, isCandidate: true }
      }
    }
  }

  #pendingOf(webhook: number | undefined): number {
    return webhook === undefined ? this.#tallies.totals.pending : this.#tallies.pendingOf(webhook)
  }

  /** All pending deliveries, of one webhook or of all. */
  #pendingPlaces(webhook: number | undefined): Buffer[] {
    const places: Buffer[] = []
    for (const { number, pending } of this.#tallies.webhooks()) {
      if (pending === 0 || (webhook !== undefined && number !== webhook)) continue
      for (const { key } of this.#tables.due.range(dueBound(number, 'ready', 0), dueEnd(number, 'blocked'))) {
        places.push(splitDue(key).place)
      }
    }
    return places
  }

  #placesOf(eventKey: Buffer): Buffer[] {
    const record = this.#tables.events.get(eventKey)
    if (record === undefined) return []
    return webhooksOf(record).map((_, index) => {
      const place = Buffer.allocUnsafe(PLACE_BYTES)
      place.set(eventKey)
      place.writeUInt16BE(index, EVENT_KEY_BYTES)
      return place
    })
  }
}

function positionOf(key: Buffer): DuePosition {
  const { dueMs, place } = splitDue(key)
  return { dueMs, place: place.toString('hex') }
}

/** The row of a delivery that was just accepted; its event is the only one that comes with it. */
export function newRow(
  eventKey: string,
  index: number,
  { dueMs, ordered }: { readonly dueMs: number; readonly ordered: boolean },
): DueRow {
  const id = deliveryId(eventKey, index)
  const position = { dueMs, place: eventKey + index.toString(16).padStart(4, '0') }
  return { id, position, attempts: 0, crashes: 0, waitsSinceMs: dueMs, isOrdered: ordered, event: 0 }
}

export function rowOf({ place, delivery }: Found, event: number): DueRow {
  const position = { dueMs: delivery.atMs, place: place.toString('hex') }
  const { attempts, crashes, waitsSinceMs } = delivery
  const isOrdered = delivery.ordered !== undefined
  return { id: idOfPlace(place), position, attempts, crashes, waitsSinceMs, isOrdered, event }
}

function matches(record: DeliveryRecord, query: DeliveryQuery): boolean {
  return (
    (query.webhook === undefined || record.webhook === query.webhook) &&
    (query.state === undefined || record.state === query.state) &&
    (query.event === undefined || record.event.id === query.event) &&
    (query.subject === undefined || record.event.subject === query.subject) &&
    (query.accounts === undefined || query.accounts.includes(record.account))
  )
}

function recordOf({ place, delivery }: Found, event: StoredEvent, webhook: string): DeliveryRecord {
  const { id, source, type, subject, account, acceptedAtMs } = event
  const common = {
    id: idOfPlace(place),
    webhook,
    account,
    event: { id, source, type, subject },
    state: delivery.state,
    acceptedAtMs,
    attempts: attemptsOf(delivery),
  }
  if (delivery.state === 'pending') {
    const pending = { ...common, dueMs: delivery.atMs }
    return delivery.ordered?.isBlocked === true ? { ...pending, isBehind: true } : pending
  }
  const ended = { ...common, endedAtMs: delivery.atMs }
  return delivery.reason === '' ? ended : { ...ended, reason: delivery.reason }
}
