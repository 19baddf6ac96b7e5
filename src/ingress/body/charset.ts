/**
 * Bytes to text without losing a call record: what is not valid in its charset becomes U+FFFD and is counted.
 * Called for bodies, form values and header values.
 */
import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

/** Turns bytes, or those from `start` to `end`, into text; never throws. A byte order mark at the beginning is dropped. */
export type DecodeText = (bytes: Buffer, start?: number, end?: number) => string

const REPLACEMENT = '\u{FFFD}'
const REPLACEMENT_UTF8 = Buffer.from(REPLACEMENT)
const BYTE_ORDER_MARK = 0xfeff

/**
 * A charset as a body names it. Only those in UTF-8 can be split at JSON's structural characters and at line feeds before they are
 * decoded; others have the label that they are named by.
 */
export type Charset =
  | { readonly isUtf8: true; readonly decode: DecodeText }
  | { readonly isUtf8: false; readonly decode: DecodeText; readonly label: string }

/** The decoder for UTF-8; `onReplaced` gets the number of bad bytes. */
export function utf8Decoder(onReplaced: (count: number) => void): DecodeText {
  return (bytes, start = 0, end = bytes.length) => decodeUtf8(bytes, start, end, onReplaced)
}

/**
 * The charset of a label of the Encoding standard; empty means UTF-8. Undefined where the label is unknown.
 * `onReplaced` gets the number of bad bytes (of bad characters in charsets other than UTF-8).
 */
export function readCharset(label: string, onReplaced: (count: number) => void): Charset | undefined {
  const decoder = label === '' || label === 'utf-8' ? 'utf-8' : decoderFor(label)
  if (decoder === undefined) return undefined
  if (decoder === 'utf-8' || decoder.encoding === 'utf-8') return { isUtf8: true, decode: utf8Decoder(onReplaced) }
  const strict = new TextDecoder(label, { fatal: true })
  const decode: DecodeText = (all, start, end) => {
    const bytes = all.subarray(start, end)
    const text = decoder.decode(bytes)
    const replaced = countReplacements(text)
    if (replaced > 0 && !isValid(strict, bytes)) onReplaced(replaced)
    return text
  }
  return { isUtf8: false, decode, label }
}

/** How often U+FFFD stands in a text. */
export function countReplacements(text: string): number {
  let count = 0
  for (let at = text.indexOf(REPLACEMENT); at !== -1; at = text.indexOf(REPLACEMENT, at + 1)) count += 1
  return count
}

/** Whether `bytes` are valid to a decoder made with `fatal`; `stream`: more of them are to come. */
export function isValid(strict: TextDecoder, bytes: Buffer, stream = false): boolean {
  try {
    strict.decode(bytes, { stream })
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

function decodeUtf8(bytes: Buffer, start: number, end: number, onReplaced: (count: number) => void): string {
  const text = bytes.toString('utf8', start, end)
  // Nearly all texts are done with by this, which asks for no view of their bytes.
  if (text.includes(REPLACEMENT)) countReplaced(bytes.subarray(start, end), text, onReplaced)
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
}

function countReplaced(bytes: Buffer, text: string, onReplaced: (count: number) => void): void {
  if (isUtf8(bytes)) return
  const replacements = countReplacements(text) - countInBytes(bytes)
  onReplaced(bytes.length - (Buffer.byteLength(text) - replacements * REPLACEMENT_UTF8.length))
}

function decoderFor(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function countInBytes(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(REPLACEMENT_UTF8); at !== -1; at = bytes.indexOf(REPLACEMENT_UTF8, at + 3)) count += 1
  return count
}
