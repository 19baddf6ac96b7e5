/**
 * Which data points a request reads, wherever they stand in it. For warnings (a template bound to `begin` that uses `call_end`
 * data points), so a token that nobody knows is listed as well. Called by `config/`.
 */
import { CATALOG_NAMES } from '../catalog/catalog.ts'
import type { BodySpec, ParamGroup, RequestSpec, TokenText } from '../model/request-spec.ts'
import { findTokens } from './tokens.ts'

/**
 * Paths of the data points that `spec` reads, each once, in the order url, query, body, headers.
 * @param known Names of `%tokens%`, as for compiling; they tell tokens in a URL from its escapes. The catalogue's unless given.
 */
export function pointsUsed(spec: RequestSpec, known: ReadonlySet<string> = CATALOG_NAMES): readonly string[] {
  const inText = (text: TokenText, hasEscapes: boolean) =>
    findTokens(text, { known, hasEscapes }).map(({ path }) => path)
  const inGroups = (groups: readonly ParamGroup[]) =>
    groups
      .flatMap((group) => group.params)
      .flatMap(({ value }) => (value.kind === 'point' ? [value.path] : inText(value, false)))
  const inBody = (body: BodySpec): readonly string[] => {
    switch (body.kind) {
      case 'none':
        return []
      case 'form':
        return inGroups(body.groups)
      case 'json-object':
        return body.members.map(({ path }) => path)
      case 'template':
        return [...inText(body.format, body.type === 'form'), ...Object.values(body.fields)]
    }
  }
  const inHeaders = spec.headers.flatMap(({ value }) => inText(value, false))
  return [...new Set([...inText(spec.url, true), ...inGroups(spec.query), ...inBody(spec.body), ...inHeaders])]
}
