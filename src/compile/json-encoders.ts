/**
 * What a value is in each place of a JSON text (RFC 8259). Invariant: the result is one JSON value, or the inside of one
 * JSON string; nothing in a value can end it. Lone surrogates are written as escapes, so the text always survives UTF-8.
 */
import type { DataValue } from '../model/data.ts'
import { encodeText } from './encoders.ts'

/** Characters that a JSON string can't hold as they are, and surrogates, which may be lone. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259, 7: these must be escaped
const NEEDS_ESCAPE = /["\\\x00-\x1f\ud800-\udfff]/

function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`
}

/** All that stands in a string: the value as escaped text, an object or array as such, which stands without the quotes. */
export function encodeJsonWhole(value: DataValue | undefined): string {
  return typeof value === 'string' ? escapeText(value) : encodeText(value)
}

/** Within a longer string: the value as escaped text, an object or array as its compact JSON. */
export function encodeJsonPart(value: DataValue | undefined): string {
  return escapeText(encodeText(value))
}

function escapeText(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text).slice(1, -1) : text
}

/** Where no quotes stand around it: the value with its own type, `null` for what is missing or no finite number. */
export function encodeJsonBare(value: DataValue | undefined): string {
  if (typeof value === 'string') return quote(value)
  return value === undefined ? 'null' : JSON.stringify(value)
}
