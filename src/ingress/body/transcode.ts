/**
 * Makes UTF-8 of bytes in other charsets, in pieces: 8 MiB of which nothing is valid take half a second. Invariant: what comes out
 * and what is counted is the same as if all were decoded at once.
 * Called for bodies of JSON.
 */
import { TextDecoder } from 'node:util'
import { countReplacements, isValid } from './charset.ts'

/** Bytes decoded between two pauses: a millisecond where none is valid. Far more than a decoder holds back between two pieces. */
const PIECE_BYTES = 16_384

/** The most bytes that one becomes: those of U+FFFD. */
const MOST_BYTES = 3

/** Memory for what {@link transcode} makes of so many bytes. */
export function transcodeRoom(bytes: number): Buffer {
  // What is not written to is never had from the system.
  return Buffer.allocUnsafeSlow(bytes * MOST_BYTES)
}

/**
 * Writes `bytes` into `room` in UTF-8, and returns how many were written. Pauses after each piece, unless there is but one; the
 * caller lets the loop turn there. A byte order mark at the beginning is dropped. `label` is a charset's, `onReplaced` gets the
 * number of bad characters.
 */
export function* transcode(
  bytes: Buffer,
  label: string,
  room: Buffer,
  onReplaced: (count: number) => void,
): Generator<undefined, number> {
  const decoder = new TextDecoder(label)
  let length = 0
  let replaced = 0
  for (const { piece, stream } of piecesOf(bytes)) {
    const text = decoder.decode(piece, { stream })
    length += room.write(text, length)
    replaced += countReplacements(text)
    if (bytes.length > PIECE_BYTES) yield
  }
  if (replaced > 0 && !(yield* isAllValid(bytes, label))) onReplaced(replaced)
  return length
}

function* isAllValid(bytes: Buffer, label: string): Generator<undefined, boolean> {
  const strict = new TextDecoder(label, { fatal: true })
  for (const { piece, stream } of piecesOf(bytes)) {
    if (!isValid(strict, piece, stream)) return false
    if (bytes.length > PIECE_BYTES) yield
  }
  return true
}

function* piecesOf(bytes: Buffer): Generator<{ readonly piece: Buffer; readonly stream: boolean }> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    const end = start + PIECE_BYTES
    yield { piece: bytes.subarray(start, end), stream: end < bytes.length }
  }
}
