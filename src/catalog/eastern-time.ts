/**
 * US Eastern time, in which DialogTech's documents give every date ("in Eastern time").
 * Own arithmetic: it stands on the way of every post-call delivery, and a test compares it with ICU's America/New_York.
 * Rules: since 2007 (Energy Policy Act of 2005) from the second Sunday of March to the first of November; before, since 1987,
 * from the first Sunday of April to the last of October. Clocks change at 2:00 local time.
 */
import { epochDay } from './instant.ts'
import { clockText, dayText } from './time-text.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const STANDARD_OFFSET_MS = -5 * HOUR_MS
const DAYLIGHT_OFFSET_MS = -4 * HOUR_MS

/** 2:00 standard time, in UTC. */
const START_OF_DAY_MS = 7 * HOUR_MS
/** 2:00 daylight saving time, in UTC. */
const END_OF_DAY_MS = 6 * HOUR_MS

/**
 * `YYYY-MM-DD HH:MM:SS` in US Eastern time, milliseconds cut off.
 * @param instantMs Milliseconds since the epoch, as `parseInstant` gives them (years 1 to 9999). Years before 1987 follow its rule.
 */
export function easternTime(instantMs: number): string {
  const offsetMs = isDaylightSaving(instantMs) ? DAYLIGHT_OFFSET_MS : STANDARD_OFFSET_MS
  const local = new Date(instantMs + offsetMs)
  return `${dayText(local)} ${clockText(local)}`
}

function isDaylightSaving(instantMs: number): boolean {
  const year = new Date(instantMs).getUTCFullYear()
  const sinceLaw2007 = year >= 2007
  const startDay = sinceLaw2007 ? sundayFrom(year, 3, 8) : sundayFrom(year, 4, 1)
  const endDay = sinceLaw2007 ? sundayFrom(year, 11, 1) : sundayFrom(year, 10, 25)
  return instantMs >= startDay * DAY_MS + START_OF_DAY_MS && instantMs < endDay * DAY_MS + END_OF_DAY_MS
}

/** The first Sunday on or after a day, in days since the epoch (which was a Thursday). */
function sundayFrom(year: number, month: number, day: number): number {
  const from = epochDay(year, month, day)
  const daysSinceSunday = (((from + 4) % 7) + 7) % 7
  return from + ((7 - daysSinceSunday) % 7)
}
