/**
 * The rows of `seen` and `calls` that are still to be written. Their keys are fingerprints, in no order: written event by event
 * each would take a page of its own to the disk. So they are gathered, and a generation of them is written in the order of the
 * keys, a part with each transaction. They follow from their events, so that a crash loses nothing: table `state` has the
 * lowest key of an event that may lack them, and {@link indexLeft} writes them when the store is opened.
 * Whoever reads or removes rows of these tables calls {@link LateIndex.writeAll} first; `state-machine.ts` asks here. Used inside
 * the store's transactions.
 */
import { callKeyOf } from './call-index.ts'
import { decodeEvent } from './event-record.ts'
import type { HashSeed } from './hash.ts'
import { after, EVENT_KEY_BYTES } from './keys.ts'
import { encodeSeen, readSeen, SEEN_KEY_BYTES, type SeenEvent, writeSeenKey } from './seen-record.ts'
import type { Row, Table, Tables } from './tables.ts'

/** In table `state`: the lowest event key that may lack rows; absent: none does. */
const LEFT_KEY = Buffer.from('i')

/** Events of a generation: about five megabytes of memory, twice at most, and some hundred milliseconds after a crash. */
const GENERATION = 8192

/** Rows written with a transaction beside twice as many as it brings, so that a generation ends before the next is full. */
const ROWS_AT_LEAST = 64

/** Events in a slice of {@link indexLeft}. */
const SLICE = 2000

const NOTHING = Buffer.alloc(0)
const END = Buffer.alloc(EVENT_KEY_BYTES + 1, 0xff)

/** What an event is found by. */
interface Late extends SeenEvent {
  readonly seenKey: Buffer
  /** Key of table `calls`; undefined: it has no call. */
  readonly callKey: Buffer | undefined
  /** False: there is a row of `seen` already, or another to come. */
  readonly isFirst: boolean
}

/** A row to write, at its place in the order of writing. */
interface LateRow {
  readonly kind: 'seen' | 'call'
  readonly order: string
  readonly late: Late
}

/** See the head of this file. */
export class LateIndex {
  readonly #tables: Tables
  readonly #bySeen = new Map<string, Late[]>()
  #gathered: Late[] = []
  /** Of these only so many are on disk: the others came in the transaction that is open. */
  #kept = 0
  #generation: readonly Late[] = []
  #rows: readonly LateRow[] = []
  /** Rows written, and of these the ones that the open transaction wrote not. */
  #written = 0
  #keptWritten = 0
  #isAllWritten = false
  /** The lowest event keys of what is gathered, and of the generation. */
  #lowestGathered: Buffer | undefined
  #lowest: Buffer | undefined
  /** {@link LEFT_KEY} as the open transaction has it. */
  #left: Buffer | undefined

  /** Opens an index that has nothing left. */
  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** True: every row is in its table. */
  get isEmpty(): boolean {
    return this.#gathered.length === 0 && this.#generation.length === 0
  }

