/**
 * Steps over ended deliveries in the order accepted: what is chosen is made pending anew, or forgotten. Like every command
 * they are carried out in slices of about a millisecond, one slice a transaction. A slice first reads what it looks at and
 * changes things then, so that it never walks over its own changes.
 */
import { DUPLICATE_WINDOW_MS, type StepCommand } from '../../contract.ts'
import type { Tables } from '../files/tables.ts'
import { decodeEvent, webhooksOf } from '../records/event-record.ts'
import {
  after,
  deliveryKey,
  EVENT_KEY_BYTES,
  endOfPrefix,
  eventKeyOf,
  PLACE_BYTES,
  parsePlace,
  placeAt,
} from '../records/keys.ts'
import type { EventKeeper } from './event-keeper.ts'
import { type Found, readNumber, type StateMachine } from './state-machine.ts'

/** Deliveries read in a slice, and looked at only by their keys. */
const READ_LIMIT = 128
const LOOK_LIMIT = 1024

/** What a slice of a step did. `first` and `last` are places of what it touched, absent where that is nothing. */
export interface StepSlice {
  readonly touched: number
  readonly first?: Buffer
  readonly last?: Buffer
  /** The place behind which the following slice begins, absent after the last. */
  readonly next?: Buffer
}

interface Candidate {
  readonly webhook: number
  readonly place: Buffer
}

/** See the head of this file. */
export class Steps {
  readonly #tables: Tables
  readonly #machine: StateMachine
  readonly #events: EventKeeper

  constructor(tables: Tables, machine: StateMachine, events: EventKeeper) {
    this.#tables = tables
    this.#machine = machine
    this.#events = events
  }

  /**
   * One slice, inside a transaction; `webhook` is the number of the command's webhook, undefined where it names none or none
   * that was ever used, `from` what the slice before gave as `next`, `touchedBefore` what all before it touched.
   */
  slice(command: StepCommand, webhook: number | undefined, from: Buffer | undefined, touchedBefore: number): StepSlice {
    if (command.webhook !== undefined && webhook === undefined) return { touched: 0 }
    const start = from ?? (command.after === undefined ? undefined : parsePlace(command.after))
    const { candidates, next } = this.#candidates(command.state, webhook, start)
    const touched: Found[] = []
    for (const { webhook: number, place } of candidates) {
      const found = this.#machine.find(number, place)
      if (found === undefined || !this.#isConcerned(found, command)) continue
      touched.push(found)
      if (touchedBefore + touched.length === command.limit) break
    }
    for (const found of touched) this.#change(found, command)
    const [first] = touched
    const last = touched.at(-1)
    const isFull = touchedBefore + touched.length === command.limit
    return {
      touched: touched.length,
      ...(first === undefined || last === undefined ? {} : { first: first.place, last: last.place }),
      ...(isFull || next === undefined ? {} : { next }),
    }
  }

  #change(found: Found, command: StepCommand): void {
    if (command.kind === 'replay') {
      this.#machine.revive(found, command.atMs)
    } else {
      this.#machine.remove(found)
      this.#events.release(eventKeyOf(found.place), command.atMs - DUPLICATE_WINDOW_MS)
    }
  }

  #isConcerned({ place, delivery }: Found, command: StepCommand): boolean {
    const { state, acceptedAtMs, atMs } = delivery
    if (state !== command.state) return false
    const isInTime =
      command.kind === 'forget'
        ? atMs < command.endedBeforeMs
        : acceptedAtMs >= command.sinceMs && acceptedAtMs < command.untilMs
    if (!isInTime || command.accounts === undefined) return isInTime
    const record = this.#tables.events.get(eventKeyOf(place))
    return record !== undefined && command.accounts.includes(decodeEvent(record).account)
  }

  /** What of the walk is worth reading, up to this slice's limits; `next` where the walk has not come to its end. */
  #candidates(
    state: StepCommand['state'],
    webhook: number | undefined,
    start: Buffer | undefined,
  ): { readonly candidates: readonly Candidate[]; readonly next: Buffer | undefined } {
    const candidates: Candidate[] = []
    let looks = 0
    for (const candidate of this.#walk(state, webhook, start)) {
      looks += 1
      if (webhook === undefined || candidate.webhook === webhook) candidates.push(candidate)
      if (candidates.length === READ_LIMIT || looks === LOOK_LIMIT) return { candidates, next: candidate.place }
    }
    return { candidates, next: undefined }
  }

  /** Deliveries behind `start` in the order accepted: all that can match, and others. */
  *#walk(state: StepCommand['state'], webhook: number | undefined, start: Buffer | undefined): Iterable<Candidate> {
    if (state === 'dead') {
      // Dead letters are few beside what was delivered: they have a table of their own.
      const from = start === undefined ? Buffer.alloc(1) : after(start)
      for (const { key, value } of this.#tables.dead.range(from, Buffer.alloc(PLACE_BYTES + 1, 0xff))) {
        yield { webhook: readNumber(value), place: key }
      }
    } else if (webhook !== undefined) {
      const prefix = deliveryKey(webhook, new Uint8Array(PLACE_BYTES)).subarray(0, 4)
      const from = start === undefined ? prefix : after(deliveryKey(webhook, start))
      for (const { key } of this.#tables.deliveries.range(from, endOfPrefix(prefix))) {
        yield { webhook, place: key.subarray(4) }
      }
    } else {
      const from = start === undefined ? Buffer.alloc(1) : eventKeyOf(start)
      for (const { key, value } of this.#tables.events.range(from, Buffer.alloc(EVENT_KEY_BYTES + 1, 0xff))) {
        for (const [index, number] of webhooksOf(value).entries()) {
          const place = placeAt(key, index)
          if (start === undefined || place.compare(start) > 0) yield { webhook: number, place }
        }
      }
    }
  }
}
