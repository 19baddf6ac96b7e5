/**
 * Reads JSON text that this program itself wrote with `JSON.stringify`, or took over from a sender because it means the same - an
 * event's data points on their way to a thread or back from the store - and gives just what was written. Its names are whatever
 * callers sent, so that Node's parser can't be trusted with all of them (see `json-survey.ts`); the exact one, some ten times
 * slower, reads the few texts with such names.
 */
import type { DataValue } from './data.ts'
import { parseExactJson } from './exact-json.ts'
import { hasEscapedName } from './json-survey.ts'

/** Throws a `SyntaxError` where the text is no JSON: it is not ours then. */
export function parseOwnJson(text: string): DataValue {
  if (!hasEscapedName(text)) return JSON.parse(text)
  const exact = parseExactJson(text, { maxDepth: Number.POSITIVE_INFINITY, numbers: 'double' })
  if (exact.kind === 'invalid') throw new SyntaxError(exact.detail)
  return exact.value
}
