/**
 * Characters and names of XML 1.0 (fifth edition, productions 2, 4 and 4a). Used to check pasted formats and to make element
 * names of a nested value's keys. Invariant: whatever the key, the result is a name without a colon.
 */

const NAME_START =
  ':A-Z_a-z\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF' +
  '\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}'
const NAME_MORE = '\\-.0-9\\xB7\\u0300-\\u036F\\u203F-\\u2040'

/** A name at `lastIndex`. */
const NAME = new RegExp(`[${NAME_START}][${NAME_START}${NAME_MORE}]*`, 'uy')
const NO_NAME_START = new RegExp(`^[^${NAME_START}]`, 'u')
const NO_NAME_CHARACTER = new RegExp(`[^${NAME_START}${NAME_MORE}]|:`, 'gu')

/** The name that begins at `offset`; empty where none does. */
export function xmlNameAt(text: string, offset: number): string {
  NAME.lastIndex = offset
  return NAME.exec(text)?.[0] ?? ''
}

/** What XML 1.0 can't carry: control characters but tab, line feed and carriage return, U+FFFE, U+FFFF and lone surrogates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: production 2 (Char) leaves these out
export const NO_XML_CHARACTER: RegExp = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u

/**
 * An element name for the key of a nested value. What names don't allow becomes `_`, also at the beginning (`1st` is `_st`);
 * so does a colon, since parsers that know namespaces refuse a prefix that nobody declared.
 */
export function elementName(key: string): string {
  if (key === '') return '_'
  return key.replace(NO_NAME_START, '_').replace(NO_NAME_CHARACTER, '_')
}

/** Whether XML 1.0 can carry a character, given as the code point of a reference. */
export function isXmlCodePoint(codePoint: number): boolean {
  return codePoint <= 0x10ffff && !NO_XML_CHARACTER.test(String.fromCodePoint(codePoint))
}
