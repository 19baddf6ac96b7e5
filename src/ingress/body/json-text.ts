/**
 * JSON text to data points, safe whatever the text: nesting is bounded before anything is built, a name that stands twice in
 * one object is a mistake (two readers could take different ones), `__proto__` is a name like any other, and integers that
 * a double can't hold keep their digits as strings. The platform's parser does the work; the exact one is some ten times
 * slower and reads only texts with long numbers or escapes in names, and those with a mistake, to name its place.
 * Called for every JSON body, line and batch member.
 */
import type { DataValue } from '../../model/data.ts'
import { parseExactJson } from '../../model/exact-json.ts'
import { type JsonBounds, type JsonSurvey, surveyJson } from '../../model/json-survey.ts'
import { parsePlainJson } from '../../model/plain-json.ts'

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

/**
 * Parses `text`, of which nothing is built where it goes beyond `bounds`. Never throws.
 *
 * @param member The name of a member of the outermost object whose text is asked for; default: none.
 */
export function parseJson(text: string, bounds: JsonBounds, member = ''): JsonResult {
  const survey = surveyJson(text, bounds, member)
  if (survey === 'too-deep') return beyond(`the JSON nests deeper than ${bounds.depth} levels`)
  if (survey === 'too-many') return beyond(`the JSON holds more than ${bounds.values} values`)
  const value = parsePlainJson(text, survey)
  if (value !== undefined) {
    return { kind: 'value', value, memberText: member === '' ? undefined : textToKeep(text, survey) }
  }
  const exact = parseExactJson(text, { maxDepth: bounds.depth })
  return exact.kind === 'value' ? exact : { kind: 'malformed', detail: exact.detail }
}

function beyond(detail: string): JsonResult {
  return { kind: 'beyond-bounds', detail }
}

/** A part of a text keeps all of it in memory, so that one is kept only where it is most of it. */
function textToKeep(text: string, { start, end }: JsonSurvey): string | undefined {
  if (2 * (end - start) <= text.length) return undefined
  const part = text.slice(start, end)
  // Half surrogates have no form in UTF-8, in which texts are stored, but as escapes.
  return part.isWellFormed() ? part : undefined
}
