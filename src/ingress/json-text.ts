/**
 * JSON text to data points, safe whatever the text: nesting is bounded, `__proto__` is a name like any other, and integers
 * that a double can't hold keep their digits as strings. The platform's parser does the work; the exact one is some ten
 * times slower and reads only texts with long numbers, and those with a mistake, to name its place.
 * Called for every JSON body, line and batch member.
 */
import { type DataValue, isNested } from '../model/data.ts'
import { parseExactJson } from '../model/exact-json.ts'

/** What a text holds; `detail` says what is wrong in one sentence without a final stop. */
export type JsonResult =
  | { readonly kind: 'value'; readonly value: DataValue }
  /** `detail` names line, column and what was expected there. */
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'too-deep'; readonly detail: string }

/** A number that may be more than a double holds: 16 digits or more, or a three-digit exponent, outside of a string. */
const LONG_NUMBER = /(?:^|[[:,\s])-?(?:\d{16}|[\d.]+[eE]\+?\d{3})/

/** Parses `text`; values nest at most `depthLimit` levels, the outermost array or object being the first. Never throws. */
export function parseJson(text: string, depthLimit: number): JsonResult {
  const value = parseFast(text)
  if (value !== undefined && isDeeper(value, depthLimit)) {
    return { kind: 'too-deep', detail: `the JSON nests deeper than ${depthLimit} levels` }
  }
  if (value !== undefined && !LONG_NUMBER.test(text)) return { kind: 'value', value }
  const exact = parseExactJson(text, { maxDepth: depthLimit })
  return exact.kind === 'value' ? exact : { kind: 'malformed', detail: exact.detail }
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

function isDeeper(value: DataValue, levels: number): boolean {
  if (!isNested(value)) return false
  if (levels === 0) return true
  const members: readonly DataValue[] = Array.isArray(value) ? value : Object.values(value)
  return members.some((member) => isDeeper(member, levels - 1))
}
