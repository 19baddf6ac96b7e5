/**
 * The field `Retry-After` of a customer's answer (RFC 9110, section 10.2.3): seconds, or a date in one of three formats.
 * It is a stranger's text: whatever it holds, the result is a wait of 0 to 24 h or nothing at all.
 * Called by the engine where it settles a failed attempt.
 */

/** `Retry-After` is honoured up to this wait; a longer one is cut to it: 24 h (contract, section 6). */
export const RETRY_AFTER_LIMIT_MS = 86_400_000

const MONTHS: readonly string[] = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

const SHORT_DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const LONG_DAY = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)'
const MONTH = `(?<month>${MONTHS.join('|')})`
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)'

/** The formats of an HTTP-date (RFC 9110, section 5.6.7): IMF-fixdate, then the obsolete ones of RFC 850 and of asctime. */
const DATE_FORMATS: readonly RegExp[] = [
  new RegExp(`^${SHORT_DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^${SHORT_DAY} ${MONTH} (?<day>\\d\\d| \\d) ${TIME} (?<year>\\d{4})$`),
]

/**
 * The wait that a server asks for, in milliseconds from `nowMs`: 0 to {@link RETRY_AFTER_LIMIT_MS}. `undefined` where the
 * field is empty, negative, malformed, or a date that has passed (clocks differ; the schedule knows better than "at once").
 *
 * @param field the field's value as it came
 * @param nowMs milliseconds since the epoch
 */
export function parseRetryAfterMs(field: string, nowMs: number): number | undefined {
  // Nearly every answer: none of the formats has to be tried.
  if (field === '') return undefined
  const text = field.trim()
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, RETRY_AFTER_LIMIT_MS)
  const dateMs = parseHttpDateMs(text, nowMs)
  if (dateMs === undefined || dateMs < nowMs) return undefined
  return Math.min(dateMs - nowMs, RETRY_AFTER_LIMIT_MS)
}

/**
 * An HTTP-date as milliseconds since the epoch; `undefined` where it is none, or names a day or time that does not exist.
 * `nowMs` settles the century of a two-digit year.
 */
function parseHttpDateMs(text: string, nowMs: number): number | undefined {
  for (const format of DATE_FORMATS) {
    const parts = format.exec(text)?.groups
    if (parts === undefined) continue
    const { day = '', month = '', year = '', hour = '', minute = '', second = '' } = parts
    const dayOfYear = { month: MONTHS.indexOf(month), day: Number(day) }
    const time = { hour: Number(hour), minute: Number(minute), second: Number(second) }
    const toMs = (fullYear: number) => existingTimeMs({ year: fullYear, ...dayOfYear, ...time })
    return year.length === 2 ? nearestCentury(Number(year), toMs, nowMs) : toMs(Number(year))
  }
  return undefined
}

/** A moment in Coordinated Universal Time; `month` from 0. */
interface CivilTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** Milliseconds since the epoch; `undefined` for 30 February or 24:00:00. A leap second (60) is the next minute's first. */
function existingTimeMs({ year, month, day, hour, minute, second }: CivilTime): number | undefined {
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(0)
  // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month, day)
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined
  return date.setUTCHours(hour, minute, second)
}

/**
 * A two-digit year belongs to the current century, or to the one before where that would be more than 50 years ahead
 * (RFC 9110, section 5.6.7); to the next one where it would otherwise lie 50 years or more back.
 */
function nearestCentury(
  yearOfCentury: number,
  toMs: (fullYear: number) => number | undefined,
  nowMs: number,
): number | undefined {
  const now = new Date(nowMs)
  const century = now.getUTCFullYear() - (now.getUTCFullYear() % 100)
  const latestMs = new Date(nowMs).setUTCFullYear(now.getUTCFullYear() + 50)
  for (const firstYear of [century + 100, century, century - 100]) {
    const timeMs = toMs(firstYear + yearOfCentury)
    if (timeMs !== undefined && timeMs <= latestMs) return timeMs
  }
  return undefined
}
