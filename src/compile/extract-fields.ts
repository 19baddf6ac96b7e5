/**
 * Lists the fields of a pasted format, so that somebody can choose a data point for each ("Once you provide your template
 * example, the fields will be extracted", autoid-webhook). Paths are those that a field map takes. Called by `ingress/`.
 */
import type { TemplateIssue, TokenSyntax } from '../model/request-spec.ts'
import { scanFormat } from './body-template.ts'
import { issuesOf } from './places.ts'
import { findTokens, type Token, type TokenRules } from './tokens.ts'

/** A field of a format, and the data point of the token that is its whole value already, if one is. */
export interface ExtractedField {
  readonly path: string
  readonly token: string | null
}

/** The fields in the order of the format, or what keeps it from being read. */
export type ExtractResult =
  | { readonly kind: 'fields'; readonly fields: readonly ExtractedField[] }
  | { readonly kind: 'refused'; readonly issues: readonly TemplateIssue[] }

/**
 * The fields of `format` that hold no further fields: JSON `contact.phones.0`, XML `lead.name`, attributes `lead.@id`; XML
 * siblings of one name are counted from 0 (`lead.phone.0`, `lead.phone.1`). An empty object, array or element is a field.
 * Tokens are taken as they are written, known or not; `${tokens}` where there are no `%tokens%`.
 */
export function extractFields(type: 'json' | 'xml', format: string): ExtractResult {
  const scanned = scanFormat(type, format, tokensOf(format))
  if (scanned.faults.length > 0) return { kind: 'refused', issues: issuesOf('format', format, scanned.faults) }
  const fields = scanned.fields.filter((field) => field.isLeaf).map(({ path, token }) => ({ path, token }))
  return { kind: 'fields', fields }
}

function tokensOf(format: string): readonly Token[] {
  const rules: TokenRules = { known: 'any', hasEscapes: false }
  const inSyntax = (syntax: TokenSyntax) => findTokens({ text: format, syntax }, rules)
  const percent = inSyntax('percent')
  return percent.length > 0 ? percent : inSyntax('dollar').filter((token) => token.fault === null)
}
