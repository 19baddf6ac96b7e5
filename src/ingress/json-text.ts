/**
 * JSON text to data points, safe whatever the text: nesting is bounded before anything is built, a name that stands twice in
 * one object is a mistake (two readers could take different ones), `__proto__` is a name like any other, and integers that
 * a double can't hold keep their digits as strings. The platform's parser does the work; the exact one is some ten times
 * slower and reads only texts with long numbers or escapes in names, and those with a mistake, to name its place.
 * Called for every JSON body, line and batch member.
 */
import { type DataValue, isNested } from '../model/data.ts'
import { parseExactJson } from '../model/exact-json.ts'
import { type JsonBounds, surveyJson } from '../model/json-survey.ts'

/** What a text holds; `beyond-bounds` where it may be JSON but nests too deep or holds too much. `detail` says what is wrong in one sentence without a final stop. */
export type JsonResult =
  | { readonly kind: 'value'; readonly value: DataValue }
  /** `detail` names line, column and what was expected there. */
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'beyond-bounds'; readonly detail: string }

/** A number that may be more than a double holds: 16 digits or more, or a three-digit exponent, outside of a string. */
const LONG_NUMBER = /(?:^|[[:,\s])-?(?:\d{16}|[\d.]+[eE]\+?\d{3})/

/** Parses `text`, of which nothing is built where it goes beyond `bounds`. Never throws. */
export function parseJson(text: string, bounds: JsonBounds): JsonResult {
  const survey = surveyJson(text, bounds)
  if (survey === 'too-deep') return beyond(`the JSON nests deeper than ${bounds.depth} levels`)
  if (survey === 'too-many') return beyond(`the JSON holds more than ${bounds.values} values`)
  const { colons, hasEscapedName } = survey
  if (!hasEscapedName && !LONG_NUMBER.test(text)) {
    const value = parseFast(text)
    // Every member has its colon, so fewer members than colons are names that stood twice.
    if (value !== undefined && countMembers(value) === colons) return { kind: 'value', value }
  }
  const exact = parseExactJson(text, { maxDepth: bounds.depth })
  return exact.kind === 'value' ? exact : { kind: 'malformed', detail: exact.detail }
}

function beyond(detail: string): JsonResult {
  return { kind: 'beyond-bounds', detail }
}

/** Undefined where the text is not JSON. */
function parseFast(text: string): DataValue | undefined {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Members of all objects in `value`, whose depth is bounded. */
function countMembers(value: DataValue): number {
  if (!isNested(value)) return 0
  const values: readonly DataValue[] = Array.isArray(value) ? value : Object.values(value)
  let count = Array.isArray(value) ? 0 : values.length
  for (const member of values) {
    if (isNested(member)) count += countMembers(member)
  }
  return count
}
