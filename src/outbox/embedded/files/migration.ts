/**
 * Brings a store of an older format up, one format after the other, when it is opened for writing. Each step is a walk in
 * slices, a synced transaction each, which keeps in table `state` how far it has come; the format's number is written with its
 * last slice. A process that is killed goes on there when it is started again. To add a format: add a step and raise `FORMAT`.
 */
import { addToCall, CALL_KEY_BYTES, callHash, callKey } from '../records/call-index.ts'
import { decodeEvent } from '../records/event-record.ts'
import type { HashSeed } from '../records/hash.ts'
import { after, EVENT_KEY_BYTES } from '../records/keys.ts'
import { Tallies } from '../thread/tallies.ts'
import { FORMAT, readFormat, writeFormat } from './format.ts'
import type { Row, Tables } from './tables.ts'

/** How far a migration has come. */
export interface MigrationProgress {
  readonly fromFormat: number
  readonly toFormat: number
  /** Events done by this process, of so many in the store. */
  readonly done: number
  readonly total: number
}

/** In table `state` while a step is under way: the last event key that it has done. */
const POSITION_KEY = Buffer.from('m')

/** Events in a slice: some ten milliseconds of work and a sync. */
const SLICE = 2000

/** Time between two reports, beside those of beginning and end. */
const REPORT_EVERY_MS = 1000

/** Changes a slice of events, inside a transaction. */
type Step = (tables: Tables, seed: HashSeed, events: readonly Row[]) => void

/** The step that leads from a format to the next, by the former; none where a store of the one is one of the next. */
const STEPS: ReadonlyMap<number, Step> = new Map([[1, indexCalls]])

/** Brings a store up to {@link FORMAT}; does nothing where it has that. `onProgress` is told about once a second. */
export function migrate(tables: Tables, seed: HashSeed, onProgress: (progress: MigrationProgress) => void): void {
  for (let format = readFormat(tables.state) ?? FORMAT; format < FORMAT; format += 1) {
    const step = STEPS.get(format)
    if (step === undefined) tables.commit(() => writeFormat(tables.state, format + 1))
    else walk(tables, seed, step, format, onProgress)
  }
}

function walk(
  tables: Tables,
  seed: HashSeed,
  step: Step,
  fromFormat: number,
  onProgress: (progress: MigrationProgress) => void,
): void {
  const total = tables.events.count()
  let done = 0
  let reportedAtMs = performance.now()
  const report = (): void => onProgress({ fromFormat, toFormat: fromFormat + 1, done, total })
  report()
  for (;;) {
    const events = nextEvents(tables)
    const last = events.length === SLICE ? events.at(-1) : undefined
    tables.commit(() => {
      step(tables, seed, events)
      if (last !== undefined) {
        tables.state.put(POSITION_KEY, last.key)
      } else {
        tables.state.remove(POSITION_KEY)
        writeFormat(tables.state, fromFormat + 1)
      }
    })
    done += events.length
    if (last === undefined) break
    if (performance.now() - reportedAtMs < REPORT_EVERY_MS) continue
    reportedAtMs = performance.now()
    report()
  }
  report()
}

function nextEvents(tables: Tables): readonly Row[] {
  tables.refresh()
  const position = tables.state.get(POSITION_KEY)
  const start = position === undefined ? Buffer.alloc(1) : after(position)
  const events: Row[] = []
  for (const row of tables.events.range(start, Buffer.alloc(EVENT_KEY_BYTES + 1, 0xff))) {
    events.push(row)
    if (events.length === SLICE) break
  }
  return events
}

/** 1 to 2: events are found by their calls. Events that were only remembered keep their texts until they are forgotten. */
function indexCalls(tables: Tables, seed: HashSeed, events: readonly Row[]): void {
  const tallies = new Tallies(tables.state)
  for (const { key, value } of events) {
    const subject = subjectOf(value)
    if (subject === '') continue
    const call = callHash(seed, subject)
    if (tables.calls.has(callKey(call, key))) continue
    addToCall(tables.calls, call, key)
    tallies.totals.bytes += CALL_KEY_BYTES
  }
  tallies.save()
}

/** Empty of a record that is damaged: it can't be found by its call either, and `store verify` tells of it. */
function subjectOf(record: Buffer): string {
  try {
    return decodeEvent(record).subject
  } catch {
    return ''
  }
}
