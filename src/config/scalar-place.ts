/**
 * Where a line and column of a text value stand in the file that holds it. Templates are pasted as blocks of many lines, and
 * a mistake in one is best shown where the writer sees it. Used by `source.ts`.
 */
import type { Scalar } from 'yaml'

/** Line and column, both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/**
 * The place in the file of `within`, a place in the value of `node`, which begins at `start`. `undefined` where the file's
 * characters are not the value's one by one: escapes in quotes, folded lines.
 */
export function placeWithin(node: Scalar, file: string, start: Place, within: Place): Place | undefined {
  if (node.type === 'BLOCK_LITERAL') return placeInBlock(node, file, start, within)
  const [begin = 0, end = 0] = node.range ?? []
  const quotes = node.type === 'PLAIN' ? 0 : 1
  const isVerbatim = within.line === 1 && file.slice(begin + quotes, end - quotes) === node.value
  return isVerbatim ? { line: start.line, column: start.column + quotes + within.column - 1 } : undefined
}

/** A literal block: its lines stand below the `|`, each behind the same indentation. */
function placeInBlock(node: Scalar, file: string, start: Place, within: Place): Place {
  const [begin = 0, end = 0] = node.range ?? []
  const lines = file.slice(begin, end).split('\n').slice(1)
  const valueLines = String(node.value).split('\n')
  const index = lines.findIndex((line) => line.trim() !== '')
  const indent = index < 0 ? 0 : (lines[index] ?? '').trimEnd().length - (valueLines[index] ?? '').trimEnd().length
  return { line: start.line + within.line, column: indent + within.column }
}
