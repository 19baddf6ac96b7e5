/**
 * Finds where the events of a batch begin and end, before any of them is parsed: lines of NDJSON, members of a JSON array.
 * A batch whose outer structure is broken is thus refused before anything of it is accepted, and each event is parsed
 * alone, in slices. The splitters are generators that pause every {@link SLICE_BYTES}, whatever these are; the caller lets the
 * loop turn there.
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

/** A line or member counts as so many bytes more: lines of one character would take ten times as long as long ones. */
const PIECE_BYTES = 64

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
  let at = 0
  let pauseAt = SLICE_BYTES
  while (at < bytes.length) {
    const byte = bytes[at]
    if (isSpace(byte)) {
      at += 1
      if (byte === LINE_FEED) {
        start = at
        line += 1
      }
    } else {
      if (pieces.length === limit) return { kind: 'too-many', limit }
      const feed = bytes.indexOf(LINE_FEED, at)
      at = feed === -1 ? bytes.length : feed
      pieces.push({ start, end: at, number: line })
      pauseAt -= PIECE_BYTES
    }
    if (at >= pauseAt) {
      pauseAt = at + SLICE_BYTES
      yield
    }
  }
  return { kind: 'pieces', pieces }
}

/** Whether the first byte that is not white space opens an array. */
export function beginsArray(bytes: Buffer): boolean {
  return bytes[spaceEnd(bytes, markEnd(bytes), bytes.length)] === OPEN_BRACKET
}

/** Members of a JSON array in UTF-8; at most `limit`. Members themselves are not checked, only where they end. */
export function* splitArray(bytes: Buffer, limit: number): Splitter {
  const pieces: Piece[] = []
  let at = yield* spaceEndInSlices(bytes, markEnd(bytes))
  if (bytes[at] !== OPEN_BRACKET) return malformed('expected [ at the beginning')
  let start = at + 1
  let content = yield* spaceEndInSlices(bytes, start)
  at = content
  let depth = 1
  let pauseAt = at + SLICE_BYTES
  while (depth > 0) {
    const byte = bytes[at]
    if (byte === undefined) return malformed('the array has no closing ]')
    if (byte === QUOTE) {
      at = stringEnd(bytes, at + 1, pauseAt)
      while (at < bytes.length && bytes[at] !== QUOTE) {
        pauseAt = at + SLICE_BYTES
        yield
        at = stringEnd(bytes, at, pauseAt)
      }
    } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      depth += 1
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
      depth -= 1
    }
    if ((byte === COMMA && depth === 1) || depth === 0) {
      if (depth === 0 && byte === CLOSE_BRACE) return malformed(`expected ] and not } ${yield* placeOf(bytes, at)}`)
      const isEmpty = at === content
      if (isEmpty && (byte === COMMA || pieces.length > 0)) {
        return malformed(`expected an event ${yield* placeOf(bytes, at)}`)
      }
      if (!isEmpty) {
        if (pieces.length === limit) return { kind: 'too-many', limit }
        pieces.push({ start, end: at, number: pieces.length + 1 })
        pauseAt -= PIECE_BYTES
      }
      start = at + 1
      content = yield* spaceEndInSlices(bytes, start)
      at = content
    } else {
      at += 1
    }
    if (at >= pauseAt) {
      pauseAt = at + SLICE_BYTES
      yield
    }
  }
  return content === bytes.length
    ? { kind: 'pieces', pieces }
    : malformed(`expected nothing more after the closing ] ${yield* placeOf(bytes, start)}`)
}

/** Index of the first byte behind a byte order mark. */
function markEnd(bytes: Buffer): number {
  return bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0
}

/** Index of the closing quote of the string that goes on at `start`; where it has none before `most`, where to look on from. */
function stringEnd(bytes: Buffer, start: number, most: number): number {
  const end = Math.min(most, bytes.length)
  let at = start
  while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}

/** Index of the first byte from `start` on that is not white space, or of the end; `most` at the latest. */
function spaceEnd(bytes: Buffer, start: number, most: number): number {
  let at = start
  while (at < most && isSpace(bytes[at])) at += 1
  return at
}

function* spaceEndInSlices(bytes: Buffer, start: number): Generator<undefined, number> {
  let pauseAt = start + SLICE_BYTES
  let at = spaceEnd(bytes, start, pauseAt)
  while (at === pauseAt) {
    pauseAt = at + SLICE_BYTES
    yield
    at = spaceEnd(bytes, at, pauseAt)
  }
  return at
}

/** White space of JSON (RFC 8259, 2). */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === LINE_FEED || byte === 0x0d || byte === 0x09
}

function* placeOf(bytes: Buffer, place: number): Generator<undefined, string> {
  let line = 1
  let lineStart = 0
  for (let at = 0; at < place; at += 1) {
    if (bytes[at] === LINE_FEED) {
      line += 1
      lineStart = at + 1
    }
    if (at % SLICE_BYTES === SLICE_BYTES - 1) yield
  }
  return `at line ${line}, byte ${place - lineStart + 1}`
}

function malformed(detail: string): SplitResult {
  return { kind: 'malformed', detail }
}
