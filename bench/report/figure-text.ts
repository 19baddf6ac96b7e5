/**
 * Figures as people read them: three significant digits, the median with the least and the most of all rounds.
 */
import type { Series } from '../measuring/result.ts'
import { spreadOf } from '../measuring/spread.ts'

/** Three significant digits, thousands apart. */
export function figureText(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toPrecision(3)
}

/** `17.8 µs (16.9 to 19.2)`; of a single value without its spread. */
export function seriesText({ unit, values }: Series): string {
  const { median, least, most } = spreadOf(values)
  const text = unit === '' ? figureText(median) : `${figureText(median)} ${unit}`
  return values.length === 1 ? text : `${text} (${figureText(least)} to ${figureText(most)})`
}
