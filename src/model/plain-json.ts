/**
 * Reads JSON with the platform's parser where that is certain to give what was written, which it is for nearly every text: no name
 * stands twice in one object, none is written with an escape, and no integer is larger than a double can hold. Where it is not,
 * the exact one reads the text, which is some ten times slower (`exact-json.ts`). Called by everything that reads JSON of others.
 */
import { type DataValue, isDataObject } from './data.ts'
import type { JsonSurvey } from './json-survey.ts'

/** The first integer of which a double does not tell whether it is the one that was written. */
const FIRST_INEXACT = 2 ** 53

/** The value of a text that was surveyed; undefined where it is no JSON, or for the exact parser to read. */
export function parsePlainJson(text: string, { hasEscapedName, colons }: JsonSurvey): DataValue | undefined {
  if (hasEscapedName) return undefined
  const value = parsed(text)
  // Every member has its colon, so fewer members than colons are names that stood twice.
  return value !== undefined && countMembers(value) === colons ? value : undefined
}

/** Undefined where the text is not JSON. */
function parsed(text: string): DataValue | undefined {
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
