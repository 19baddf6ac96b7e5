/**
 * The store's tables on lmdb, as little of it as is needed: bytes under ordered bytes. Only the store's own thread opens
 * it for writing. Every commit writes its pages, syncs them, and only then writes the page that makes them valid.
 */
import { join } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'

/** The file that holds all tables, in the store's folder. */
export const DATA_FILE = 'switchhook.mdb'

/** Address space reserved for the file, which takes only what it needs of the disk: 4 TiB. */
const MAP_BYTES = 2 ** 42

/**
 * Between two looks for readers that died, as a backup that was killed: what they began to read would be kept for ever, and
 * the file would grow with every change.
 */
const READER_CHECK_MS = 10_000

/**
 * In table `state`, written in a transaction of its own before the first one after opening. lmdb 3.5.6 breaks, or ends the
 * process, where its list of free pages is empty, as in a backup, and the next transaction frees more than a page of that list
 * can name (about 500): it looks for room for the list in the list that it is just beginning. A small one begins it safely.
 */
const BEGUN_KEY = Buffer.from('o')
const BEGUN = Buffer.from([1])

const APPEND = { append: true }

/** Bytes under bytes, in the order of the keys. */
export interface Table {
  get(key: Buffer): Buffer | undefined
  has(key: Buffer): boolean
  put(key: Buffer, value: Uint8Array): void
  /**
   * The same for a key that most likely comes after all others. Where it does, full pages stay full: a put splits the last page in
   * the middle, and the half that it leaves behind is never filled.
   */
  append(key: Buffer, value: Uint8Array): void
  /** False where there was nothing. */
  remove(key: Buffer): boolean
  /** From `start` on, before `end`, the keys and values as copies. */
  range(start: Buffer, end: Buffer): Iterable<Row>
  /** From the last one before `before` down to `start`. */
  reverse(before: Buffer, start: Buffer): Iterable<Row>
  /** How many rows there are: goes through all of them. */
  count(): number
  /** The same as lmdb keeps it, without a look at them; what the last read saw is counted. */
  size(): number
}

export interface Row {
  readonly key: Buffer
  readonly value: Buffer
}

/** What each table holds is said at its key, in `keys.ts`. */
export const TABLE_NAMES = [
  'state',
  'events',
  'deliveries',
  'due',
  'seen',
  'ordered',
  'calls',
  'ended',
  'dead',
  'notes',
] as const

export type TableName = (typeof TABLE_NAMES)[number]

/** All tables of an open store. */
export interface Tables extends Readonly<Record<TableName, Table>> {
  /** Runs `change` in one transaction; when it returns, all of it is on disk. Throws, and keeps nothing, where that fails. */
  commit<T>(change: () => T): T
  /** Lets the next reads see everything committed. */
  refresh(): void
  /** Copies a consistent state to a new file, compacted. */
  backup(file: string): Promise<void>
  /** Lets go what processes were reading that are gone; done by itself every ten seconds. Returns how many they were. */
  forgetDeadReaders(): number
  close(): Promise<void>
}

export interface TablesOptions {
  readonly isReadOnly?: boolean
}

/** Opens the tables in a folder, which has to exist; an empty one gets them. */
export function openTables(folder: string, options: TablesOptions = {}): Tables {
  const root: RootDatabase<Uint8Array, Buffer> = open({
    path: join(folder, DATA_FILE),
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
    maxDbs: TABLE_NAMES.length,
    mapSize: MAP_BYTES,
    overlappingSync: false,
    readOnly: options.isReadOnly === true,
  })
  const readerCheck = setInterval(() => root.readerCheck(), READER_CHECK_MS)
  readerCheck.unref()
  const table = (name: TableName): Table =>
    asTable(root.openDB<Uint8Array, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' }))
  const state = table('state')
  let hasBegun = false
  return {
    state,
    events: table('events'),
    deliveries: table('deliveries'),
    due: table('due'),
    seen: table('seen'),
    ordered: table('ordered'),
    calls: table('calls'),
    ended: table('ended'),
    dead: table('dead'),
    notes: table('notes'),
    commit: (change) => {
      if (!hasBegun) root.transactionSync(() => state.put(BEGUN_KEY, BEGUN))
      hasBegun = true
      return root.transactionSync(change)
    },
    refresh: () => root.resetReadTxn(),
    backup: (file) => root.backup(file, true),
    forgetDeadReaders: () => root.readerCheck(),
    close: () => {
      clearInterval(readerCheck)
      return root.close()
    },
  }
}

function asTable(database: Database<Uint8Array, Buffer>): Table {
  return {
    get: (key) => asBuffer(database.getBinary(key)),
    has: (key) => database.doesExist(key),
    put: (key, value) => {
      database.putSync(key, value)
    },
    append: (key, value) => {
      // Whether it comes after all others is what lmdb returns here, of which its types know nothing.
      const isAppended: unknown = database.putSync(key, value, APPEND)
      if (isAppended !== true) database.putSync(key, value)
    },
    remove: (key) => database.removeSync(key),
    range: (start, end) => rows(database, { start, end }),
    reverse: (before, start) => descending(database, before, start),
    count: () => database.getCount(),
    size: () => sizeOf(database),
  }
}

function sizeOf(database: Database<Uint8Array, Buffer>): number {
  // Of the figures lmdb's types know nothing.
  const stats: { readonly entryCount?: unknown } = database.getStats()
  return Number(stats.entryCount)
}

function* rows(
  database: Database<Uint8Array, Buffer>,
  range: { readonly start: Buffer; readonly end: Buffer; readonly reverse?: boolean },
): Iterable<Row> {
  for (const { key, value } of database.getRange(range)) yield { key: Buffer.from(key), value: Buffer.from(value) }
}

function* descending(database: Database<Uint8Array, Buffer>, before: Buffer, start: Buffer): Iterable<Row> {
  for (const row of rows(database, { start: before, end: start, reverse: true })) {
    // lmdb begins a reverse range at its start and ends before its end; ours excludes the one and includes the other.
    if (row.key.compare(before) < 0) yield row
  }
  const first = asBuffer(database.getBinary(start))
  if (first !== undefined) yield { key: Buffer.from(start), value: first }
}

function asBuffer(bytes: Uint8Array | undefined): Buffer | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
