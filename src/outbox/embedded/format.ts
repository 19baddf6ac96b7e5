/**
 * The store's own format, apart from lmdb's: a number in table `state`. What a program does not know it leaves alone: a
 * newer format is refused, an older one is brought up step by step when the store is opened.
 */
import { SwitchhookError } from '../../errors.ts'
import type { Table } from './tables.ts'

/** The format that this program writes. */
export const FORMAT = 1

const FORMAT_KEY = Buffer.from('f')

/** The format of a store; undefined of a new one. Throws `unavailable` where this program can't use it. */
export function readFormat(state: Table): number | undefined {
  const value = state.get(FORMAT_KEY)
  if (value === undefined) return undefined
  const format = value.length === 4 ? value.readUInt32BE() : 0
  if (format === FORMAT) return format
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
