/**
 * Bytes of an answer become text, exactly or not at all: a byte that its charset does not know makes the answer invalid, for
 * a caller must not hear, and a switch not dial, what nobody wrote.
 * The charset is that of the byte order mark, else of `content-type`, else of the document itself, else UTF-8.
 */
import { TextDecoder } from 'node:util'
import type { Answer } from '../model/answer.ts'
import { parseContentType } from './content-type.ts'
import { quoted } from './excerpt.ts'

/** The text without its byte order mark, or why the bytes are none. */
export type DecodedText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'invalid'; readonly detail: string }

/** Where a document may name its charset itself: an XML declaration, that or a `meta` element of HTML, nowhere. */
export type Markup = 'xml' | 'html' | 'none'

const BYTE_ORDER_MARKS = [
  { charset: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { charset: 'utf-16be', bytes: [0xfe, 0xff] },
  { charset: 'utf-16le', bytes: [0xff, 0xfe] },
] as const

/** Begins like UTF-16, and would be read as such with a NUL behind every character; the other byte order is invalid UTF-8. */
const UTF_32LE_MARK: readonly number[] = [0xff, 0xfe, 0, 0]

/** For nearly every answer; has no state from one text to the next. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true })

/** Bytes in which a document must have named its charset (HTML standard, "prescan a byte stream": 1024). */
const DECLARATION_BYTES = 1024

/** Decodes the body of `answer`; `markup` tells whether its first bytes may name a charset. Never throws. */
export function decodeText(answer: Answer, markup: Markup): DecodedText {
  const { body, contentType } = answer
  if (UTF_32LE_MARK.every((byte, index) => body[index] === byte)) {
    return { kind: 'invalid', detail: 'the body is UTF-32, which is not read' }
  }
  const charset =
    byteOrderMark(body) ?? (parseContentType(contentType).charset || declaredCharset(body, markup) || 'utf-8')
  const decoder = decoderOf(charset)
  if (decoder === undefined) return { kind: 'invalid', detail: `the charset ${quoted(charset)} is not known` }
  try {
    return { kind: 'text', text: decoder.decode(body) }
  } catch {
    // A fatal decoder throws for one reason only: bytes that its charset has no character for.
    return { kind: 'invalid', detail: `the body is not valid ${decoder.encoding}` }
  }
}

function byteOrderMark(body: Uint8Array): string | undefined {
  return BYTE_ORDER_MARKS.find((mark) => mark.bytes.every((byte, index) => body[index] === byte))?.charset
}

function declaredCharset(body: Uint8Array, markup: Markup): string {
  if (markup === 'none') return ''
  const head = Buffer.from(body.subarray(0, DECLARATION_BYTES)).toString('latin1')
  const declared =
    /^<\?xml\s[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1] ??
    (markup === 'html' ? /<meta\s[^>]*charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(head)?.[1] : undefined) ??
    ''
  // Bytes in which a declaration can be read are not UTF-16, whatever it says (.NET's string writers say so by default).
  return /^utf-?16/i.test(declared) ? '' : declared
}

/** A decoder that refuses invalid bytes; `undefined` where the charset has none. */
function decoderOf(charset: string): TextDecoder | undefined {
  if (charset === 'utf-8') return UTF_8
  try {
    return new TextDecoder(charset, { fatal: true })
  } catch {
    return undefined
  }
}
