/**
 * Bodies of requests: forms, JSON objects of data points, and pasted formats in JSON, XML, form or text.
 * Invariant: what is rendered is always well-formed in its type, whatever the data. Called by `compile-request.ts`.
 */

import { readPoint } from '../catalog/read-point.ts'
import type { DataSource, DataValue, ReadPoint } from '../model/data.ts'
import type { BodySpec, TemplateIssue, TemplateType, TokenText } from '../model/request-spec.ts'
import { encodeForm, encodeText } from './encoders.ts'
import { fieldMapIssues, formatPieces, type ScannedFormat } from './format.ts'
import { encodeJsonBare } from './json-encoders.ts'
import { scanJson } from './json-format.ts'
import { type CompiledParams, compileParams, renderParams } from './params.ts'
import { issuesOf } from './places.ts'
import { compileSegments, renderSegments, type Segments } from './segments.ts'
import { closeEscape, findTokens, piecesOf, type Token, type TokenRules, tokenFaults } from './tokens.ts'
import { scanXml } from './xml-format.ts'

/** A body ready to be rendered. */
export type CompiledBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'form'; readonly params: CompiledParams }
  | { readonly kind: 'members'; readonly members: readonly CompiledMember[] }
  | { readonly kind: 'template'; readonly segments: Segments }

interface CompiledMember {
  /** `"name":`. */
  readonly key: string
  readonly read: ReadPoint
}

/** A compiled body with what is wrong with it; with issues it is not to be rendered. */
export interface BodyResult {
  readonly body: CompiledBody
  readonly issues: readonly TemplateIssue[]
}

/** Compiles a body; issues of its text are of the part `body`, those of a field map of `fields.…`. */
export function compileBody(spec: BodySpec, known: ReadonlySet<string>): BodyResult {
  switch (spec.kind) {
    case 'none':
      return { body: spec, issues: [] }
    case 'form': {
      const { params, issues } = compileParams(spec.groups, known, encodeForm)
      return { body: { kind: 'form', params }, issues }
    }
    case 'json-object': {
      const members = spec.members.map(({ name, path }) => ({ key: `${JSON.stringify(name)}:`, read: readPoint(path) }))
      return { body: { kind: 'members', members }, issues: [] }
    }
    case 'template':
      return compileTemplate(spec, known)
  }
}

/** The body for one call; `null` where the request has none. */
export function renderBody(body: CompiledBody, source: DataSource): string | null {
  switch (body.kind) {
    case 'none':
      return null
    case 'form':
      return renderParams(body.params, '', source)
    case 'members':
      return renderMembers(body.members, source)
    case 'template':
      return renderSegments(body.segments, source)
  }
}

/** The content type of a body whose webhook names none; `null` without a body. */
export function contentTypeOf(spec: BodySpec): string | null {
  switch (spec.kind) {
    case 'none':
      return null
    case 'form':
      return CONTENT_TYPES.form
    case 'json-object':
      return CONTENT_TYPES.json
    case 'template':
      return CONTENT_TYPES[spec.type]
  }
}

const CONTENT_TYPES = {
  // "Header Type: application/json or application/xml" (autoid-webhook)
  json: 'application/json',
  xml: 'application/xml',
  form: 'application/x-www-form-urlencoded',
  text: 'text/plain; charset=utf-8',
} satisfies Record<TemplateType, string>

type TemplateSpec = Extract<BodySpec, { readonly kind: 'template' }>

function compileTemplate(spec: TemplateSpec, known: ReadonlySet<string>): BodyResult {
  const { type, format, fields } = spec
  const rules: TokenRules = { known, hasEscapes: type === 'form' }
  const tokens = findTokens(format, rules)
  if (type === 'json' || type === 'xml') {
    const scanned = scanFormat(type, format.text, tokens)
    const fieldIssues = scanned.faults.length > 0 ? [] : fieldMapIssues(scanned, fields, namesFor(format, known))
    const issues = [...issuesOf('body', format.text, scanned.faults), ...fieldIssues]
    const segments = compileSegments(issues.length > 0 ? [] : formatPieces(format.text.toWellFormed(), scanned, fields))
    return { body: { kind: 'template', segments }, issues }
  }
  const encode = type === 'form' ? encodeForm : encodeWellFormed
  const write = type === 'form' ? writeFormLiteral : encodeWellFormed
  const misplaced = Object.keys(fields).map((path) => {
    const message = `a ${type} body has no fields: put tokens into its text`
    return { part: `fields.${path}`, line: 1, column: 1, message }
  })
  return {
    body: { kind: 'template', segments: compileSegments(piecesOf(format.text, tokens, write, encode)) },
    issues: [...issuesOf('body', format.text, tokenFaults(tokens)), ...misplaced],
  }
}

/** Scans a JSON or XML format. */
export function scanFormat(type: 'json' | 'xml', text: string, tokens: readonly Token[]): ScannedFormat {
  return type === 'json' ? scanJson(text, tokens) : scanXml(text, tokens)
}

/** Only `%tokens%` must be known, and the data points that a field map puts beside them; all other names are free. */
function namesFor(format: TokenText, known: ReadonlySet<string>): ReadonlySet<string> | null {
  return format.syntax === 'percent' ? known : null
}

function writeFormLiteral(text: string, isBeforeToken: boolean): string {
  return closeEscape(text.toWellFormed(), isBeforeToken)
}

function encodeWellFormed(value: DataValue | undefined): string {
  return encodeText(value).toWellFormed()
}

function renderMembers(members: readonly CompiledMember[], source: DataSource): string {
  let text = ''
  for (const member of members) {
    const value = member.read(source)
    if (value === undefined) continue
    if (text !== '') text += ','
    text += member.key
    text += encodeJsonBare(value)
  }
  return `{${text}}`
}
