/**
 * Checks that a webhook's request can be rendered, and tells what is wrong of the key at which it was written: the compiler
 * knows only parts of a request (`url`, `format`, `params.qos`). Used by `webhooks.ts`.
 */
import { compileRequest } from '../compile/compile-request.ts'
import type { RequestSpec, TemplateIssue } from '../model/request-spec.ts'
import { entriesOf } from '../profiles/entries.ts'
import type { Mistake } from '../profiles/mistake.ts'

type Path = readonly (string | number)[]

/** All that keeps `request` from being rendered; `members` are the webhook's keys as written. */
export function requestMistakes(
  request: RequestSpec,
  members: ReadonlyMap<string, unknown>,
  known: ReadonlySet<string>,
): readonly Mistake[] {
  const compiled = compileRequest(request, known)
  return compiled.kind === 'compiled' ? [] : compiled.issues.map((issue) => placed(issue, members))
}

/** What is wrong with the URL of a webhook's second server, if anything. */
export function fallbackMistakes(request: RequestSpec, known: ReadonlySet<string>): readonly Mistake[] {
  const compiled = compileRequest(request, known)
  if (compiled.kind === 'compiled') return []
  return compiled.issues
    .filter(({ part }) => part === 'url')
    .map(({ line, column, message }) => ({ path: ['fallback', 'url'], message, at: 'value', within: { line, column } }))
}

function placed(issue: TemplateIssue, members: ReadonlyMap<string, unknown>): Mistake {
  const { part, line, column, message } = issue
  const within = { line, column }
  const dot = part.indexOf('.')
  const [head, name] = dot < 0 ? [part, ''] : [part.slice(0, dot), part.slice(dot + 1)]
  switch (head) {
    case 'url':
      return { path: ['url'], message, at: 'value', within }
    case 'headers':
      return { path: ['headers', ...entryPath(members.get('headers'), name, 'value')], message, at: 'value', within }
    case 'params':
      return { path: ['params', ...entryPath(members.get('params'), name, 'from')], message, at: 'value' }
    default:
      return bodyMistake(issue, members)
  }
}

/** The body is the webhook's own text, a template's, or was generated of its parameters. */
function bodyMistake({ part, line, column, message }: TemplateIssue, members: ReadonlyMap<string, unknown>): Mistake {
  if (members.has('body')) return { path: ['body'], message, at: 'value', within: { line, column } }
  const template = members.get('template')
  if (typeof template !== 'string') return { path: ['params'], message, at: 'value' }
  const place = part.startsWith('fields.') ? part : `line ${line}, column ${column}`
  return { path: ['template'], message: `template ${template} can't be filled here: ${place}: ${message}`, at: 'value' }
}

/** The path of one entry of a mapping of names, or of a list of `{ name, … }`, in whatever case the name was written. */
function entryPath(written: unknown, name: string, member: string): Path {
  if (Array.isArray(written)) {
    const index = written.findIndex((item: unknown) => isSame(new Map(entriesOf(item) ?? []).get('name'), name))
    return index < 0 ? [] : [index, member]
  }
  const key = entriesOf(written)?.find(([candidate]) => isSame(candidate, name))?.[0]
  return key === undefined ? [] : [key]
}

function isSame(candidate: unknown, name: string): boolean {
  return String(candidate).toLowerCase() === name.toLowerCase()
}
