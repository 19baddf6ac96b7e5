/**
 * Commands of people, carried out in slices of about a millisecond each, one slice a transaction, so that none holds up
 * what is accepted and settled meanwhile. A slice takes up where the one before it left off.
 */
import type { DeadReason } from '../../../model/delivery.ts'
import { type ControlCommand, DUPLICATE_WINDOW_MS, type StepCommand } from '../../contract.ts'
import type { Row, Tables } from '../files/tables.ts'
import { orDamaged } from '../records/bytes.ts'
import { webhooksOf } from '../records/event-record.ts'
import {
  after,
  dueBound,
  dueEnd,
  dueKey,
  EVENT_KEY_BYTES,
  endedBound,
  eventKeyOf,
  idOfPlace,
  PLACE_BYTES,
  parsePlace,
  splitDue,
} from '../records/keys.ts'
import type { EventKeeper } from './event-keeper.ts'
import { type Found, readNumber, type StateMachine } from './state-machine.ts'
import { Steps } from './steps.ts'

/** Deliveries looked at in a slice: about a millisecond of work. */
const SLICE = 128

/** The latest time that a key can hold. */
const END_OF_TIME_MS = 2 ** 48 - 1

/** A command as the store's thread gets it. */
export interface Order {
  readonly command: ControlCommand | StepCommand
  /** Number of the command's webhook; undefined where it names none, or none that was ever used. */
  readonly webhook: number | undefined
  /** Ids of the webhook's deliveries that are in flight. */
  readonly leased: readonly string[]
}

/** How far an order has come. */
export interface Progress {
  /** Deliveries touched by the slices before. */
  readonly touched: number
  /** Damaged records that they met. */
  readonly damaged: number
  /** Where the next slice begins; absent at first. */
  readonly from?: Buffer | undefined
  /** Of a step: the places of what was touched first and last. */
  readonly first?: Buffer | undefined
  readonly last?: Buffer | undefined
  /** Event key of the last event accepted before the order: what comes later is not concerned. */
  readonly lastEvent: Buffer
}

/** What a slice did; `next` is where the following one begins, absent after the last. */
export interface Slice {
  readonly touched: number
  /** Damaged records that it met and went past; absent where there was none. */
  readonly damaged?: number
  /** The webhook that has something due now that may not have been before; absent where none has. */
  readonly webhook?: number
  readonly next?: Buffer
  /** Of a step: the places of what this slice touched first and last. */
  readonly first?: Buffer
  readonly last?: Buffer
}

/** See the head of this file. */
export class Commands {
  readonly #tables: Tables
  readonly #machine: StateMachine
  readonly #events: EventKeeper
  readonly #steps: Steps

  constructor(tables: Tables, machine: StateMachine, events: EventKeeper) {
    this.#tables = tables
    this.#machine = machine
    this.#events = events
    this.#steps = new Steps(tables, machine, events)
  }

  /** Where an order begins that is given now. */
  begin(): Progress {
    for (const { key } of this.#tables.events.reverse(Buffer.alloc(EVENT_KEY_BYTES + 1, 0xff), Buffer.alloc(1))) {
      return { touched: 0, damaged: 0, lastEvent: key }
    }
    return { touched: 0, damaged: 0, lastEvent: Buffer.alloc(EVENT_KEY_BYTES) }
  }

