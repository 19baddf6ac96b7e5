/**
 * Notes of the outbox in memory: kept as long as the process, in the order of their first writing.
 */
import type { Notes } from '../contract.ts'

/** See the head of this file. */
export class MemoryNotes implements Notes {
  readonly #tables = new Map<string, Map<string, string>>()

  put(table: string, key: string, text: string | undefined): void {
    const entries = this.#tables.get(table) ?? new Map<string, string>()
    this.#tables.set(table, entries)
    if (text === undefined) entries.delete(key)
    else entries.set(key, text)
  }

  all(table: string): Iterable<readonly [string, string]> {
    return this.#tables.get(table)?.entries() ?? []
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }
}
