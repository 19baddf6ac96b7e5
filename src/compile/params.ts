/**
 * Parameters in a query or a form body: the same groups, two encodings. Invariant: a value stays between its own `=` and the
 * next `&`; groups keep their order, and one that is left out leaves no separator behind. Called by `compile-request.ts`.
 */
import type { DataPoints, DataSource } from '../model/data.ts'
import type { Param, ParamGroup, TemplateIssue } from '../model/request-spec.ts'
import { issuesOf } from './places.ts'
import { compileSegments, type EncodeValue, type Piece, renderSegments, type Segments } from './segments.ts'
import { findTokens, piecesOf, type TokenRules, tokenFaults } from './tokens.ts'

/** Groups of parameters, ready to be rendered. */
export type CompiledParams = readonly CompiledGroup[]

interface CompiledGroup {
  /** `name=value&name=value`. */
  readonly segments: Segments
  readonly onlyWithPrefix: string | null
}

/** Compiled groups with what is wrong with them; with issues they are not to be rendered. */
export interface ParamsResult {
  readonly params: CompiledParams
  readonly issues: readonly TemplateIssue[]
}

/**
 * Compiles groups of parameters; `encode` writes names, texts and values alike. A data point that nobody knows is no mistake
 * here: callers' answers can set any name, and one that is missing is sent as the empty string.
 */
export function compileParams(
  groups: readonly ParamGroup[],
  known: TokenRules['known'],
  encode: EncodeValue,
): ParamsResult {
  const issues = groups.flatMap((group) => group.params.flatMap((param) => paramIssues(param, known)))
  const params = groups
    .filter((group) => group.params.length > 0)
    .map((group) => ({
      segments: compileSegments(group.params.flatMap((param, index) => paramPieces(param, index, known, encode))),
      onlyWithPrefix: group.onlyWithPrefix ?? null,
    }))
  return { params, issues }
}

/** The parameters for one call, with `separator` before the first of them; empty where every group is left out. */
export function renderParams(params: CompiledParams, separator: string, source: DataSource): string {
  let text = ''
  let before = separator
  for (const group of params) {
    if (group.onlyWithPrefix !== null && !hasPrefix(source, group.onlyWithPrefix)) continue
    text += before
    text += renderSegments(group.segments, source)
    before = '&'
  }
  return text
}

function paramIssues(param: Param, known: TokenRules['known']): readonly TemplateIssue[] {
  const part = `params.${param.name}`
  if (param.value.kind === 'point') {
    if (param.value.path !== '') return []
    return [{ part, line: 1, column: 1, message: 'names no data point: write one, or { value: text }' }]
  }
  const tokens = findTokens(param.value, { known, hasEscapes: false })
  return issuesOf(part, param.value.text, tokenFaults(tokens))
}

function paramPieces(param: Param, index: number, known: TokenRules['known'], encode: EncodeValue): readonly Piece[] {
  const name = `${index === 0 ? '' : '&'}${encode(param.name)}=`
  const { value } = param
  if (value.kind === 'point') return [name, { path: value.path, encode }]
  const tokens = findTokens(value, { known, hasEscapes: false })
  return [name, ...piecesOf(value.text, tokens, encode, encode)]
}

function hasPrefix(source: DataSource, prefix: string): boolean {
  return hasNameWith(source.data, prefix) || hasNameWith(source.context, prefix)
}

function hasNameWith(points: DataPoints, prefix: string): boolean {
  for (const name in points) {
    if (!name.startsWith(prefix) || !Object.hasOwn(points, name)) continue
    // Switches that always send every column leave it empty: then the call has none.
    if (points[name] !== '' && points[name] !== null) return true
  }
  return false
}
