/**
 * The store's own format, apart from lmdb's: a number in table `state`. What a program does not know it leaves alone: a
 * newer format is refused, an older one is brought up step by step when the store is opened.
 */
import { SwitchhookError } from '../../../errors.ts'
import { ByteReader, ByteWriter } from '../records/bytes.ts'
import type { HashSeed } from '../records/hash.ts'
import type { Table } from './tables.ts'

/**
 * The format that this program writes.
 * - 1: the first.
 * - 2: table `calls`; events that are only remembered have fingerprints instead of texts; deliveries can be buried.
 * - 3: the latest events may lack their rows of `seen` and `calls`, see `late-index.ts`.
 */
export const FORMAT = 3

const FORMAT_KEY = Buffer.from('f')
const SEED_KEY = Buffer.from('h')

/** The format of a store, up to {@link FORMAT}; undefined of a new one. Throws `unavailable` where this program can't use it. */
export function readFormat(state: Table): number | undefined {
  const value = state.get(FORMAT_KEY)
  if (value === undefined) return undefined
  const format = value.length === 4 ? value.readUInt32BE() : 0
  if (format >= 1 && format <= FORMAT) return format
  throw new SwitchhookError(
    'unavailable',
    format > FORMAT
      ? `the store has format ${format}, this program knows formats up to ${FORMAT}: start a newer one`
      : `the store has format ${format}, which no program ever wrote: it is damaged`,
  )
}

export function writeFormat(state: Table, format: number): void {
  const value = Buffer.allocUnsafe(4)
  value.writeUInt32BE(format)
  state.put(FORMAT_KEY, value)
}

/** The seed of a store's fingerprints; throws `internal` where it has none. */
export function readSeed(state: Table): HashSeed {
  const reader = new ByteReader(state.get(SEED_KEY) ?? Buffer.alloc(0))
  return { high: reader.u32(), low: reader.u32() }
}

export function writeSeed(state: Table, { high, low }: HashSeed): void {
  const writer = new ByteWriter()
  writer.u32(high)
  writer.u32(low)
  state.put(SEED_KEY, writer.view())
}
