/**
 * `POST /v1/templates/extract`: the fields of a pasted JSON or XML format by their paths, each with the data point that stands
 * there already, so that people can map the others. Pure: nothing is kept, and no data point needs to be known.
 */
import { extractFields } from '../../compile/extract-fields.ts'
import type { TemplateIssue } from '../../model/request-spec.ts'
import { BODY_LIMIT } from '../../profiles/body.ts'
import { readCommand } from '../body/command-body.ts'
import { type Fields, fields, textField, wordField } from '../body/fields.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from '../http/answer.ts'
import { type Problem, problem } from '../problems.ts'
import type { Call, Route, RouteContext } from '../route.ts'

/** A pasted format. */
interface Format {
  readonly type: 'json' | 'xml'
  readonly format: string
}

/** See {@link Format}. */
export const FORMAT: Fields<Format> = fields({
  type: wordField(['json', 'xml'], 'must be one of json, xml').describe('What the format is'),
  format: textField(BODY_LIMIT, 'is needed: the text of a JSON or XML template').describe('Text of a template'),
})

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
  const body = await readCommand(call, context, FORMAT)
  if (body === 'gone') return 'gone'
  if (body.kind === 'problem') return problemAnswer(body)
  const { type, format } = body.values
  const extracted = extractFields(type, format)
  if (extracted.kind === 'refused') return problemAnswer(issuesProblem(extracted.issues))
  return jsonAnswer(200, { fields: extracted.fields })
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
