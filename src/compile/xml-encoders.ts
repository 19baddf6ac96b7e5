/**
 * What a value is in each place of an XML document (XML 1.0). Invariant: nothing in a value can end the place it stands in or
 * begin markup; the characters that XML can't carry are dropped, all others come back from a parser as they were.
 */
import type { DataValue } from '../model/data.ts'
import { encodeText } from './encoders.ts'
import { elementName, NO_XML_CHARACTER } from './xml-names.ts'

/** Markup, line ends that a parser would change, what XML can't carry; surrogates are looked at one by one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 can't carry them
const NOT_PLAIN = /[<>&"'\x00-\x1f\ufffe\uffff\ud800-\udfff]/
const NOT_XML = new RegExp(NO_XML_CHARACTER, 'gu')

/** In an element: text, or the elements that {@link elementsOf} makes of a nested value. */
export function encodeXmlText(value: DataValue | undefined): string {
  return typeof value === 'object' && value !== null ? elementsOf(value) : escapeText(encodeText(value))
}

function escapeText(text: string): string {
  // A literal carriage return would reach the reader as a line feed (XML 1.0, 2.11).
  return NOT_PLAIN.test(text) ? text.replace(NOT_XML, '').replace(/[<>&\r]/g, reference) : text
}

/** In an attribute, whichever quotes stand around it; nested values as compact JSON. */
export function encodeXmlAttribute(value: DataValue | undefined): string {
  const text = encodeText(value)
  // A literal tab or line feed would reach the reader as a space (XML 1.0, 3.3.3).
  return NOT_PLAIN.test(text) ? text.replace(NOT_XML, '').replace(/[<>&"'\t\n\r]/g, reference) : text
}

function reference(character: string): string {
  switch (character) {
    case '<':
      return '&lt;'
    case '>':
      return '&gt;'
    case '&':
      return '&amp;'
    case '"':
      return '&quot;'
    default:
      return `&#${character.charCodeAt(0)};`
  }
}

/** Ends a CDATA section and begins the next. */
const SPLIT = ']]><![CDATA['

/** In a CDATA section whose neighbouring text is neither `]` nor `>`; nested values as compact JSON. */
export function encodeXmlCdata(value: DataValue | undefined): string {
  const text = encodeText(value)
  if (!NOT_PLAIN.test(text)) return text
  // No reference is read within CDATA: a carriage return stands between two sections.
  return text.replace(NOT_XML, '').replaceAll(']]>', `]]${SPLIT}>`).replaceAll('\r', ']]>&#13;<![CDATA[')
}

/** In a CDATA section beside `]`, `>` or another token: what could become `]]>` together with them stands in a section of its own. */
export function encodeXmlCdataBeside(value: DataValue | undefined): string {
  const text = encodeXmlCdata(value)
  // Even nothing must keep apart what stands on both sides of it.
  if (text === '') return SPLIT
  const head = text.startsWith(']') || text.startsWith('>') ? SPLIT : ''
  return head + text + (text.endsWith(']') ? SPLIT : '')
}

/** A nested value: an element a key, `<item>` for each member of an array. */
function elementsOf(value: DataValue): string {
  if (typeof value !== 'object' || value === null) return escapeText(encodeText(value))
  let text = ''
  if (Array.isArray(value)) {
    for (const member of value) text += `<item>${elementsOf(member)}</item>`
    return text
  }
  for (const [key, member] of Object.entries(value)) {
    const name = elementName(key)
    text += `<${name}>${elementsOf(member)}</${name}>`
  }
  return text
}
