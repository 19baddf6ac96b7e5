/**
 * Finds where the events of a batch begin and end, before any of them is parsed: lines of NDJSON, members of a JSON array.
 * A batch whose outer structure is broken is thus refused before anything of it is accepted, and each event is parsed
 * alone, in slices. The splitters are generators that pause every {@link SLICE_BYTES}; the caller lets the loop turn there.
 */

/** Where one event stands in the body. */
export interface Piece {
  readonly start: number
  readonly end: number
  /** From 1: the number of its line in the body, or of the member in the array. */
  readonly number: number
}

/** The pieces of a body, or why it can't be split. */
export type SplitResult =
  | { readonly kind: 'pieces'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'too-many'; readonly limit: number }
  | { readonly kind: 'malformed'; readonly detail: string }

/** Splits a body, pausing in between. */
export type Splitter = Generator<undefined, SplitResult>

/** Bytes looked at between two pauses: about half a millisecond. */
const SLICE_BYTES = 131_072

const LINE_FEED = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** Lines with anything but white space on them; at most `limit`. */
export function* splitLines(bytes: Buffer, limit: number): Splitter {
  const pieces: Piece[] = []
  let start = 0
  let line = 1
  let pauseAt = SLICE_BYTES
  while (start < bytes.length) {
    const feed = bytes.indexOf(LINE_FEED, start)
    const end = feed === -1 ? bytes.length : feed
    if (!isBlank(bytes, start, end)) {
      if (pieces.length === limit) return { kind: 'too-many', limit }
      pieces.push({ start, end, number: line })
    }
    start = end + 1
    line += 1
    if (start >= pauseAt) {
      pauseAt = start + SLICE_BYTES
      yield
    }
  }
  return { kind: 'pieces', pieces }
}

/** Whether the first byte that is not white space opens an array. */
export function beginsArray(bytes: Buffer): boolean {
  return bytes[contentStart(bytes)] === OPEN_BRACKET
}

/** Members of a JSON array in UTF-8; at most `limit`. Members themselves are not checked, only where they end. */
export function* splitArray(bytes: Buffer, limit: number): Splitter {
  const pieces: Piece[] = []
  let at = contentStart(bytes)
  if (bytes[at] !== OPEN_BRACKET) return malformed('expected [ at the beginning')
  at += 1
  let start = at
  let depth = 1
  let pauseAt = at + SLICE_BYTES
  while (depth > 0) {
    const byte = bytes[at]
    if (byte === undefined) return malformed('the array has no closing ]')
    if (byte === QUOTE) {
      at = stringEnd(bytes, at)
    } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      depth += 1
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
      depth -= 1
    }
    if ((byte === COMMA && depth === 1) || depth === 0) {
      if (depth === 0 && byte === CLOSE_BRACE) return malformed(`expected ] and not } ${placeOf(bytes, at)}`)
      const isEmpty = isBlank(bytes, start, at)
      if (isEmpty && (byte === COMMA || pieces.length > 0)) return malformed(`expected an event ${placeOf(bytes, at)}`)
      if (!isEmpty) {
        if (pieces.length === limit) return { kind: 'too-many', limit }
        pieces.push({ start, end: at, number: pieces.length + 1 })
      }
      start = at + 1
    }
    at += 1
    if (at >= pauseAt) {
      pauseAt = at + SLICE_BYTES
      yield
    }
  }
  return isBlank(bytes, at, bytes.length)
    ? { kind: 'pieces', pieces }
    : malformed(`expected nothing more after the closing ] ${placeOf(bytes, at)}`)
}

function contentStart(bytes: Buffer): number {
  let at = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0
  while (isSpace(bytes[at])) at += 1
  return at
}

/** Index of the closing quote of the string that opens at `start`, or of the end. */
function stringEnd(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === QUOTE) return at
    if (byte === BACKSLASH) at += 1
  }
  return bytes.length
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    if (!isSpace(bytes[at])) return false
  }
  return true
}

/** White space of JSON (RFC 8259, 2). */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === LINE_FEED || byte === 0x0d || byte === 0x09
}

function placeOf(bytes: Buffer, at: number): string {
  let line = 1
  let lineStart = 0
  for (let feed = bytes.indexOf(LINE_FEED); feed !== -1 && feed < at; feed = bytes.indexOf(LINE_FEED, feed + 1)) {
    line += 1
    lineStart = feed + 1
  }
  return `at line ${line}, byte ${at - lineStart + 1}`
}

function malformed(detail: string): SplitResult {
  return { kind: 'malformed', detail }
}
