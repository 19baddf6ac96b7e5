/**
 * The renderer: literal text and slots in turn, joined by concatenation. Compiled once a webhook version, run once a request.
 * Invariant: rendering reads, encodes and concatenates, nothing else; what makes a value harmless is its slot's encoder.
 * Every template of this part becomes {@link Segments}.
 */
import { readPoint } from '../catalog/read-point.ts'
import type { DataSource, DataValue, ReadPoint } from '../model/data.ts'

/** Makes a value harmless in one context; `undefined` is a data point that the call lacks. Pure. */
export type EncodeValue = (value: DataValue | undefined) => string

/** Literal text that is sent as it is, or a data point. */
export type Piece = string | PointPiece

/** The data point at `path` as `encode` writes it. */
export interface PointPiece {
  readonly path: string
  readonly encode: EncodeValue
  /** It fills the quotes around it, one character of literal text on each side, which an object or array does without. */
  readonly isQuoted?: boolean
}

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
  readonly isQuoted: boolean
}

/** Joins neighbouring literals and resolves paths, so that nothing of it is left to do while rendering. */
export function compileSegments(pieces: readonly Piece[]): Segments {
  const slots: Slot[] = []
  let literal = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      literal += piece
    } else {
      const { path, encode, isQuoted = false } = piece
      slots.push({ before: literal, read: readPoint(path), encode, isQuoted })
      literal = ''
    }
  }
  return { slots, tail: literal }
}

/** The text for one call. */
export function renderSegments({ slots, tail }: Segments, source: DataSource): string {
  let text = ''
  let wasUnquoted = false
  for (const { before, read, encode, isQuoted } of slots) {
    const value = read(source)
    const isUnquoted = isQuoted && typeof value === 'object' && value !== null
    text += isUnquoted || wasUnquoted ? withoutQuotes(before, wasUnquoted, isUnquoted) : before
    text += encode(value)
    wasUnquoted = isUnquoted
  }
  return text + (wasUnquoted ? withoutQuotes(tail, true, false) : tail)
}

function withoutQuotes(literal: string, atStart: boolean, atEnd: boolean): string {
  return literal.slice(atStart ? 1 : 0, atEnd ? -1 : literal.length)
}
