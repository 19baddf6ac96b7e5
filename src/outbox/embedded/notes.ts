/**
 * The notes of the embedded outbox: all in memory, written behind within about a second. What could not be written stays
 * wanted and is tried again; the latest text of a key counts.
 */
import type { Notes } from '../contract.ts'
import { encodeNote } from './records/changes.ts'
import type { StoreThread } from './store-thread.ts'

/** Time within which notes are written. */
const WRITE_WITHIN_MS = 1000

/** See the head of this file. Main thread only. */
export class StoreNotes implements Notes {
  readonly #tables = new Map<string, Map<string, string>>()
  /** Keys whose text on disk is not the latest, by table, in the order in which they were put. */
  readonly #wanted = new Map<string, readonly [table: string, key: string]>()
  readonly #thread: Pick<StoreThread, 'submit'>
  /** Everything that is on its way to the disk; undefined: nothing is. */
  #writing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(
    stored: Iterable<readonly [table: string, key: string, text: string]>,
    thread: Pick<StoreThread, 'submit'>,
  ) {
    this.#thread = thread
    for (const [table, key, text] of stored) this.#tableOf(table).set(key, text)
  }

  put(table: string, key: string, text: string | undefined): void {
    const entries = this.#tableOf(table)
    if (text === undefined) entries.delete(key)
    else entries.set(key, text)
    const name = JSON.stringify([table, key])
    this.#wanted.delete(name)
    this.#wanted.set(name, [table, key])
    this.#plan()
  }

  all(table: string): Iterable<readonly [key: string, text: string]> {
    return this.#tables.get(table)?.entries() ?? []
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const notes = [...this.#wanted]
    const before = this.#writing
    if (notes.length === 0) return before ?? Promise.resolve()
    this.#wanted.clear()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#thread.submit({
      changes: notes.length,
      takesEvents: false,
      isUrgent: true,
      write: (writer) => {
        for (const [, [table, key]] of notes) encodeNote(writer, table, key, this.#tables.get(table)?.get(key))
      },
      done: () => resolve(),
      failed: (error) => {
        for (const [name, note] of notes) if (!this.#wanted.has(name)) this.#wanted.set(name, note)
        this.#plan()
        reject(error)
      },
    })
    const written = before === undefined ? promise : Promise.all([before, promise]).then(() => undefined)
    this.#writing = written
    const end = (): void => {
      if (this.#writing === written) this.#writing = undefined
    }
    written.then(end, end)
    return written
  }

  /** No more is written; call it after the last flush. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #plan(): void {
    if (this.#timer !== undefined || this.#isStopped) return
    this.#timer = setTimeout(() => {
      // A store that can't write says so itself; the notes stay wanted.
      this.flush().catch(() => undefined)
    }, WRITE_WITHIN_MS)
    this.#timer.unref()
  }

  #tableOf(table: string): Map<string, string> {
    const entries = this.#tables.get(table) ?? new Map<string, string>()
    this.#tables.set(table, entries)
    return entries
  }
}
