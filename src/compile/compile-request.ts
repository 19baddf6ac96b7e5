/**
 * Turns a request specification into a function that renders it: compiled once a webhook version, on every thread that sends.
 * Invariant: a value never adds a parameter, a field, an element, a path segment or a header of its own; rendering changes
 * nothing and does not throw, whatever the data. Called by `engine/`, `worker/` and, for the issues, `config/`.
 */
import type { DataSource } from '../model/data.ts'
import type { HeaderSpec, InvalidRequest, RenderedRequest, RequestSpec, TemplateIssue } from '../model/request-spec.ts'
import { type CompiledBody, compileBody, contentTypeOf, renderBody } from './body-template.ts'
import { encodePercent } from './encoders.ts'
import { type CompiledHeaders, compileHeaders, renderHeaders } from './header-template.ts'
import { type CompiledParams, compileParams, renderParams } from './params.ts'
import { issuesOf } from './places.ts'
import { type CompiledUrl, compileUrl, renderUrl } from './url-template.ts'

/** Renders one request; `invalid` where what came of the data can't be sent safely. Never throws, never changes the data. */
export type RenderRequest = (source: DataSource) => RenderedRequest | InvalidRequest

/** A renderer, or everything that is wrong with the specification. */
export type CompileResult =
  | { readonly kind: 'compiled'; readonly render: RenderRequest }
  | { readonly kind: 'refused'; readonly issues: readonly TemplateIssue[] }

/**
 * Compiles `spec`.
 * @param known Names that `%tokens%` may begin with: the catalogue's and the carrier's own. `${variables}` have any name.
 */
export function compileRequest(spec: RequestSpec, known: ReadonlySet<string>): CompileResult {
  const url = compileUrl(spec.url, known)
  const query = compileParams(spec.query, known, encodePercent)
  const body = compileBody(spec.body, known)
  const headers = compileHeaders(spec.headers, known)
  const urlIssues = url.kind === 'refused' ? issuesOf('url', spec.url.text, url.faults) : []
  const issues = [...urlIssues, ...query.issues, ...body.issues, ...headers.issues]
  if (url.kind === 'refused' || issues.length > 0) return { kind: 'refused', issues }

  const defaults = compileHeaders(defaultHeaders(spec, url.url.userInfo), known).headers
  const parts: RequestParts = {
    method: spec.method,
    url: url.url,
    query: query.params,
    body: body.body,
    headers: { fields: [...headers.headers.fields, ...defaults.fields], slots: headers.headers.slots },
  }
  return { kind: 'compiled', render: (source) => renderSafely(parts, source) }
}

interface RequestParts {
  readonly method: RequestSpec['method']
  readonly url: CompiledUrl
  readonly query: CompiledParams
  readonly body: CompiledBody
  readonly headers: CompiledHeaders
}

function renderSafely(parts: RequestParts, source: DataSource): RenderedRequest | InvalidRequest {
  try {
    return renderParts(parts, source)
  } catch (thrown) {
    // A value nested so deeply that walking it ends the stack, or a text longer than strings can be: both are RangeErrors,
    // and both are the data's doing.
    if (!(thrown instanceof RangeError)) throw thrown
    return { kind: 'invalid', detail: `a value is nested too deeply or too long to be sent: ${thrown.message}` }
  }
}

function renderParts(parts: RequestParts, source: DataSource): RenderedRequest | InvalidRequest {
  const path = renderUrl(parts.url, source)
  if (typeof path !== 'string') return path
  return {
    kind: 'request',
    method: parts.method,
    path: path + renderParams(parts.query, parts.url.separator, source),
    headers: renderHeaders(parts.headers, source),
    body: renderBody(parts.body, source),
  }
}

/** What goes along unless the webhook says otherwise: the body's type, and user and password of its URL. */
function defaultHeaders(spec: RequestSpec, userInfo: string | null): readonly HeaderSpec[] {
  const contentType = contentTypeOf(spec.body)
  const authorization = userInfo === null ? null : `Basic ${Buffer.from(userInfo).toString('base64')}`
  const headers: HeaderSpec[] = []
  const add = (name: string, text: string | null) => {
    const isConfigured = spec.headers.some((header) => header.name.toLowerCase() === name)
    if (text !== null && !isConfigured) headers.push({ name, value: { text, syntax: 'none' } })
  }
  add('content-type', contentType)
  add('authorization', authorization)
  return headers
}
