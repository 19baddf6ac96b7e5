/**
 * JSON text to data points, safe whatever the text: nesting is bounded before anything is built, a name that stands twice in
 * one object is a mistake (two readers could take different ones), `__proto__` is a name like any other, and integers that
 * a double can't hold keep their digits as strings. The platform's parser does the work; the exact one is some ten times
 * slower and reads only texts with long numbers or escapes in names, and those with a mistake, to name its place.
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

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Parses `text`; values nest at most `depthLimit` levels, the outermost array or object being the first. Never throws. */
export function parseJson(text: string, depthLimit: number): JsonResult {
  const survey = surveyOf(text, depthLimit)
  if (survey === 'too-deep') return { kind: 'too-deep', detail: `the JSON nests deeper than ${depthLimit} levels` }
  const { colons, hasEscapedName } = survey
  if (!hasEscapedName && !LONG_NUMBER.test(text)) {
    const value = parseFast(text)
    // Every member has its colon, so fewer members than colons are names that stood twice.
    if (value !== undefined && countMembers(value) === colons) return { kind: 'value', value }
  }
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

/** What is seen of a text without building anything; of no use for one that is not JSON. */
interface Survey {
  /** Those outside of strings. */
  readonly colons: number
  /**
   * Whether a name is written with a backslash. V8 of Node.js 24 may take such a name for one that it has read before: after
   * an object with the name `\\`, `{"\""…` is read as that name (seen in 24.21), whoever sent the two.
   */
  readonly hasEscapedName: boolean
}

/** Stops at the first level too many. */
function surveyOf(text: string, depthLimit: number): Survey | 'too-deep' {
  let colons = 0
  let depth = 0
  let hasEscapedName = false
  let nextEscape = text.indexOf('\\')
  let stringStart = 0
  let stringEnd = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      stringStart = at
      stringEnd = closingQuote(text, at)
      if (stringEnd === -1) break
      at = stringEnd
    } else if (code === COLON) {
      colons += 1
      if (nextEscape === -1) continue
      if (nextEscape < stringStart) nextEscape = text.indexOf('\\', stringStart)
      hasEscapedName ||= nextEscape !== -1 && nextEscape < stringEnd
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1
      if (depth > depthLimit) return 'too-deep'
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1
    }
  }
  return { colons, hasEscapedName }
}

/** Where the string that opens at `start` ends; -1 where it doesn't. */
function closingQuote(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before -= 1
    if ((end - before) % 2 === 1) return end
    end = text.indexOf('"', end + 1)
  }
  return -1
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