  /** All events with a key of `seen`, the latest first. */
  seenOf(key: Buffer): readonly SeenEvent[] {
    const stored = readSeen(this.#tables.seen.get(key))
    const late = this.#bySeen.get(nameOf(key))
    if (late === undefined) return stored
    return [...late, ...stored.filter((seen) => !late.some(({ eventKey }) => eventKey.equals(seen.eventKey)))]
  }

  /** Keeps in mind what an event is found by; `isFirst` says whether its key of `seen` had no event. */
  add({ seenKey, eventKey, acceptedAtMs, callKey, isFirst }: Late): void {
    const late = { seenKey: Buffer.from(seenKey), eventKey: Buffer.from(eventKey), acceptedAtMs, callKey, isFirst }
    this.#gathered.push(late)
    const name = nameOf(late.seenKey)
    this.#bySeen.set(name, [late, ...(this.#bySeen.get(name) ?? [])])
    this.#lowestGathered = lower(this.#lowestGathered, late.eventKey)
  }

  /** Writes a part of what is to be written; the last thing in a transaction but the tallies. */
  writeSome(): void {
    if (this.isEmpty || this.#isAllWritten) return
    const most = 3 * (this.#gathered.length - this.#kept) + ROWS_AT_LEAST
    const end = Math.min(this.#rows.length, this.#written + most)
    for (const row of this.#rows.slice(this.#written, end)) this.#write(row)
    this.#written = end
    this.#mark(lower(end < this.#rows.length ? this.#lowest : undefined, this.#lowestGathered))
  }

  /** Writes everything, so that the tables have all rows. */
  writeAll(): void {
    if (this.isEmpty || this.#isAllWritten) return
    for (const row of this.#rows.slice(this.#written)) this.#write(row)
    for (const row of rowsOf(this.#gathered)) this.#write(row)
    this.#isAllWritten = true
    this.#mark(undefined)
  }

  /** The transaction is on disk. */
  kept(): void {
    if (this.#isAllWritten) {
      this.#clear()
      return
    }
    this.#kept = this.#gathered.length
    this.#keptWritten = this.#written
    if (this.#written === this.#rows.length) this.#endGeneration()
  }

  /** The transaction has failed. */
  takeBack(): void {
    for (const late of this.#gathered.splice(this.#kept)) this.#forget(late)
    this.#written = this.#keptWritten
    this.#isAllWritten = false
    this.#left = this.#tables.state.get(LEFT_KEY)
  }

  #endGeneration(): void {
    for (const late of this.#generation) this.#forget(late)
    const isNext = this.#gathered.length >= GENERATION
    this.#generation = isNext ? this.#gathered : []
    this.#rows = rowsOf(this.#generation)
    this.#lowest = isNext ? this.#lowestGathered : undefined
    if (isNext) {
      this.#gathered = []
      this.#lowestGathered = undefined
    }
    this.#kept = this.#gathered.length
    this.#written = 0
    this.#keptWritten = 0
  }

  #clear(): void {
    this.#bySeen.clear()
    this.#gathered = []
    this.#generation = []
    this.#rows = []
    this.#lowestGathered = undefined
    this.#lowest = undefined
    this.#kept = 0
    this.#written = 0
    this.#keptWritten = 0
    this.#isAllWritten = false
  }

  #forget(late: Late): void {
    const name = nameOf(late.seenKey)
    const left = this.#bySeen.get(name)?.filter((other) => other !== late) ?? []
    if (left.length === 0) this.#bySeen.delete(name)
    else this.#bySeen.set(name, left)
  }

  #write({ kind, late }: LateRow): void {
    if (kind === 'seen') writeSeen(this.#tables.seen, late)
    else if (late.callKey !== undefined) this.#tables.calls.put(late.callKey, NOTHING)
  }

  #mark(left: Buffer | undefined): void {
    if (left === undefined) this.#tables.state.remove(LEFT_KEY)
    else if (this.#left?.equals(left) !== true) this.#tables.state.put(LEFT_KEY, left)
    this.#left = left
  }
}

/** Writes what a process that was killed has left, in a transaction for each slice of events. */
export function indexLeft(tables: Tables, seed: HashSeed): void {
  for (let from = leftFrom(tables); from !== undefined; from = leftFrom(tables)) {
    const events: Row[] = []
    for (const row of tables.events.range(from, END)) {
      events.push(row)
      if (events.length === SLICE) break
    }
    tables.commit(() => {
      const late = events.flatMap(({ key, value }) => lateOf(key, value, seed))
      for (const row of rowsOf(late)) {
        if (row.kind === 'seen') writeSeen(tables.seen, row.late)
        else if (row.late.callKey !== undefined) tables.calls.put(row.late.callKey, NOTHING)
      }
      const last = events.length === SLICE ? events.at(-1) : undefined
      if (last === undefined) tables.state.remove(LEFT_KEY)
      else tables.state.put(LEFT_KEY, after(last.key))
    })
    tables.refresh()
  }
}

/** The lowest event key that may lack rows; undefined: none does. */
export function leftFrom(tables: Tables): Buffer | undefined {
  return tables.state.get(LEFT_KEY)
}

/** None of a record that is damaged: it can't be found either, and `store verify` tells of it. */
function lateOf(eventKey: Buffer, record: Buffer, seed: HashSeed): Late[] {
  try {
    const event = decodeEvent(record)
    const { acceptedAtMs, subject, remembered } = event
    const seenKey = Buffer.from(remembered?.seenKey ?? new Uint8Array(SEEN_KEY_BYTES))
    if (remembered === undefined) writeSeenKey(seenKey, seed, event, eventKey.toString('hex'))
    const callKey = subject === '' ? undefined : callKeyOf(seed, subject, eventKey)
    return [{ seenKey, eventKey, acceptedAtMs, callKey, isFirst: false }]
  } catch {
    return []
  }
}

/** The rows of events in the order of their keys, table by table. */
function rowsOf(late: readonly Late[]): LateRow[] {
  const seen = late.map((each): LateRow => ({ kind: 'seen', order: nameOf(each.seenKey), late: each }))
  const calls = late.flatMap((each): LateRow[] =>
    each.callKey === undefined ? [] : [{ kind: 'call', order: nameOf(each.callKey), late: each }],
  )
  return [...seen.sort(byOrder), ...calls.sort(byOrder)]
}

function byOrder(a: LateRow, b: LateRow): number {
  if (a.order === b.order) return 0
  return a.order < b.order ? -1 : 1
}

function writeSeen(table: Table, { seenKey, eventKey, acceptedAtMs, isFirst }: Late): void {
  const others = isFirst ? [] : readSeen(table.get(seenKey)).filter((other) => !other.eventKey.equals(eventKey))
  table.put(seenKey, encodeSeen([{ eventKey, acceptedAtMs }, ...others]))
}

function lower(a: Buffer | undefined, b: Buffer | undefined): Buffer | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.compare(b) <= 0 ? a : b
}

/** A key as text, in the same order: a character a byte. */
function nameOf(key: Buffer): string {
  return key.toString('latin1')
}
