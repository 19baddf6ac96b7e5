/** What the tests of this folder share: a specification with everything left out, and what compiling and rendering give. */
import { CATALOG_NAMES } from '../../src/catalog/catalog.ts'
import { compileRequest } from '../../src/compile/compile-request.ts'
import type { DataPoints } from '../../src/model/data.ts'
import type {
  BodySpec,
  InvalidRequest,
  Param,
  RenderedRequest,
  RequestSpec,
  TemplateIssue,
  TemplateType,
  TokenSyntax,
  TokenText,
} from '../../src/model/request-spec.ts'

export function text(written: string, syntax: TokenSyntax = 'percent'): TokenText {
  return { text: written, syntax }
}

export function requestSpec(parts: Partial<RequestSpec> = {}): RequestSpec {
  return {
    method: 'POST',
    url: text('https://www.example.com/hook', 'none'),
    query: [],
    body: { kind: 'none' },
    headers: [],
    ...parts,
  }
}

export function template(
  type: TemplateType,
  format: string,
  options: { fields?: Readonly<Record<string, string>>; syntax?: TokenSyntax } = {},
): BodySpec {
  return { kind: 'template', type, format: text(format, options.syntax), fields: options.fields ?? {} }
}

/** A parameter for every pair: the data point at the path. */
export function points(paths: Readonly<Record<string, string>>): readonly Param[] {
  return Object.entries(paths).map(([name, path]) => ({ name, value: { kind: 'point', path } }))
}

export function outcome(
  parts: Partial<RequestSpec>,
  data: DataPoints = {},
  context: DataPoints = {},
): RenderedRequest | InvalidRequest {
  const result = compileRequest(requestSpec(parts), CATALOG_NAMES)
  if (result.kind === 'refused') throw new Error(JSON.stringify(result.issues))
  return result.render({ data, context })
}

export function rendered(
  parts: Partial<RequestSpec>,
  data: DataPoints = {},
  context: DataPoints = {},
): RenderedRequest {
  const request = outcome(parts, data, context)
  if (request.kind === 'invalid') throw new Error(request.detail)
  return request
}

/** The body made of a format, with data. */
export function body(spec: BodySpec, data: DataPoints = {}): string {
  return rendered({ body: spec }, data).body ?? ''
}

/** All issues as `part line:column message`. */
export function issues(parts: Partial<RequestSpec>): readonly string[] {
  const result = compileRequest(requestSpec(parts), CATALOG_NAMES)
  return result.kind === 'refused' ? result.issues.map(written) : []
}

function written({ part, line, column, message }: TemplateIssue): string {
  return `${part} ${line}:${column} ${message}`
}
