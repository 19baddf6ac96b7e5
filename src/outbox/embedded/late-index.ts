/**
 * The rows of `seen` and `calls` that are still to be written. Their keys are fingerprints, in no order: written event by event
 * each would take a page of its own to the disk. So they are gathered, and a generation of them is written in the order of the
 * keys, a part with each transaction. They follow from their events, so that a crash loses nothing: table `state` has the
 * lowest key of an event that may lack them, and {@link openIndex} gathers them again when the store is opened.
 * Whoever reads these tables asks here too, and whoever removes rows calls {@link LateIndex.writeOf} first: never are all rows
 * written while somebody waits, nor where the disk may have no room for them. Used by all parts of the store's thread.
 */
import { callKeyOf, isOfCall } from './call-index.ts'
import { decodeEvent } from './event-record.ts'
import type { HashSeed } from './hash.ts'
import { after, EVENT_KEY_BYTES, endOfPrefix } from './keys.ts'
import { encodeSeen, readSeen, SEEN_KEY_BYTES, type SeenEvent, writeSeenKey } from './seen-record.ts'
import type { Table, Tables } from './tables.ts'

/** In table `state`: the lowest event key that may lack rows; absent: none does. */
const LEFT_KEY = Buffer.from('i')

/** Events of a generation: about five megabytes of memory, twice at most, and some hundred milliseconds after a crash. */
const GENERATION = 8192

/** Generations that are gathered when a store is opened: more than a process leaves; only a clock that went back makes more. */
const MOST_LEFT = 4

/** Rows written with each event that a transaction brings, which has two at most: a generation ends before the next is full. */
const ROWS_OF_EVENT = 3

/** Beside those a transaction writes one row for so many events of a generation, so that one ends without new events too. */
const EVENTS_OF_ROW = 128

