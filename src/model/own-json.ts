/**
 * Reads JSON text that this program itself wrote with `JSON.stringify` - an event's data points on their way to a thread or back
 * from the store - and gives just what was written. Its names are whatever callers sent, so that Node's parser can't be trusted
 * with all of them (see `json-survey.ts`); the exact one, some ten times slower, reads the few texts with such names.
 */
import type { DataValue } from './data.ts'
import { parseExactJson } from './exact-json.ts'
import { type JsonBounds, surveyJson } from './json-survey.ts'

/** What was taken in was within bounds then. */
const UNBOUNDED: JsonBounds = { depth: Number.POSITIVE_INFINITY, values: Number.POSITIVE_INFINITY }

/** Throws a `SyntaxError` where the text is no JSON: it is not ours then. */
export function parseOwnJson(text: string): DataValue {
  if (!text.includes('\\')) return JSON.parse(text)
  const survey = surveyJson(text, UNBOUNDED)
  if (typeof survey !== 'string' && !survey.hasEscapedName) return JSON.parse(text)
  const exact = parseExactJson(text, { maxDepth: Number.POSITIVE_INFINITY, numbers: 'double' })
  if (exact.kind === 'invalid') throw new SyntaxError(exact.detail)
  return exact.value
}
