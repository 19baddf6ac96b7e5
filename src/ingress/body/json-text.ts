/**
 * JSON text to data points, safe whatever the text: nesting is bounded before anything is built, a name that stands twice in
 * one object is a mistake (two readers could take different ones), `__proto__` is a name like any other, and integers that
 * a double can't hold keep their digits as strings. The platform's parser does the work; the exact one is some ten times
 * slower and reads only texts with long numbers or escapes in names, and those with a mistake, to name its place.
 * Called for every JSON body, line and batch member.
 */
import { type DataValue, isDataObject } from '../../model/data.ts'
import { parseExactJson } from '../../model/exact-json.ts'
import { type JsonBounds, type JsonSurvey, surveyJson } from '../../model/json-survey.ts'

/** What a text holds; `beyond-bounds` where it may be JSON but nests too deep or holds too much. `detail` says what is wrong in one sentence without a final stop. */
export type JsonResult =
  | {
      readonly kind: 'value'
      readonly value: DataValue
      /**
       * The text of the member that was asked for, as it stands in the text read. Absent where that member has to be written anew,
       * because its text does not mean to every parser what was read here, or because there is none.
       */
      readonly memberText?: string | undefined
    }
  /** `detail` names line, column and what was expected there. */
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'beyond-bounds'; readonly detail: string }

/** The first integer of which a double does not tell whether it is the one that was written. */
const FIRST_INEXACT = 2 ** 53

/**
 * Parses `text`, of which nothing is built where it goes beyond `bounds`. Never throws.
 *
 * @param member The name of a member of the outermost object whose text is asked for; default: none.
 */
export function parseJson(text: string, bounds: JsonBounds, member = ''): JsonResult {
  const survey = surveyJson(text, bounds, member)
  if (survey === 'too-deep') return beyond(`the JSON nests deeper than ${bounds.depth} levels`)
  if (survey === 'too-many') return beyond(`the JSON holds more than ${bounds.values} values`)
  if (!survey.hasEscapedName) {
    const value = parseFast(text)
    // Every member has its colon, so fewer members than colons are names that stood twice.
    if (value !== undefined && countMembers(value) === survey.colons) {
      return { kind: 'value', value, memberText: member === '' ? undefined : textToKeep(text, survey) }
    }
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

/** Members of all objects in `value`, whose depth is bounded; not a number where a number in it may not be what was written. */
function countMembers(value: DataValue): number {
  if (typeof value === 'number') return isExact(value) ? 0 : Number.NaN
  let count = 0
  if (Array.isArray(value)) {
    for (const each of value) count += countMembers(each)
  } else if (isDataObject(value)) {
    // Unlike a list of the members it costs no memory; what is parsed inherits none.
    for (const name in value) {
      const each = value[name]
      count += 1
      if (typeof each === 'object' || typeof each === 'number') count += countMembers(each)
    }
  }
  return count
}

/** False of integers that a double can't hold, of what is too large for one, and of -0, which is written as 0. */
function isExact(value: number): boolean {
  return Math.abs(value) < FIRST_INEXACT && !Object.is(value, -0)
}

/** A part of a text keeps all of it in memory, so that one is kept only where it is most of it. */
function textToKeep(text: string, { start, end }: JsonSurvey): string | undefined {
  if (2 * (end - start) <= text.length) return undefined
  const part = text.slice(start, end)
  // Half surrogates have no form in UTF-8, in which texts are stored, but as escapes.
  return part.isWellFormed() ? part : undefined
}
