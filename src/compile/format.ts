/**
 * What scanning a pasted format gives, whether JSON or XML: where its tokens are filled in, and its fields by path.
 * Invariant: what no slot or mapped field covers is kept byte by byte. Made by `json-format.ts` and `xml-format.ts`, joined
 * with a field map here, listed by `extract-fields.ts`.
 */
import { isPointName } from '../catalog/catalog.ts'
import type { TemplateIssue } from '../model/request-spec.ts'
import { suggestion } from './near-miss.ts'
import type { Fault } from './places.ts'
import type { Piece, PointPiece } from './segments.ts'

/**
 * Nesting that a format may have: own limit, far above every real format and far below what would end the scanners' stack.
 * What nests deeper is refused.
 */
export const FORMAT_DEPTH_LIMIT = 100

/** A stretch of the format that is replaced by a data point. */
export interface FormatSlot extends PointPiece {
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

/** A place of the format that a field map can name, and what a mapped data point replaces. */
export interface FormatField extends FormatSlot {
  /** Its own, not a data point's: `contact.phones.0`, `lead.name`, `lead.@id`; empty for a JSON text that is one plain value. */
  readonly path: string
  /** Text that a mapped data point is put between (an empty element needs an end tag). */
  readonly before: string
  readonly after: string
  /** Whether it has no fields of its own: only those are listed, but all can be mapped. */
  readonly isLeaf: boolean
  /** The data point of the token that is its whole value. */
  readonly token: string | null
}

/** A scanned format; with faults it can't be used. */
export interface ScannedFormat {
  readonly slots: readonly FormatSlot[]
  readonly fields: readonly FormatField[]
  readonly faults: readonly Fault[]
}

/** What is wrong with a field map; `known` are the data points that it may name, `null` where all names are free. */
export function fieldMapIssues(
  scanned: ScannedFormat,
  map: Readonly<Record<string, string>>,
  known: ReadonlySet<string> | null,
): readonly TemplateIssue[] {
  const issues: TemplateIssue[] = []
  const report = (path: string, message: string) => {
    issues.push({ part: `fields.${path}`, line: 1, column: 1, message })
  }
  for (const [path, point] of Object.entries(map)) {
    const count = scanned.fields.filter((field) => field.path === path).length
    if (count === 0) report(path, `the format has no field ${path}${fieldSuggestion(scanned.fields, path)}`)
    if (count > 1)
      report(path, `${count} fields of the format have the path ${path}: put a %token% into the format instead`)
    if (point === '') report(path, 'names no data point')
    else if (known !== null && !isPointName(point, known)) report(path, unknownPoint(point, known))
  }
  let outer: FormatField | undefined
  for (const field of mappedFields(scanned, map)) {
    if (outer !== undefined && field.start < outer.end) {
      report(field.path, `${field.path} lies in ${outer.path}, which is mapped as a whole: map one of the two`)
    } else {
      outer = field
    }
  }
  return issues
}

/** The format as pieces: literal text, tokens, and mapped fields, which go before tokens that stand within them. */
export function formatPieces(
  text: string,
  scanned: ScannedFormat,
  map: Readonly<Record<string, string>>,
): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  const put = (slot: FormatSlot, before: string, after: string) => {
    pieces.push(text.slice(at, slot.start) + before, slot, after)
    at = slot.end
  }
  let next = 0
  const putTokensUpTo = (limit: number) => {
    for (let slot = scanned.slots[next]; slot !== undefined && slot.start < limit; slot = scanned.slots[++next]) {
      if (slot.start >= at) put(slot, '', '')
    }
  }
  for (const field of mappedFields(scanned, map)) {
    putTokensUpTo(field.start)
    put({ ...field, path: map[field.path] ?? '' }, field.before, field.after)
  }
  putTokensUpTo(text.length)
  pieces.push(text.slice(at))
  return pieces
}

/** Mapped fields in the order of the text; of two that begin together the outer one first. */
function mappedFields(scanned: ScannedFormat, map: Readonly<Record<string, string>>): readonly FormatField[] {
  return scanned.fields
    .filter((field) => Object.hasOwn(map, field.path))
    .sort((left, right) => left.start - right.start || right.end - left.end)
}

function fieldSuggestion(fields: readonly FormatField[], path: string): string {
  const paths = fields.filter((field) => field.isLeaf).map((field) => field.path)
  const otherwise = paths.length === 0 ? ': it has none' : `: it has ${paths.slice(0, 10).join(', ')}`
  return suggestion(path, paths, (near) => near, paths.length > 10 ? `${otherwise} …` : otherwise)
}

function unknownPoint(point: string, known: ReadonlySet<string>): string {
  // Somebody may have written the data point as a token.
  const name = point.replace(/^%(.*)%$|^\$\{(.*)\}$/, '$1$2').replace(/\..*$/, '')
  const otherwise = ': neither the catalogue nor dataPoints has it'
  return `unknown data point ${point}${suggestion(name, known, (near) => near, otherwise)}`
}
