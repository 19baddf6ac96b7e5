/**
 * Templates: reads one and checks that it can be filled. Invariant: a template that passes is well-formed, and every token
 * and field in it is known. Used by `load.ts` for the file and for single templates that come over the API.
 */
import type { z } from 'zod'
import { compileRequest } from '../compile/compile-request.ts'
import type { RequestSpec, TemplateIssue, TokenSyntax } from '../model/request-spec.ts'
import { BODY_LIMIT } from '../profiles/body.ts'
import { entriesOf, textMapField } from '../profiles/entries.ts'
import { type Mistake, mistakesOf } from '../profiles/mistake.ts'
import type { TemplateSource } from '../profiles/profile.ts'
import { section, textField, wordField } from '../profiles/settings.ts'
import type { Template } from './engine-config.ts'
import { accountField, idField } from './fields.ts'

/** A template, or everything that stands in its way. */
export type TemplateRead =
  | { readonly kind: 'read'; readonly template: Template }
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[] }

const SCHEMA = section({
  id: idField(),
  name: textField().optional(),
  group: accountField().optional(),
  type: wordField(['json', 'xml']),
  format: textField(BODY_LIMIT),
  fields: textMapField('a data point'),
})

/** What a template is read by, for documents. */
export const TEMPLATE_SCHEMA: z.ZodObject = SCHEMA

/** Reads a template; `known` are the names that `%tokens%` may have. */
export function parseTemplate(input: unknown, known: ReadonlySet<string>): TemplateRead {
  const entries = entriesOf(input)
  const read = SCHEMA.safeParse(entries === undefined ? input : Object.fromEntries(entries))
  if (!read.success) return { kind: 'refused', mistakes: mistakesOf(read.error) }
  const { id, name = id, group, type, format, fields } = read.data
  const template: Template = { id, name, type, format, fields, ...(group === undefined ? {} : { group }) }
  const mistakes = templateIssues(template, known).map(templateMistake)
  return mistakes.length === 0 ? { kind: 'read', template } : { kind: 'refused', mistakes }
}

/** Which syntax its tokens have is said by the webhook that uses it; so it is right if it is right in one of them. */
function templateIssues(template: TemplateSource, known: ReadonlySet<string>): readonly TemplateIssue[] {
  const issues = issuesIn(template, 'percent', known)
  if (issues.length === 0 || !template.format.includes('${')) return issues
  return issuesIn(template, 'dollar', known).length === 0 ? [] : issues
}

function issuesIn(template: TemplateSource, syntax: TokenSyntax, known: ReadonlySet<string>): readonly TemplateIssue[] {
  const { type, format, fields } = template
  const request: RequestSpec = {
    method: 'POST',
    url: { text: 'https://localhost/', syntax: 'none' },
    query: [],
    body: { kind: 'template', type, format: { text: format, syntax }, fields },
    headers: [],
  }
  const compiled = compileRequest(request, known)
  return compiled.kind === 'compiled' ? [] : compiled.issues
}

/** Says it of the template's own key: a field by its path, anything else of the format. */
function templateMistake({ part, line, column, message }: TemplateIssue): Mistake {
  const field = fieldOf(part)
  return field === undefined
    ? { path: ['format'], message, at: 'value', within: { line, column } }
    : { path: ['fields', field], message, at: 'value' }
}

/** The field path of an issue's part, `undefined` where it is about something else. */
function fieldOf(part: string): string | undefined {
  return part.startsWith('fields.') ? part.slice('fields.'.length) : undefined
}