  /** One slice, inside a transaction. */
  slice({ command, webhook, leased }: Order, progress: Progress): Slice {
    const { from, touched, lastEvent } = progress
    switch (command.kind) {
      case 'retry':
        return this.#retry(command.id, command.atMs)
      case 'purge':
        return this.#purge(command, from, touched)
      case 'replay':
      case 'forget':
        return this.#steps.slice(command, webhook, from, touched)
      case 'expire': {
        const most = command.limit - touched
        const end = (found: Found): boolean => this.#die(found, 'expired', command.atMs)
        return webhook === undefined
          ? { touched: 0 }
          : this.#endDue(
              { webhook, beforeMs: command.dueBeforeMs, most, leased, lastEvent, end, endLeased: () => false },
              from,
            )
      }
      case 'remove-webhook': {
        const most = command.limit - touched
        const end = (found: Found): boolean => this.#die(found, 'webhook-removed', command.atMs)
        const endLeased = (found: Found): boolean => this.#orphan(found)
        return webhook === undefined
          ? { touched: 0 }
          : this.#endDue({ webhook, beforeMs: END_OF_TIME_MS, most, leased, lastEvent, end, endLeased }, from)
      }
    }
  }

  #retry(id: string, atMs: number): Slice {
    const place = parsePlace(id)
    const found = place === undefined ? undefined : this.#locate(place)
    if (found === undefined) return { touched: 0 }
    if (found.delivery.state === 'pending') this.#machine.move(found, atMs)
    else this.#machine.revive(found, atMs)
    return { touched: 1, webhook: found.webhook }
  }

  #endDue(
    work: {
      readonly webhook: number
      readonly beforeMs: number
      readonly most: number
      readonly leased: readonly string[]
      readonly lastEvent: Buffer
      /** Whether a delivery was touched; of those in flight the other. */
      readonly end: (found: Found) => boolean
      readonly endLeased: (found: Found) => boolean
    },
    from: Buffer | undefined,
  ): Slice {
    const { webhook, beforeMs, most, leased, lastEvent, end, endLeased } = work
    const isLeased = new Set(leased)
    const begin = from === undefined ? undefined : { dueMs: from.readUIntBE(0, 6), place: from.subarray(6) }
    const candidates = (['ready', 'blocked'] as const)
      .flatMap((kind) => {
        const start =
          begin === undefined ? dueBound(webhook, kind, 0) : after(dueKey(webhook, kind, begin.dueMs, begin.place))
        const stop = beforeMs === END_OF_TIME_MS ? dueEnd(webhook, kind) : dueBound(webhook, kind, beforeMs)
        return take(this.#tables.due.range(start, stop), SLICE).map(({ key }) => ({ key, ...splitDue(key) }))
      })
      .sort((a, b) => a.dueMs - b.dueMs || a.place.compare(b.place))
      .slice(0, SLICE)
    let touched = 0
    let damaged = 0
    for (const [index, { key, place }] of candidates.entries()) {
      if (touched === most) return { touched, damaged }
      const isConcerned = eventKeyOf(place).compare(lastEvent) <= 0
      const found = isConcerned ? orDamaged(() => this.#machine.find(webhook, place)) : undefined
      const act = isLeased.has(idOfPlace(place)) ? endLeased : end
      if (found === 'damaged') {
        this.#machine.giveUpDue(webhook, key, place)
        damaged += 1
      } else if (found !== undefined && act(found)) {
        touched += 1
      }
      if (index === SLICE - 1) {
        const next = dueKey(webhook, 'ready', candidates[index]?.dueMs ?? 0, place).subarray(5)
        return { touched, damaged, next }
      }
    }
    return { touched, damaged }
  }

  #die(found: Found, reason: DeadReason, atMs: number): boolean {
    this.#machine.end(found, 'dead', reason, atMs)
    return true
  }

  /** Lets a delivery in flight end when it is settled; false where it will already. */
  #orphan(found: Found): boolean {
    if (found.delivery.isOrphan) return false
    found.delivery.isOrphan = true
    this.#machine.write(found)
    return true
  }

  #purge(command: Extract<ControlCommand, { kind: 'purge' }>, from: Buffer | undefined, touchedBefore: number): Slice {
    const { state, endedBeforeMs, limit, atMs } = command
    const most = Math.min(SLICE, limit - touchedBefore)
    const rows = take(this.#tables.ended.range(endedBound(state, 0), endedBound(state, endedBeforeMs)), most)
    let damaged = 0
    for (const { key, value } of rows) {
      const place = key.subarray(7)
      const found = orDamaged(() => this.#machine.find(readNumber(value), place))
      if (found === undefined) this.#tables.ended.remove(key)
      else if (found === 'damaged') this.#machine.giveUpEnded(state, key, place)
      else this.#machine.remove(found)
      const isReleased = this.#events.release(eventKeyOf(place), atMs - DUPLICATE_WINDOW_MS)
      if (found === 'damaged' || !isReleased) damaged += 1
    }
    const swept = this.#events.sweep(atMs - DUPLICATE_WINDOW_MS, SLICE)
    const isDone = (rows.length < most || touchedBefore + rows.length >= limit) && swept < SLICE
    const done = { touched: rows.length, damaged }
    return isDone ? done : { ...done, next: from ?? Buffer.alloc(1) }
  }

  #locate(place: Buffer): Found | undefined {
    const record = this.#tables.events.get(eventKeyOf(place))
    const webhook = record === undefined ? undefined : webhooksOf(record)[place.readUInt16BE(PLACE_BYTES - 2)]
    return webhook === undefined ? undefined : this.#machine.find(webhook, place)
  }
}

/** The first rows of a range, read before anything is changed. */
function take(rows: Iterable<Row>, most: number): Row[] {
  const taken: Row[] = []
  if (most <= 0) return taken
  for (const row of rows) {
    taken.push(row)
    if (taken.length === most) break
  }
  return taken
}
