/**
 * The rows of `seen` and `calls` that are still to be written. Their keys are fingerprints, in no order: written event by event
 * each would take a page of its own to the disk. So they are gathered, and a generation of them is written in the order of the
 * keys, a part with each transaction. They follow from their events, so that a crash loses nothing: table `state` has the
 * lowest key of an event that may lack them, and {@link openIndex} gathers them again when the store is opened.
 * Whoever reads these tables asks here too, and whoever removes rows calls {@link LateIndex.writeOf} first: never are all rows
 * written while somebody waits, nor where the disk may have no room for them. Used by all parts of the store's thread.
 */

import type { Tables } from '../files/tables.ts'
import { callHash } from '../records/call-index.ts'
import { decodeEvent, seenKeyOf } from '../records/event-record.ts'
import type { HashSeed } from '../records/hash.ts'
import { after, EVENT_KEY_BYTES, endOfPrefix } from '../records/keys.ts'
import { readSeen, type SeenEvent } from '../records/seen-record.ts'
import { type LateEvent, LateEvents } from './late-events.ts'

/** In table `state`: the lowest event key that may lack rows; absent: none does. */
const LEFT_KEY = Buffer.from('i')

/** What is enough for a generation: so many events, or so many bytes of their records. */
export interface GenerationSize {
  readonly events: number
  readonly bytes: number
}

/** A generation of a store that keeps half a million events or fewer: two megabytes of memory, and there are two at a time. */
const LEAST_EVENTS = 30_000
const LEAST_BYTES = 64 * 1024 * 1024

/** Of a larger store it is this share, so that still some of its rows share each page that they are written to. */
const EVENTS_KEPT_OF_ONE = 16

/**
 * 15 megabytes of memory, twice; some more events would take another 15 (see `LateEvents`). Twice as many records at most are read
 * after a crash: one to two seconds.
 */
const MOST_EVENTS = 250_000
const MOST_BYTES_OF_EVENT = 1024

/** Generations of the largest size that are gathered when a store is opened: more than a process leaves that is killed once. */
const MOST_LEFT = 4

/**
 * Rows written with each event that a transaction brings, which has two at most, and with as many bytes of a generation:
 * so one ends before the next is full.
 */
const ROWS_OF_EVENT = 2.25

/** Rows written beside those in each transaction, each perhaps a page, so that a generation ends without new events too. */
const ROWS_BESIDE = 16

/** A small generation has fewer of them: one for so many of its events. */
const EVENTS_OF_ROW = 512

/** Rows written in a transaction when a store is closed: some ten megabytes where each takes a page of its own. */
const ROWS_OF_REST = 4096

/** Events whose rows {@link openIndex} writes in a transaction, where they are too many to be gathered. */
const SLICE = 200

const END = Buffer.alloc(EVENT_KEY_BYTES + 1, 0xff)
const NO_ROWS: Uint32Array = new Uint32Array(0)

/** See the head of this file. */
export class LateIndex {
  readonly #tables: Tables
  readonly #sizeOf: (eventsKept: number) => GenerationSize
  #size: GenerationSize
  #gathered: LateEvents
  /** Of these only so many are on disk: the others came in the transaction that is open. */
  #kept: number
  /** Bytes of the records that were gathered, and what they were before the open transaction. */
  #gatheredBytes: number
  #keptBytes: number
  #generation = new LateEvents()
  /** Of the generation, see {@link LateEvents.rows}. */
  #rows = NO_ROWS
  /** Rows written, and of these the ones that the open transaction wrote not. */
  #written = 0
  #keptWritten = 0
  /** True: whatever is gathered is a generation. */
  #isClosing = false
  /** Whose rows the open transaction wrote before their turn. */
  #earlyNow: { readonly events: LateEvents; readonly place: number }[] = []
  /** {@link LEFT_KEY} as the open transaction has it. */
  #left: Buffer | undefined

  /**
   * `left` are the events that lack their rows, with records of `leftBytes`, see {@link openIndex}; a generation has the size that
   * `sizeOf` tells when it begins to be gathered, or some more.
   */
  constructor(tables: Tables, left: LateEvents, leftBytes: number, sizeOf: (eventsKept: number) => GenerationSize) {
    this.#tables = tables
    this.#sizeOf = sizeOf
    this.#size = sizeOf(tables.seen.size())
    this.#gathered = left
    this.#kept = left.length
    this.#gatheredBytes = leftBytes
    this.#keptBytes = leftBytes
    this.#left = leftFrom(tables)
  }

