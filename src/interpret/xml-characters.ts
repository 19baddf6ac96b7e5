/**
 * The lexical rules of XML 1.0 (fifth edition) that the reader needs: which characters may stand in a document and in a
 * name, and what a reference stands for. No document type is ever read, so the five predefined entities are all there are.
 */
import { shortened } from './excerpt.ts'

const NAME_START =
  ':A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F' +
  '\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}'

/** Source of a pattern for a name (production 5); needs the flag `u`. */
export const NAME_PATTERN: string = `[${NAME_START}][${NAME_START}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040]*`

/** Any character that XML can't carry (production 2), lone surrogates among them. */
const FORBIDDEN_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u

/** By their references. */
const PREDEFINED_ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&amp;', '&'],
  ['&quot;', '"'],
  ['&apos;', "'"],
])

// Sticky patterns, made once: each use sets where it begins, so none carries anything from one text into the next.
const NAME = new RegExp(NAME_PATTERN, 'uy')
const REFERENCE = new RegExp(`&(?:#([0-9]+)|#x([0-9A-Fa-f]+)|${NAME_PATTERN});`, 'uy')

const COLON = 0x3a
const UNDERSCORE = 0x5f
const HYPHEN = 0x2d
const FULL_STOP = 0x2e

/** Where the name ends that stands at `start`; `start` where none does. */
export function endOfName(text: string, start: number): number {
  let end = start
  let code = text.charCodeAt(end)
  if (isAsciiNameStart(code)) {
    do {
      end += 1
      code = text.charCodeAt(end)
    } while (isAsciiNameStart(code) || isAsciiNameRest(code))
  }
  // Nearly all names are ASCII; a pattern for each of thousands would hold the loop.
  if (!(code >= 0x80)) return end
  NAME.lastIndex = start
  return NAME.test(text) ? NAME.lastIndex : start
}

function isAsciiNameStart(code: number): boolean {
  // Lower and upper case differ in one bit.
  const lower = code | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || code === UNDERSCORE || code === COLON
}

function isAsciiNameRest(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === HYPHEN || code === FULL_STOP
}

/** Where the first character stands that XML can't carry; -1 where there is none. */
export function indexOfForbiddenCharacter(text: string): number {
  return FORBIDDEN_CHARACTER.exec(text)?.index ?? -1
}

/** Text with its references resolved, once, or what is wrong with the first bad one. */
export type ResolvedText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'invalid'; readonly detail: string }

/** Resolves `&amp;`, `&#65;` and the like; a reference that XML does not know makes the text invalid. */
export function resolveReferences(text: string): ResolvedText {
  if (!text.includes('&')) return { kind: 'text', text }
  const pieces: string[] = []
  let from = 0
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', from)) {
    const source = text.slice(at, text.indexOf(';', at) + 1)
    const character = PREDEFINED_ENTITIES.get(source) ?? characterOf(text, at)
    if (typeof character === 'object') return character
    pieces.push(text.slice(from, at), character)
    from = at + source.length
  }
  pieces.push(text.slice(from))
  return { kind: 'text', text: pieces.join('') }
}

/** The character of the numeric reference at `at`, or what is wrong with it. */
function characterOf(text: string, at: number): string | Extract<ResolvedText, { kind: 'invalid' }> {
  REFERENCE.lastIndex = at
  const match = REFERENCE.exec(text)
  if (match === null) return { kind: 'invalid', detail: 'an & that begins no entity must be written &amp;' }
  const [source, decimal, hexadecimal] = match
  const digits = decimal ?? hexadecimal
  const codePoint = digits === undefined ? undefined : Number.parseInt(digits, decimal === undefined ? 16 : 10)
  const character = codePoint === undefined || codePoint > 0x10ffff ? undefined : String.fromCodePoint(codePoint)
  const isKnown = character !== undefined && indexOfForbiddenCharacter(character) === -1
  return isKnown ? character : { kind: 'invalid', detail: `XML does not know ${shortened(source)}` }
}
