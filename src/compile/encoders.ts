/**
 * What a value is in texts, URLs, forms and headers: one small pure function a context (JSON and XML have their own files).
 * Invariant: whatever the value, lone surrogates and control characters included, an encoder returns text that cannot end
 * the place it stands in, and does not throw. Called by the renderer, and while compiling for static names and texts.
 */
import type { DataValue } from '../model/data.ts'

/** Plain text: nothing for what is missing or null, nested values as compact JSON. */
export function encodeText(value: DataValue | undefined): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** RFC 3986, 2.3: characters that need no escape anywhere in a URL. */
const UNRESERVED = /^[A-Za-z0-9._~-]*$/

/** A path segment, or a name or value in a query: all but RFC 3986's unreserved characters and `!'()*` as UTF-8 escapes. */
export function encodePercent(value: DataValue | undefined): string {
  const text = encodeText(value)
  return UNRESERVED.test(text) ? text : encodeURIComponent(text.toWellFormed())
}

/** URL Standard, "application/x-www-form-urlencoded percent-encode set": the characters outside of it. */
const FORM_SAFE = /^[A-Za-z0-9*._-]*$/
/** What `encodeURIComponent` leaves alone but a form does not. */
const FORM_ONLY = /[!'()~]/

/** A name or value in a form body, exactly as `URLSearchParams` writes it: a space is `+`. */
export function encodeForm(value: DataValue | undefined): string {
  const text = encodeText(value)
  if (FORM_SAFE.test(text)) return text
  const encoded = encodeURIComponent(text.toWellFormed()).replaceAll('%20', '+')
  return FORM_ONLY.test(encoded) ? encoded.replace(FORM_ONLY_ALL, escapeOf) : encoded
}

const FORM_ONLY_ALL = new RegExp(FORM_ONLY, 'g')

function escapeOf(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/**
 * A piece of a header's value: control characters (RFC 9110, 5.5: CR, LF and NUL are dangerous, the others invalid) become
 * spaces, the rest UTF-8 bytes, each as one Latin-1 character.
 */
export function encodeHeader(value: DataValue | undefined): string {
  const text = encodeText(value)
  return HEADER_SAFE.test(text) ? text : utf8AsLatin1(text.replace(CONTROL, ' '))
}

const HEADER_SAFE = /^[\x20-\x7e]*$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a header
const CONTROL = /[\x00-\x1f\x7f]/g

/** The UTF-8 bytes of `text`, each as one Latin-1 character; lone surrogates as U+FFFD. */
export function utf8AsLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
