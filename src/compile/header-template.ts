/**
 * Header fields of a request. Invariant: names are RFC 9110 tokens, values hold no control character, so that no value can
 * end its field; text beyond ASCII goes out as UTF-8, a byte a character. Called by `compile-request.ts`.
 */
import type { DataSource } from '../model/data.ts'
import type { HeaderSpec, TemplateIssue } from '../model/request-spec.ts'
import { encodeHeader, utf8AsLatin1 } from './encoders.ts'
import { type Fault, issuesOf, showCharacter } from './places.ts'
import { compileSegments, renderSegments, type Segments } from './segments.ts'
import { findLookalikes, findTokens, piecesOf, type TokenRules, tokenFaults } from './tokens.ts'

/** Header fields ready to be rendered; those without a token are rendered already. */
export interface CompiledHeaders {
  /** Name, value, name, value …; the values of `slots` are still empty. */
  readonly fields: readonly string[]
  /** Which members of `fields` are filled in for each call. */
  readonly slots: readonly { readonly index: number; readonly value: Segments }[]
}

/** Compiled fields with what is wrong with them; with issues they are not to be rendered. */
export interface HeadersResult {
  readonly headers: CompiledHeaders
  readonly issues: readonly TemplateIssue[]
}

/** Compiles the fields in their order. */
export function compileHeaders(specs: readonly HeaderSpec[], known: TokenRules['known']): HeadersResult {
  const rules: TokenRules = { known, hasEscapes: false }
  const fields: string[] = []
  const slots: { index: number; value: Segments }[] = []
  for (const { name, value } of specs) {
    const segments = compileSegments(piecesOf(value.text, findTokens(value, rules), utf8AsLatin1, encodeHeader))
    fields.push(name.toLowerCase(), segments.slots.length === 0 ? trimmed(segments.tail) : '')
    if (segments.slots.length > 0) slots.push({ index: fields.length - 1, value: segments })
  }
  return { headers: { fields, slots }, issues: specs.flatMap((spec) => headerIssues(spec, rules)) }
}

/** The fields for one call; the same array every time where none has a token. */
export function renderHeaders(headers: CompiledHeaders, source: DataSource): readonly string[] {
  if (headers.slots.length === 0) return headers.fields
  const fields = headers.fields.slice()
  for (const slot of headers.slots) fields[slot.index] = trimmed(renderSegments(slot.value, source))
  return fields
}

/** RFC 9110, 5.6.2. */
const NO_TOKEN_CHARACTER = /[^!#$%&'*+.^_`|~0-9A-Za-z-]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 9110, 5.5: all of these but the tab are invalid in a value
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/g

function headerIssues({ name, value }: HeaderSpec, rules: TokenRules): readonly TemplateIssue[] {
  const part = `headers.${name}`
  const bad = name.search(NO_TOKEN_CHARACTER)
  const issues: TemplateIssue[] = []
  if (name === '' || bad >= 0) {
    const what = name === '' ? 'is empty' : `has ${showCharacter(name, bad)}`
    const message = `the name of a header ${what}: letters, digits and !#$%&'*+-.^_\`|~ may stand in it`
    issues.push({ part, line: 1, column: Math.max(bad, 0) + 1, message })
  }
  const { text } = value
  const faults: Fault[] = [...tokenFaults(findTokens(value, rules))]
  for (const { index } of text.matchAll(CONTROL)) {
    faults.push({
      offset: index,
      message: `${showCharacter(text, index)} can't be sent in a header: write it on one line`,
    })
  }
  if (value.syntax === 'none') {
    for (const token of findLookalikes(text, rules)) {
      const message = `${text.slice(token.start, token.end)} is not filled in here: this header's value is sent as it is`
      faults.push({ offset: token.start, message })
    }
  }
  return [...issues, ...issuesOf(part, text, faults)]
}

/**
 * Without blanks and tabs around (RFC 9110, 5.5). Not `trim()`: U+00A0 is one half of a UTF-8 character here. Not a pattern:
 * one for the end would look at every blank of a long value again and again.
 */
function trimmed(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start++
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--
  return value.slice(start, end)
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09
}
