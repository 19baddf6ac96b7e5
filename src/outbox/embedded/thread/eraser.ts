/**
 * Erasure on the store's thread: looks at a bounded number of events, then erases those that match in one transaction. Looking
 * needs none, so that a walk over millions of events which finds little syncs little. A pending delivery that may be in flight
 * is only buried here: who knows what is in flight settles the others.
 */
import { DUPLICATE_WINDOW_MS } from '../../contract.ts'
import { compileErasure, type EraseCommand, type EraseResult, ErasureCount } from '../../erasure.ts'
import type { Tables } from '../files/tables.ts'
import { callHash, eventsOfCall } from '../records/call-index.ts'
import { decodeEvent, type StoredEvent } from '../records/event-record.ts'
import type { HashSeed } from '../records/hash.ts'
import { EVENT_KEY_BYTES, idOfPlace, placeAt } from '../records/keys.ts'
import type { EventKeeper } from './event-keeper.ts'
import type { LateIndex } from './late-index.ts'
import type { Found, StateMachine } from './state-machine.ts'

const EVENT_KEY = /^[0-9a-f]{26}$/

/** An event that matches. */
interface Match {
  readonly key: Buffer
  readonly record: Buffer
  readonly event: StoredEvent
}

/** What was looked at in a step. */
export interface ErasureLook {
  readonly matches: readonly Match[]
  /** The last event that was looked at, in hexadecimal, where there may be more. */
  readonly next: string | undefined
}

/** A delivery that is erased as soon as it is not in flight. */
export interface Buried {
  readonly id: string
  readonly webhook: number
}

/** See the head of this file. */
export class Eraser {
  readonly #tables: Tables
  readonly #machine: StateMachine
  readonly #events: EventKeeper
  readonly #seed: HashSeed
  readonly #index: LateIndex

  constructor(tables: Tables, machine: StateMachine, events: EventKeeper, seed: HashSeed, index: LateIndex) {
    this.#tables = tables
    this.#machine = machine
    this.#events = events
    this.#seed = seed
    this.#index = index
  }

  /** Looks at the next events. */
  look(command: EraseCommand): ErasureLook {
    const isOf = compileErasure(command)
    const matches: Match[] = []
    let looks = 0
    for (const key of this.#keys(command)) {
      looks += 1
      const record = this.#tables.events.get(key)
      const event = record === undefined ? undefined : decodeEvent(record)
      if (record !== undefined && event !== undefined && isOf(event)) matches.push({ key, record, event })
      if (looks === command.limit) return { matches, next: key.toString('hex') }
    }
    return { matches, next: undefined }
  }

  /** Counts what was found; unless the command is a dry run also erases it, inside a transaction. */
  erase({ matches, next }: ErasureLook, command: EraseCommand): { result: EraseResult; buried: Buried[] } {
    const count = new ErasureCount()
    const buried: Buried[] = []
    for (const { key, record, event } of matches) {
      count.event(event)
      for (const [index, webhook] of event.webhooks.entries()) {
        const found = this.#machine.find(webhook, placeAt(key, index))
        if (found === undefined) continue
        count.delivery(found.delivery.state === 'pending')
        if (!command.isDryRun && this.#eraseDelivery(found, command.atMs) === 'buried') {
          buried.push({ id: idOfPlace(found.place), webhook })
        }
      }
      if (!command.isDryRun) this.#events.letGo(key, record, command.atMs - DUPLICATE_WINDOW_MS)
    }
    return { result: count.result(next), buried }
  }

  #eraseDelivery(found: Found, atMs: number): 'removed' | 'buried' {
    const { state, ordered } = found.delivery
    if (state === 'pending') {
      if (ordered?.isBlocked !== true) {
        this.#machine.bury(found)
        return 'buried'
      }
      this.#machine.end(found, 'dead', 'expired', atMs)
    }
    this.#machine.remove(found)
    return 'removed'
  }

  /** Keys of events that may match behind the command's cursor, the newest first; of a call also places without an event. */
  *#keys({ of, cursor }: EraseCommand): Iterable<Buffer> {
    // One that is none of ours begins anew, as in a question.
    const passed = cursor !== undefined && EVENT_KEY.test(cursor) ? Buffer.from(cursor, 'hex') : undefined
    if (of.kind === 'call') {
      const from = passed ?? Buffer.alloc(EVENT_KEY_BYTES, 0xff)
      const call = callHash(this.#seed, of.subject)
      const late = this.#index.eventsOfCall(call, from)
      for (const { eventKey } of eventsOfCall(this.#tables.calls, call, from, late)) {
        if (passed === undefined || !eventKey.equals(passed)) yield eventKey
      }
    } else {
      const from = passed ?? Buffer.alloc(EVENT_KEY_BYTES + 1, 0xff)
      for (const { key } of this.#tables.events.reverse(from, Buffer.alloc(1))) yield key
    }
  }
}
