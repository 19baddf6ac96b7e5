/**
 * The bare store: lmdb alone, given the very keys and values that the outbox wrote for the same events, in as many tables,
 * synced the same way. Nothing of ours is in it: lmdb's own thread gathers what arrives meanwhile into one transaction, the
 * fastest that lmdb offers to many writers on one thread.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { DATA_FILE, openTables, TABLE_NAMES, type TableName } from '../../../src/outbox/embedded/files/tables.ts'

/** A key and its value in a table. */
export interface BareRow {
  readonly table: TableName
  readonly key: Buffer
  readonly value: Buffer
}

/** Where an event's key stands in the keys of a table; what is not listed is not written by event. */
const EVENT_KEY_AT: Partial<Record<TableName, (row: { key: Buffer; value: Buffer }) => string>> = {
  events: ({ key }) => key.toString('hex'),
  deliveries: ({ key }) => key.toString('hex', 4, 17),
  due: ({ key }) => key.toString('hex', 11, 24),
  seen: ({ value }) => value.toString('hex', 6, 19),
  calls: ({ key }) => key.toString('hex', 0, 3) + key.toString('hex', 11, 21),
}

/** The rows that an embedded store, which must be closed, keeps of each event, the first accepted first. */
export async function readRows(folder: string): Promise<readonly (readonly BareRow[])[]> {
  const tables = openTables(folder, { isReadOnly: true })
  const events = new Map<string, BareRow[]>()
  for (const [table, eventKeyOf] of Object.entries(EVENT_KEY_AT)) {
    const name = TABLE_NAMES.find((each) => each === table)
    if (name === undefined) continue
    for (const row of tables[name].range(Buffer.alloc(1), Buffer.alloc(32, 0xff))) {
      const event = eventKeyOf(row)
      const rows = events.get(event)
      if (rows === undefined) events.set(event, [{ table: name, ...row }])
      else rows.push({ table: name, ...row })
    }
  }
  await tables.close()
  return [...events.keys()].sort().map((key) => events.get(key) ?? [])
}

/** See the head of this file. Opens what is in a folder, or makes it. */
export class BareStore implements AsyncDisposable {
  readonly #root: RootDatabase<Buffer, Buffer>
  readonly #tables = new Map<TableName, Database<Buffer, Buffer>>()

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    this.#root = open({
      path: join(folder, DATA_FILE),
      noSubdir: true,
      encoding: 'binary',
      keyEncoding: 'binary',
      maxDbs: TABLE_NAMES.length,
      mapSize: 2 ** 42,
      overlappingSync: false,
    })
    for (const name of TABLE_NAMES) {
      this.#tables.set(name, this.#root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }))
    }
    // The first transaction on a copy has to be a small one, see `tables.ts`.
    this.#tables.get('notes')?.putSync(Buffer.from('begun'), Buffer.from([1]))
  }

  /** Writes an event's rows; resolves when they are on disk. */
  async write(rows: readonly BareRow[]): Promise<void> {
    await Promise.all(rows.map(({ table, key, value }) => this.#tables.get(table)?.put(key, value)))
  }

  /** How many of these rows are not there as they were written. */
  missing(events: readonly (readonly BareRow[])[]): number {
    return events.flat().filter(({ table, key, value }) => {
      const found = this.#tables.get(table)?.getBinary(key)
      return found === undefined || !value.equals(found)
    }).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#root.close()
  }
}
