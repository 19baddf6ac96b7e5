/**
 * Durations, sizes and rates in one notation: a whole number and a unit, nothing between (`800ms`, `64KiB`, `100/s`).
 * Invariant: what is read is a safe whole number of milliseconds or bytes, or a finite rate. Used by the configuration's
 * schemas and by the command line.
 */

/** What came of reading a quantity; `message` says what would be right. */
export type Quantity =
  | { readonly kind: 'read'; readonly value: number }
  | { readonly kind: 'refused'; readonly message: string }

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', SECOND_MS],
  ['m', MINUTE_MS],
  ['h', HOUR_MS],
  ['d', DAY_MS],
])

const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
])

/** Seconds in the unit after the stroke. */
const RATE_UNITS: ReadonlyMap<string, number> = new Map([
  ['/s', 1],
  ['/m', 60],
  ['/h', 3600],
])

/** Milliseconds of `800ms`, `5s`, `5m`, `2h` or `30d`. */
export function parseDuration(input: unknown): Quantity {
  return parseQuantity(input, DURATION_UNITS, 'a duration such as 800ms, 5s, 5m, 2h or 30d')
}

/** Bytes of `512B`, `64KiB`, `1MiB` or `2GiB`. */
export function parseSize(input: unknown): Quantity {
  return parseQuantity(input, SIZE_UNITS, 'a size such as 512B, 64KiB or 1MiB')
}

/** Events a second of `100/s`, `10/m` or `5/h`. */
export function parseRate(input: unknown): Quantity {
  const read = splitQuantity(input, RATE_UNITS, 'a rate such as 100/s, 10/m or 5/h')
  return read.kind === 'refused' ? read : { kind: 'read', value: read.count / read.factor }
}

/** `ms` in the largest unit that gives a whole number: `5s`, `1500ms`. */
export function formatDuration(ms: number): string {
  return formatQuantity(ms, DURATION_UNITS)
}

/** `bytes` in the largest unit that gives a whole number: `64KiB`. */
export function formatSize(bytes: number): string {
  return formatQuantity(bytes, SIZE_UNITS)
}

function parseQuantity(input: unknown, units: ReadonlyMap<string, number>, what: string): Quantity {
  const read = splitQuantity(input, units, what)
  if (read.kind === 'refused') return read
  const value = read.count * read.factor
  if (!Number.isSafeInteger(value)) return { kind: 'refused', message: `${String(input)} is too large` }
  return { kind: 'read', value }
}

type Split =
  | { readonly kind: 'split'; readonly count: number; readonly factor: number }
  | { readonly kind: 'refused'; readonly message: string }

function splitQuantity(input: unknown, units: ReadonlyMap<string, number>, what: string): Split {
  if (input === undefined) return { kind: 'refused', message: `is missing: ${what} is expected` }
  const [, digits = '', unit = ''] = /^(\d+)(.*)$/s.exec(String(input)) ?? []
  const factor = units.get(unit)
  if (digits === '') return { kind: 'refused', message: `${what} is expected, not ${JSON.stringify(input)}` }
  if (factor === undefined) {
    const known = [...units.keys()].join(', ')
    const problem = unit === '' ? 'has no unit' : `has no known unit`
    return { kind: 'refused', message: `${String(input)} ${problem}: a whole number and one of ${known} is expected` }
  }
  const count = Number(digits)
  if (!Number.isSafeInteger(count)) return { kind: 'refused', message: `${String(input)} is too large` }
  return { kind: 'split', count, factor }
}

function formatQuantity(value: number, units: ReadonlyMap<string, number>): string {
  let text = ''
  for (const [unit, factor] of units) {
    if (text === '' || (value % factor === 0 && value >= factor)) text = `${value / factor}${unit}`
  }
  return text
}