  /** True: every row is in its table. */
  get isEmpty(): boolean {
    return this.#gathered.length === 0 && this.#generation.length === 0
  }

  /** Rows that the next {@link writeRest} writes, at most. */
  get rowsOfRest(): number {
    return Math.min(ROWS_OF_REST, this.#rows.length - this.#written + 2 * this.#gathered.length)
  }

  /** All events with a key of `seen`, the latest first; some may be gone. */
  seenOf(key: Buffer): readonly SeenEvent[] {
    const stored = readSeen(this.#tables.seen.get(key))
    const gathered = this.#gathered.placesOf(key)
    const before = this.#generation.placesOf(key)
    if (gathered.length === 0 && before.length === 0) return stored
    const late = [...this.#gathered.seenAt(gathered), ...this.#generation.seenAt(before)]
    return [...late, ...stored.filter((seen) => !late.some(({ eventKey }) => eventKey.equals(seen.eventKey)))]
  }

  /** Keys of all events whose ids have a fingerprint, each once; some may be gone. */
  eventsOfId(id: Buffer): readonly Buffer[] {
    const found = new Map<string, Buffer>()
    const find = ({ eventKey }: SeenEvent): void => void found.set(eventKey.toString('latin1'), eventKey)
    for (const { value } of this.#tables.seen.range(id, endOfPrefix(id))) readSeen(value).forEach(find)
    for (const events of this.#parts()) events.seenAt(events.placesOfId(id)).forEach(find)
    return [...found.values()]
  }

  /**
   * Keys of the events of a call that may lack their rows, from `from` on, itself included, the newest first; some may be gone.
   * Valid until something is added or written.
   */
  *eventsOfCall(call: Buffer, from: Buffer): Generator<Buffer, undefined> {
    const [gathered, generation] = [this.#gathered.keysOfCall(call, from), this.#generation.keysOfCall(call, from)]
    let [one, other] = [gathered.next(), generation.next()]
    while (one.done !== true && other.done !== true) {
      if (one.value.compare(other.value) >= 0) {
        yield one.value
        one = gathered.next()
      } else {
        yield other.value
        other = generation.next()
      }
    }
    for (; one.done !== true; one = gathered.next()) yield one.value
    for (; other.done !== true; other = generation.next()) yield other.value
  }

  /** Keeps in mind what an event is found by, whose record has so many bytes. */
  add(event: LateEvent, recordBytes: number): void {
    this.#gathered.add(event)
    this.#gatheredBytes += recordBytes
  }

  /** Writes the rows of the events with a key of `seen`, so that they can be removed from the tables like any others. */
  writeOf(seenKey: Buffer): void {
    for (const events of this.#parts()) {
      for (const place of events.placesOf(seenKey)) {
        if (events.isEarly(place)) continue
        events.writeMissing(this.#tables, place)
        events.markEarly(place, true)
        this.#earlyNow.push({ events, place })
      }
    }
  }

  /** Writes a part of what is to be written; the last thing in a transaction but the tallies. */
  writeSome(): void {
    if (this.isEmpty) return
    const { events, bytes } = this.#size
    const came = Math.max(
      this.#gathered.length - this.#kept,
      (events * (this.#gatheredBytes - this.#keptBytes)) / bytes,
    )
    const beside = Math.min(ROWS_BESIDE, events / EVENTS_OF_ROW)
    this.#writeRows(Math.ceil(ROWS_OF_EVENT * came + beside))
  }

  /** The same for a store that is about to be closed: in one transaction after the other until the index is empty. */
  writeRest(): void {
    this.#isClosing = true
    this.#writeRows(ROWS_OF_REST)
  }

  /** The transaction is on disk. */
  kept(): void {
    this.#earlyNow = []
    this.#kept = this.#gathered.length
    this.#keptBytes = this.#gatheredBytes
    this.#keptWritten = this.#written
    if (this.#written === this.#rows.length) this.#endGeneration()
  }

  /** The transaction has failed. */
  takeBack(): void {
    for (const { events, place } of this.#earlyNow.splice(0)) events.markEarly(place, false)
    this.#gathered.cut(this.#kept)
    this.#gatheredBytes = this.#keptBytes
    this.#written = this.#keptWritten
    this.#left = this.#tables.state.get(LEFT_KEY)
  }

  /** What was gathered meanwhile is the next, where it is enough for one. */
  #endGeneration(): void {
    this.#generation.cut(0)
    this.#rows = NO_ROWS
    this.#written = 0
    this.#keptWritten = 0
    const isEnough = this.#gathered.length >= this.#size.events || this.#gatheredBytes >= this.#size.bytes
    if (!isEnough && !this.#isClosing) return
    // First of all: where there is no memory for it, all stays gathered.
    const rows = this.#gathered.rows()
    const emptied = this.#generation
    this.#generation = this.#gathered
    this.#gathered = emptied
    this.#kept = 0
    this.#gatheredBytes = 0
    this.#keptBytes = 0
    this.#rows = rows
    this.#size = this.#sizeOf(this.#tables.seen.size())
  }

  /** All that is still to be written, the latest first. */
  #parts(): readonly LateEvents[] {
    return [this.#gathered, this.#generation]
  }

  #writeRows(most: number): void {
    const end = Math.min(this.#rows.length, this.#written + most)
    for (const row of this.#rows.subarray(this.#written, end)) this.#generation.writeRow(this.#tables, row)
    this.#written = end
    this.#mark(lower(end < this.#rows.length ? this.#generation.lowest : undefined, this.#gathered.lowest))
  }

  #mark(left: Buffer | undefined): void {
    if (left === undefined) this.#tables.state.remove(LEFT_KEY)
    else if (this.#left?.equals(left) !== true) this.#tables.state.put(LEFT_KEY, left)
    this.#left = left
  }
}

/** What a generation of a store that keeps so many events has. */
export function generationSize(eventsKept: number): GenerationSize {
  const events = Math.min(MOST_EVENTS, Math.max(LEAST_EVENTS, Math.floor(eventsKept / EVENTS_KEPT_OF_ONE)))
  return { events, bytes: Math.max(LEAST_BYTES, MOST_BYTES_OF_EVENT * events) }
}

/** The index of a store that is opened: with the events that lack their rows because a process was killed. */
export function openIndex(
  tables: Tables,
  seed: HashSeed,
  sizeOf: (eventsKept: number) => GenerationSize = generationSize,
): LateIndex {
  const most = MOST_LEFT * sizeOf(Number.POSITIVE_INFINITY).events
  for (;;) {
    const left = new LateEvents()
    let leftBytes = 0
    let next: Buffer | undefined
    const from = leftFrom(tables)
    for (const { key, value } of from === undefined ? [] : tables.events.range(from, END)) {
      next = left.length < most ? undefined : key
      if (next !== undefined) break
      const late = lateOf(key, value, seed)
      if (late === undefined) continue
      left.add(late)
      leftBytes += value.length
    }
    if (next === undefined) return new LateIndex(tables, left, leftBytes, sizeOf)
    for (let done = 0; done < left.length; done += SLICE) {
      const end = Math.min(left.length, done + SLICE)
      tables.commit(() => {
        for (let place = done; place < end; place += 1) left.writeMissing(tables, place)
        tables.state.put(LEFT_KEY, after(left.eventKey(end - 1)))
      })
    }
    tables.refresh()
  }
}

/** The lowest event key that may lack rows; undefined: none does. */
export function leftFrom(tables: Tables): Buffer | undefined {
  return tables.state.get(LEFT_KEY)
}

/** None of a record that is damaged: it can't be found either, and `store verify` tells of it. */
function lateOf(eventKey: Buffer, record: Buffer, seed: HashSeed): LateEvent | undefined {
  try {
    const event = decodeEvent(record)
    const { acceptedAtMs, subject } = event
    const seenKey = seenKeyOf(seed, event, eventKey)
    const call = subject === '' ? undefined : callHash(seed, subject)
    return { seenKey, eventKey, acceptedAtMs, call, isFirst: false }
  } catch {
    return undefined
  }
}

function lower(a: Buffer | undefined, b: Buffer | undefined): Buffer | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.compare(b) <= 0 ? a : b
}
