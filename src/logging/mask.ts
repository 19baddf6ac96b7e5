/**
 * What must not stand in a log whoever it is about, taken out of texts: user info and query of URLs, and all but the last two
 * digits of telephone numbers. Invariant: masking never throws, and what is masked once stays as it is.
 * Used by the log and for every message about a configuration.
 */

/** What stands for something that was taken out. */
export const MASKED = '[masked]'

/** Schemes have few characters: without a bound a long word would be walked again from each of its letters. */
const USER_INFO = /([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"'<>@]*(?:@[^\s/?#"'<>@]*)*@/gi

/** A query, with its URL or a path before it or alone: a question mark and at least one `name=value` right behind it. */
const QUERY = /\?[^\s"'<>?=]*=[^\s"'<>#]*/g

/** Digits with the signs that people write between them; what they are is decided by {@link maskNumber}. */
const NUMBER = /(?<![\w.%:/#-])\+?\(?\d(?:[ ().-]{0,2}\d){6,17}(?![\w:%]|[.-]\d)/g

/** Takes user info and query out of every URL in `text`. */
export function maskUrls(text: string): string {
  return text.replace(USER_INFO, `$1${MASKED}@`).replace(QUERY, `?${MASKED}`)
}

/** Takes telephone numbers out of `text` but for their last two digits. */
export function maskNumbers(text: string): string {
  return text.replace(NUMBER, maskNumber)
}

/** E.164 has up to 15 digits, and no number that is dialled from outside has fewer than 7. */
function maskNumber(text: string): string {
  const digits = text.replaceAll(/\D/g, '')
  if (digits.length < 7 || digits.length > 15) return text
  return isDate(text) || isAddress(text) ? text : `***${digits.slice(-2)}`
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d(?: \d\d)?$/.test(text)
}

function isAddress(text: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)
}
