/**
 * The renderer: literal text and slots in turn, joined by concatenation. Compiled once a webhook version, run once a request.
 * Invariant: rendering reads, encodes and concatenates, nothing else; what makes a value harmless is its slot's encoder.
 * Every template of this part becomes {@link Segments}.
 */
import { readPoint } from '../catalog/read-point.ts'
import type { DataSource, DataValue, ReadPoint } from '../model/data.ts'

/** Makes a value harmless in one context; `undefined` is a data point that the call lacks. Pure. */
export type EncodeValue = (value: DataValue | undefined) => string

/** Literal text that is sent as it is, or the data point at `path` as `encode` writes it. */
export type Piece = string | { readonly path: string; readonly encode: EncodeValue }

/** A compiled text. */
export interface Segments {
  readonly slots: readonly Slot[]
  /** What follows the last slot; the whole text where there is none. */
  readonly tail: string
}

/** A place that is filled while rendering, with the literal text before it. */
interface Slot {
  readonly before: string
  readonly read: ReadPoint
  readonly encode: EncodeValue
}

/** Joins neighbouring literals and resolves paths, so that nothing of it is left to do while rendering. */
export function compileSegments(pieces: readonly Piece[]): Segments {
  const slots: Slot[] = []
  let literal = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      literal += piece
    } else {
      slots.push({ before: literal, read: readPoint(piece.path), encode: piece.encode })
      literal = ''
    }
  }
  return { slots, tail: literal }
}

/** The text for one call. */
export function renderSegments(segments: Segments, source: DataSource): string {
  let text = ''
  for (const slot of segments.slots) {
    text += slot.before
    text += slot.encode(slot.read(source))
  }
  return text + segments.tail
}
