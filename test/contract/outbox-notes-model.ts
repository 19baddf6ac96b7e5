/**
 * What an outbox's notes should be, beside `outbox-model.ts`. Used by `outbox-run.ts`.
 */
import type { Notes } from '../../src/outbox/contract.ts'
import { TABLES } from './outbox-actions.ts'

/** What notes should be: all writes since the beginning, and how many of them a crash must leave. */
export class NotesModel {
  #writes: { readonly table: string; readonly key: string; readonly text: string | undefined }[] = []
  #flushed = 0

  put(table: string, key: string, text: string | undefined): void {
    this.#writes.push({ table, key, text })
  }

  /** All writes so far outlast a crash. */
  flush(): void {
    this.#flushed = this.#writes.length
  }

  /** Whether an outbox has exactly what was written. */
  areIn(notes: Notes): boolean {
    return TABLES.every((table) => {
      const expected = this.#table(table)
      const entries = [...notes.all(table)]
      return entries.length === expected.size && entries.every(([key, text]) => expected.get(key) === text)
    })
  }

  /** A table after all writes, by key. */
  #table(name: string): Map<string, string> {
    const entries = new Map<string, string>()
    for (const { table, key, text } of this.#writes) {
      if (table !== name) continue
      if (text === undefined) entries.delete(key)
      else entries.set(key, text)
    }
    return entries
  }

  /** Takes back the latest unflushed writes until the tables are as a crash left `notes`; false: no number of them does it. */
  crash(notes: Notes): boolean {
    const writes = this.#writes
    for (let kept = writes.length; kept >= this.#flushed; kept -= 1) {
      this.#writes = writes.slice(0, kept)
      if (this.areIn(notes)) {
        this.flush()
        return true
      }
    }
    return false
  }
}
