/**
 * The text of a configuration, YAML 1.2 or JSON, as plain values with the place of each in the text.
 * Invariant: mappings with keys that an object would move or lose (`10`, `__proto__`) become a `Map`, so that the order in
 * which parameters were written is kept; numbers that JavaScript would change (`0800…`, beyond 2^53) stay texts.
 * Used by `load.ts`; the API can read its JSON bodies the same way.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml'
import type { Mistake } from '../profiles/mistake.ts'
import { type AliasTargets, aliasTargets } from './alias-targets.ts'
import { type Place, placeWithin } from './scalar-place.ts'

/** A place; `isExact` is false where a mistake within a text could only be placed at that text's beginning. */
export interface SourcePlace extends Place {
  readonly isExact: boolean
}

/** A text that could be read. */
export interface ConfigSource {
  readonly value: unknown
  /** Where a mistake stands; where its path leads nowhere (a key is missing), the nearest value around it. */
  readonly placeOf: (mistake: Mistake) => SourcePlace
}

/** Something that keeps the text from being read, or a key that is there twice. */
export interface SyntaxMistake extends Place {
  readonly message: string
}

/** Most values that anchors and aliases may unfold into: a page of them can stand for billions. */
const VALUES_LIMIT = 1_000_000

/** Reads `text`. With mistakes there is a source only where they leave the structure clear (keys that are there twice). */
export function readSource(text: string): {
  readonly source: ConfigSource | undefined
  readonly mistakes: readonly SyntaxMistake[]
} {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, schema: 'core' })
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const mistakes = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    ...placeAt(pos[0]),
    message: WORDINGS.get(code) ?? message,
  }))
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return { source: undefined, mistakes }
  const targetOf = aliasTargets(document)
  const reader = new ValueReader(targetOf)
  const value = reader.read(document.contents)
  const { fault } = reader
  if (fault !== undefined) {
    return { source: undefined, mistakes: [...mistakes, { ...placeAt(fault.offset), message: fault.message }] }
  }
  const placeOf = (mistake: Mistake): SourcePlace => {
    const { node, isAll } = findNode(document.contents, targetOf, mistake)
    const offset = node?.range?.[0] ?? 0
    if (mistake.within === undefined) return { ...placeAt(offset), isExact: true }
    const place = isAll && isScalar(node) ? placeWithin(node, text, placeAt(offset), mistake.within) : undefined
    return place === undefined ? { ...placeAt(offset), isExact: false } : { ...place, isExact: true }
  }
  return { source: { value, placeOf }, mistakes }
}

/** What the reader of YAML says, in words that also tell what would be right. */
const WORDINGS: ReadonlyMap<string, string> = new Map([
  ['DUPLICATE_KEY', 'this key is there already: keep one of them'],
  ['MULTIPLE_DOCS', 'a second document begins here: one document is expected'],
  ['TAB_AS_INDENT', 'a tab can not indent: use spaces'],
])

/** Turns nodes into values; stops at the first fault, which it keeps. */
class ValueReader {
  /** The first alias that can't be followed, if any. */
  fault: { readonly offset: number; readonly message: string } | undefined
  readonly #targetOf: AliasTargets
  readonly #open = new Set<Node>()
  #count = 0

  constructor(targetOf: AliasTargets) {
    this.#targetOf = targetOf
  }

  read(node: unknown): unknown {
    this.#count++
    if (isAlias(node)) {
      const target = this.#targetOf(node)
      if (target === undefined || this.#open.has(target) || this.#count > VALUES_LIMIT) {
        const problem = target === undefined ? 'names no anchor before it' : 'unfolds without end'
        this.fault ??= { offset: node.range?.[0] ?? 0, message: `*${node.source} ${problem}: write the value itself` }
        return undefined
      }
      return this.read(target)
    }
    if (isScalar(node)) return scalarValue(node)
    if (!isMap(node) && !isSeq(node)) return undefined
    this.#open.add(node)
    const value = isSeq(node)
      ? node.items.map((item) => this.read(item))
      : mapping(node.items.map((pair) => [keyText(pair.key), this.read(pair.value)]))
    this.#open.delete(node)
    return value
  }
}

/** An object, or a `Map` where an object would change the order of the keys or lose one. */
function mapping(entries: readonly (readonly [string, unknown])[]): unknown {
  const needsMap = entries.some(([key]) => key === '__proto__' || /^\d+$/.test(key))
  return needsMap ? new Map(entries) : Object.fromEntries(entries)
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(scalarValue(key)) : String(key)
}

/** Phone numbers and ids are often written without quotes: such digits must come through as they stand. */
function scalarValue(node: Scalar): unknown {
  const { value, source } = node
  if (typeof value !== 'number' || source === undefined) return value
  return /^[+-]?0\d|^\+/.test(source) || (Number.isInteger(value) && !Number.isSafeInteger(value)) ? source : value
}

/** The node that a mistake's path leads to, or the last one on the way; `isAll` tells which. */
function findNode(
  root: Node | null,
  targetOf: AliasTargets,
  mistake: Mistake,
): { readonly node: Node | null; readonly isAll: boolean } {
  let node = root
  for (const [index, step] of mistake.path.entries()) {
    const container: unknown = isAlias(node) ? targetOf(node) : node
    const pair = isMap(container) ? container.items.findLast(({ key }) => keyText(key) === String(step)) : undefined
    const isLast = index === mistake.path.length - 1
    const next: unknown =
      pair === undefined ? seqItem(container, step) : isLast && mistake.at === 'key' ? pair.key : pair.value
    if (!isNodeLike(next)) return { node: isNodeLike(pair?.key) ? pair.key : node, isAll: false }
    node = next
  }
  return { node, isAll: true }
}

function seqItem(container: unknown, step: string | number): unknown {
  return isSeq(container) && typeof step === 'number' ? container.items[step] : undefined
}

function isNodeLike(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value)
}
