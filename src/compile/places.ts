/**
 * Where something stands in a text that a person wrote: offsets become line and column, faults become issues.
 * Invariant: a fault always points at the first character of what is wrong. Used by every scanner of this part.
 */
import type { TemplateIssue } from '../model/request-spec.ts'

/** Something wrong at `offset` (from 0, in UTF-16 units) of a text; `message` as in {@link TemplateIssue}. */
export interface Fault {
  readonly offset: number
  readonly message: string
}

/**
 * The faults of one part as issues, in the order in which they stand in its text, with line and column, both from 1; a line
 * ends with `\n`, `\r\n` or `\r`, a column is a UTF-16 unit. The text is walked once for all of them.
 */
export function issuesOf(part: string, text: string, faults: readonly Fault[]): readonly TemplateIssue[] {
  let line = 1
  let lineStart = 0
  let at = 0
  return faults
    .toSorted((left, right) => left.offset - right.offset)
    .map(({ offset, message }) => {
      for (; at < offset; at++) {
        const unit = text.charCodeAt(at)
        const endsLine = unit === 0x0a || (unit === 0x0d && text.charCodeAt(at + 1) !== 0x0a)
        if (endsLine) {
          line++
          lineStart = at + 1
        }
      }
      return { part, line, column: offset - lineStart + 1, message }
    })
}

/** How a message shows the character at `offset`: quoted, as `U+XXXX` where it can't be seen, or `end of the text`. */
export function showCharacter(text: string, offset: number): string {
  const codePoint = text.codePointAt(offset)
  if (codePoint === undefined) return 'end of the text'
  const character = String.fromCodePoint(codePoint)
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)) return character === '"' ? `'"'` : `"${character}"`
  if (character === ' ') return 'a space'
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
}
