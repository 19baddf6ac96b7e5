/**
 * `POST /v1/templates/extract`: the fields of a pasted JSON or XML format by their paths, each with the data point that stands
 * there already, so that people can map the others. Pure: nothing is kept, and no data point needs to be known.
 */
import { extractFields } from '../compile/extract-fields.ts'
import type { TemplateIssue } from '../model/request-spec.ts'
import { BODY_LIMIT } from '../profiles/body.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from './answer.ts'
import { type CommandBody, readCommand } from './command-body.ts'
import { type Problem, problem } from './problems.ts'
import type { Call, Route, RouteContext } from './route.ts'

/** Types of formats that have fields. */
const TYPES = ['json', 'xml'] as const

type Format = { readonly type: (typeof TYPES)[number]; readonly format: string }

/** The route of this file. */
export function extractRoute(context: RouteContext): Route {
  return {
    method: 'POST',
    path: '/v1/templates/extract',
    right: 'read',
    answersHead: false,
    handle: (call) => extract(call, context),
  }
}

async function extract(call: Call, context: RouteContext): Promise<RouteAnswer> {
  const body = await readCommand(call, context, ['type', 'format'])
  if (body === 'gone') return 'gone'
  if (body.kind === 'problem') return problemAnswer(body)
  const read = readFormat(body)
  if ('kind' in read) return problemAnswer(read)
  const extracted = extractFields(read.type, read.format)
  if (extracted.kind === 'refused') return problemAnswer(issuesProblem(extracted.issues))
  return jsonAnswer(200, { fields: extracted.fields })
}

function readFormat(body: CommandBody): Format | Problem {
  const given = body.text('type')
  const type = TYPES.find((known) => known === given)
  const format = body.text('format', BODY_LIMIT)
  if (type === undefined && (given !== undefined || !body.has('type'))) {
    body.wrong('type', `must be one of ${TYPES.join(', ')}`)
  }
  if (!body.has('format')) body.wrong('format', 'is needed: the text of a JSON or XML template')
  return type !== undefined && format !== undefined && body.isRight ? { type, format } : body.refusal()
}

/** Every mistake of the format with its place in it. */
function issuesProblem(issues: readonly TemplateIssue[]): Problem {
  const errors = issues.map(({ part, line, column, message }) => ({
    path: part,
    detail: `line ${line}, column ${column}: ${message}`,
    line,
    column,
  }))
  return problem('invalid-request', 'The format can not be read', { errors })
}
