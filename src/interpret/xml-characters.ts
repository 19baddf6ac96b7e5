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

const PREDEFINED_ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

/** Where the first character stands that XML can't carry; -1 where there is none. */
export function indexOfForbiddenCharacter(text: string): number {
  return FORBIDDEN_CHARACTER.exec(text)?.index ?? -1
}

/** Text with its references resolved, once, or what is wrong with the first bad one. */
export type ResolvedText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'invalid'; readonly detail: string }

// Sticky, and made once: thousands of attributes with a reference each would otherwise compile it thousands of times.
const REFERENCE = new RegExp(`&(?:#([0-9]+)|#x([0-9A-Fa-f]+)|(${NAME_PATTERN}));`, 'uy')

/** Resolves `&amp;`, `&#65;` and the like; a reference that XML does not know makes the text invalid. */
export function resolveReferences(text: string): ResolvedText {
  if (!text.includes('&')) return { kind: 'text', text }
  const pieces: string[] = []
  let from = 0
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', from)) {
    REFERENCE.lastIndex = at
    const match = REFERENCE.exec(text)
    if (match === null) return { kind: 'invalid', detail: 'an & that begins no entity must be written &amp;' }
    const [source, decimal, hexadecimal, name = ''] = match
    const digits = decimal ?? hexadecimal
    const character =
      digits === undefined
        ? PREDEFINED_ENTITIES.get(name)
        : characterOf(Number.parseInt(digits, decimal === undefined ? 16 : 10))
    if (character === undefined) return { kind: 'invalid', detail: `XML does not know ${shortened(source)}` }
    pieces.push(text.slice(from, at), character)
    from = at + source.length
  }
  pieces.push(text.slice(from))
  return { kind: 'text', text: pieces.join('') }
}

function characterOf(codePoint: number): string | undefined {
  if (codePoint > 0x10ffff) return undefined
  const character = String.fromCodePoint(codePoint)
  return indexOfForbiddenCharacter(character) === -1 ? character : undefined
}
