/**
 * Minutes as DialogTech bills them: seconds rounded up to a tenth of a minute, or to a minute.
 * Reckoned in whole microseconds, the finest that switches count in: 65.9 s and 0.1 s make 66 s and 1.1 minutes, never 1.2
 * because a binary fraction came out a little too large.
 */
import type { DataValue } from '../model/data.ts'

const SECOND_US = 1_000_000
const TENTH_OF_MINUTE_US = 6 * SECOND_US
const MINUTE_US = 60 * SECOND_US

/** A billion seconds (31 years): up to there a number holds every microsecond apart from its neighbours. */
const LONGEST_US = 1_000_000_000 * SECOND_US

/** A number as switches write it into a form: digits, perhaps with a fraction. */
const DECIMAL = /^\d+(?:\.\d+)?$/

/**
 * Whole microseconds of a duration in seconds, carried as number or decimal text (white space around it is fine).
 * `undefined` where it is missing, negative, not a number, or more than a billion seconds.
 */
export function microseconds(duration: DataValue | undefined): number | undefined {
  const value = typeof duration === 'string' ? parseDecimal(duration) : duration
  if (typeof value !== 'number' || !(value >= 0)) return undefined
  const us = Math.round(value * SECOND_US)
  // Adding 0 makes a negative zero positive.
  return us <= LONGEST_US ? us + 0 : undefined
}

/** Seconds, with a fraction only where there is one. */
export function seconds(us: number): number {
  return us / SECOND_US
}

/** Minutes rounded up to a tenth, always with one decimal: `0.0`, `1.0`, `1.1`. */
export function tenthsOfMinutes(us: number): string {
  const tenths = Math.ceil(us / TENTH_OF_MINUTE_US)
  return `${Math.floor(tenths / 10)}.${tenths % 10}`
}

/** Minutes rounded up to a whole one. */
export function wholeMinutes(us: number): number {
  return Math.ceil(us / MINUTE_US)
}

function parseDecimal(text: string): number | undefined {
  const trimmed = text.trim()
  return DECIMAL.test(trimmed) ? Number(trimmed) : undefined
}