/** Events whose rows {@link openIndex} writes in a transaction, where they are too many to be gathered. */
const SLICE = 500

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
  readonly #size: number
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
  /** Whose rows were written before their turn, and of these the ones of the open transaction. */
  readonly #early = new Set<Late>()
  #earlyNow: Late[] = []
  /** The lowest event keys of what is gathered, and of the generation. */
  #lowestGathered: Buffer | undefined
  #lowest: Buffer | undefined
  /** {@link LEFT_KEY} as the open transaction has it. */
  #left: Buffer | undefined

  /** `left` are the events that lack their rows, see {@link openIndex}; a generation has `size` of them. */
  constructor(tables: Tables, left: readonly Late[], size: number) {
    this.#tables = tables
    this.#size = size
    for (const late of left) this.#gather(late)
    this.#kept = left.length
    this.#left = leftFrom(tables)
  }

  /** True: every row is in its table. */
  get isEmpty(): boolean {
    return this.#gathered.length === 0 && this.#generation.length === 0
  }

  /** Rows that are not in their tables, at most. */
  get rowsLeft(): number {
    return this.#rows.length - this.#written + 2 * this.#gathered.length
  }

  /** All events with a key of `seen`, the latest first; some may be gone. */
  seenOf(key: Buffer): readonly SeenEvent[] {
    const stored = readSeen(this.#tables.seen.get(key))
    const late = this.#bySeen.get(nameOf(key))
    if (late === undefined) return stored
    return [...late, ...stored.filter((seen) => !late.some(({ eventKey }) => eventKey.equals(seen.eventKey)))]
  }

  /** Keys of all events whose ids have a fingerprint, each once; some may be gone. */
  eventsOfId(id: Buffer): readonly Buffer[] {
    const found = new Map<string, Buffer>()
    const find = ({ eventKey }: SeenEvent): void => void found.set(nameOf(eventKey), eventKey)
    for (const { value } of this.#tables.seen.range(id, endOfPrefix(id))) readSeen(value).forEach(find)
    const prefix = nameOf(id)
    for (const [name, late] of this.#bySeen) if (name.startsWith(prefix)) late.forEach(find)
    return [...found.values()]
  }

  /** Keys of the events of a call that may lack their rows, the newest first; some may be gone. */
  eventsOfCall(call: Buffer): readonly Buffer[] {
    const eventKeys: Buffer[] = []
    for (const part of [this.#generation, this.#gathered]) {
      for (const { callKey, eventKey } of part) {
        if (callKey !== undefined && isOfCall(callKey, call)) eventKeys.push(eventKey)
      }
    }
    return eventKeys.sort((a, b) => b.compare(a))
  }

  /** Keeps in mind what an event is found by; `isFirst` says whether its key of `seen` had no event. */
  add({ seenKey, eventKey, acceptedAtMs, callKey, isFirst }: Late): void {
    this.#gather({ seenKey: Buffer.from(seenKey), eventKey: Buffer.from(eventKey), acceptedAtMs, callKey, isFirst })
  }

  /** Writes the rows of the events with a key of `seen`, so that they can be removed from the tables like any others. */
  writeOf(seenKey: Buffer): void {
    for (const late of this.#bySeen.get(nameOf(seenKey)) ?? []) {
      if (this.#early.has(late)) continue
      writeRows(this.#tables, late)
      this.#early.add(late)
      this.#earlyNow.push(late)
    }
  }

  /** Writes a part of what is to be written; the last thing in a transaction but the tallies. */
  writeSome(): void {
    if (this.isEmpty || this.#isAllWritten) return
    const most = ROWS_OF_EVENT * (this.#gathered.length - this.#kept) + Math.ceil(this.#size / EVENTS_OF_ROW)
    const end = Math.min(this.#rows.length, this.#written + most)
    for (const row of this.#rows.slice(this.#written, end)) this.#write(row)
    this.#written = end
    this.#mark(lower(end < this.#rows.length ? this.#lowest : undefined, this.#lowestGathered))
  }

  /** Writes everything, so that the tables have all rows; this may take a second, and megabytes of the disk. */
  writeAll(): void {
    if (this.isEmpty || this.#isAllWritten) return
    for (const row of this.#rows.slice(this.#written)) this.#write(row)
    for (const row of rowsOf(this.#gathered)) this.#write(row)
    this.#isAllWritten = true
    this.#mark(undefined)
  }

  /** The transaction is on disk. */
  kept(): void {
    this.#earlyNow = []
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
    for (const late of this.#earlyNow.splice(0)) this.#early.delete(late)
    for (const late of this.#gathered.splice(this.#kept)) this.#forget(late)
    this.#written = this.#keptWritten
    this.#isAllWritten = false
    this.#left = this.#tables.state.get(LEFT_KEY)
  }

  #endGeneration(): void {
    for (const late of this.#generation) this.#forget(late)
    this.#generation = this.#gathered.length < this.#size ? [] : this.#gathered.splice(0, this.#size)
    this.#rows = rowsOf(this.#generation)
    this.#lowest = lowestOf(this.#generation)
    if (this.#generation.length > 0) this.#lowestGathered = lowestOf(this.#gathered)
    this.#kept = this.#gathered.length
    this.#written = 0
    this.#keptWritten = 0
  }

  #clear(): void {
    this.#bySeen.clear()
    this.#early.clear()
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

  #gather(late: Late): void {
    this.#gathered.push(late)
    const name = nameOf(late.seenKey)
    this.#bySeen.set(name, [late, ...(this.#bySeen.get(name) ?? [])])
    this.#lowestGathered = lower(this.#lowestGathered, late.eventKey)
  }

  #forget(late: Late): void {
    this.#early.delete(late)
    const name = nameOf(late.seenKey)
    const left = this.#bySeen.get(name)?.filter((other) => other !== late) ?? []
    if (left.length === 0) this.#bySeen.delete(name)
    else this.#bySeen.set(name, left)
  }

  #write({ kind, late }: LateRow): void {
    if (this.#early.has(late)) return
    if (kind === 'seen') writeSeen(this.#tables.seen, late)
    else if (late.callKey !== undefined) this.#tables.calls.put(late.callKey, NOTHING)
  }

  #mark(left: Buffer | undefined): void {
    if (left === undefined) this.#tables.state.remove(LEFT_KEY)
    else if (this.#left?.equals(left) !== true) this.#tables.state.put(LEFT_KEY, left)
    this.#left = left
  }
}

/** The index of a store that is opened: with the events that lack their rows because a process was killed. */
export function openIndex(tables: Tables, seed: HashSeed, size: number = GENERATION): LateIndex {
  for (;;) {
    const left: Late[] = []
    let next: Buffer | undefined
    const from = leftFrom(tables)
    for (const { key, value } of from === undefined ? [] : tables.events.range(from, END)) {
      next = left.length < MOST_LEFT * size ? undefined : key
      if (next !== undefined) break
      left.push(...lateOf(key, value, seed))
    }
    if (next === undefined) return new LateIndex(tables, left, size)
    for (let done = 0; done < left.length; done += SLICE) {
      const slice = left.slice(done, done + SLICE)
      tables.commit(() => {
        for (const late of slice) writeRows(tables, late)
        const last = slice.at(-1)
        if (last !== undefined) tables.state.put(LEFT_KEY, after(last.eventKey))
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

/** Writes the rows of an event that are not there yet. */
function writeRows({ seen, calls }: Tables, late: Late): void {
  const { seenKey, eventKey, callKey } = late
  const isSeen = readSeen(seen.get(seenKey)).some((other) => other.eventKey.equals(eventKey))
  if (!isSeen) writeSeen(seen, { ...late, isFirst: false })
  if (callKey !== undefined && !calls.has(callKey)) calls.put(callKey, NOTHING)
}

function lowestOf(late: readonly Late[]): Buffer | undefined {
  return late.reduce((lowest: Buffer | undefined, { eventKey }) => lower(lowest, eventKey), undefined)
}

function lower(a: Buffer | undefined, b: Buffer | undefined): Buffer | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.compare(b) <= 0 ? a : b
}

/** A key as text, in the same order: a character a byte. */
function nameOf(key: Buffer): string {
  return key.toString('latin1')
}
