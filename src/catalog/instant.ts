/**
 * Instants as switches write them: RFC 3339 text, read strictly. A text that does not name one instant (no offset, a day that
 * the month lacks) gives `undefined`, so that no wrong time is ever sent in place of a missing one.
 * Own arithmetic instead of `Date.parse`, which takes February 30th for March 2nd.
 */

/** RFC 3339 section 5.6; small `t` and `z`, and a space for the `T`, are allowed by its notes. */
const SHAPE = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** The first and the last millisecond for which every text that is made of it has a year of four digits, in any time zone. */
const FIRST_INSTANT_MS = epochDay(1, 1, 1) * DAY_MS
const LAST_INSTANT_MS = epochDay(10_000, 1, 1) * DAY_MS - 1

/**
 * Milliseconds since the epoch of an RFC 3339 text; fractions beyond the millisecond are cut off. `undefined` for anything
 * else and outside the years 1 to 9999 (UTC). A leap second (`23:59:60` UTC) counts as the second after it.
 */
export function parseInstant(text: string): number | undefined {
  if (!SHAPE.test(text)) return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  const hour = digits(text, 11, 2)
  const minute = digits(text, 14, 2)
  const second = digits(text, 17, 2)
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const offsetMinutes = parseOffset(text)
  if (offsetMinutes === undefined) return undefined

  const minuteMs = epochDay(year, month, day) * DAY_MS + (hour * 60 + minute - offsetMinutes) * MINUTE_MS
  if (second === 60 && (minuteMs + MINUTE_MS) % DAY_MS !== 0) return undefined
  const instantMs = minuteMs + second * 1000 + (second === 60 ? 0 : fractionMs(text))
  return instantMs < FIRST_INSTANT_MS || instantMs > LAST_INSTANT_MS ? undefined : instantMs
}

/** Days from 1970-01-01 to a day of the Gregorian calendar, negative before; year from 0, month from 1. */
export function epochDay(year: number, month: number, day: number): number {
  // A year that begins in March has its leap day at the end, and months whose lengths follow one formula.
  const marchYear = month > 2 ? year : year - 1
  const marchMonth = (month + 9) % 12
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + Math.floor((marchMonth * 153 + 2) / 5) + day - 1 - 719_468
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Minutes that local time is ahead of UTC. */
function parseOffset(text: string): number | undefined {
  const last = text.charAt(text.length - 1)
  if (last === 'Z' || last === 'z') return 0
  const at = text.length - 6
  const hours = digits(text, at + 1, 2)
  const minutes = digits(text, at + 4, 2)
  if (hours > 23 || minutes > 59) return undefined
  return (text.charAt(at) === '-' ? -1 : 1) * (hours * 60 + minutes)
}

/** The first three digits after the seconds' point, which stands at 19 where there is one. */
function fractionMs(text: string): number {
  if (text.charAt(19) !== '.') return 0
  let value = 0
  let digitMs = 100
  for (let at = 20; digitMs >= 1; at += 1) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 9)) break
    value += digit * digitMs
    digitMs /= 10
  }
  return value
}

/** The number that `count` digits at `from` make; the shape was checked before. */
function digits(text: string, from: number, count: number): number {
  let value = 0
  for (let at = from; at < from + count; at += 1) value = value * 10 + text.charCodeAt(at) - 48
  return value
}
