/**
 * Looks over JSON text before a parser builds anything of it: how deep it nests, how many members it has, where one of them stands,
 * and whether Node's own parser can be trusted with its names. One pass, linear in the text. Called by everything that reads JSON
 * with free names.
 */

/** What is seen of a text; of no use for one that is not JSON. */
export interface JsonSurvey {
  /** Those outside of strings: each member has one. */
  readonly colons: number
  /** See {@link hasEscapedName}. */
  readonly hasEscapedName: boolean
  /**
   * Where in the text the value of the outermost object's member that was asked for begins and ends, white space around it
   * included; both -1 where there is none.
   */
  readonly start: number
  readonly end: number
}

const SPACE = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** How much a text may hold. */
export interface JsonBounds {
  /** Levels; the outermost array or object is level 1. */
  readonly depth: number
  /**
   * Members and items of all levels together, one more for each array or object that is empty: building thousands of them holds
   * the loop for milliseconds.
   */
  readonly values: number
}

/** Stops at the first level or value beyond `bounds`. `member` is one of the outermost object; empty: none is asked for. */
export function surveyJson(text: string, bounds: JsonBounds, member: string): JsonSurvey | 'too-deep' | 'too-many' {
  let colons = 0
  let values = 0
  let depth = 0
  let isNameEscaped = false
  let nextEscape = text.indexOf('\\')
  let stringStart = 0
  let stringEnd = 0
  let start = -1
  let end = -1
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      stringStart = at
      stringEnd = closingQuote(text, at + 1)
      if (stringEnd === -1) break
      at = stringEnd
    } else if (code === COLON) {
      colons += 1
      if (depth === 1 && stringEnd - stringStart === member.length + 1 && text.startsWith(member, stringStart + 1)) {
        start = at + 1
        end = -1
      }
      if (nextEscape === -1) continue
      if (nextEscape < stringStart) nextEscape = text.indexOf('\\', stringStart)
      isNameEscaped ||= nextEscape !== -1 && nextEscape < stringEnd
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1
      values += 1
      if (depth > bounds.depth) return 'too-deep'
      if (values > bounds.values) return 'too-many'
    } else if (code === COMMA) {
      values += 1
      if (values > bounds.values) return 'too-many'
      if (depth === 1 && end < start) end = at
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1
      if (depth === 0 && end < start) end = at
    }
  }
  return { colons, hasEscapedName: isNameEscaped, start, end }
}

/**
 * Whether a name in JSON text is written with a backslash. V8 of Node.js 24 may take such a name for one that it has read before:
 * after an object with the name `\\`, `{"\""…` is read as that name (seen in 24.21), whoever sent the two.
 */
export function hasEscapedName(text: string): boolean {
  for (let from = text.indexOf('\\'); from !== -1; ) {
    // Backslashes stand in strings alone, and this is the first of its own.
    const end = closingQuote(text, from)
    if (end === -1) return false
    let next = end + 1
    while (text.charCodeAt(next) <= SPACE) next += 1
    if (text.charCodeAt(next) === COLON) return true
    from = text.indexOf('\\', next)
  }
  return false
}

/** Where the string ends of which `from` is inside, not behind a backslash; -1 where it doesn't. */
function closingQuote(text: string, from: number): number {
  let end = text.indexOf('"', from)
  while (end !== -1) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before -= 1
    if ((end - before) % 2 === 1) return end
    end = text.indexOf('"', end + 1)
  }
  return -1
}
