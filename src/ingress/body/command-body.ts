/**
 * Reads the small bodies that commands come with: a JSON object or a form, with the values that the command's schema knows.
 * Called by the routes of commands.
 */
import { type DataValue, isDataObject } from '../../model/data.ts'
import { type Problem, type ProblemPart, problem } from '../problems.ts'
import { bodyProblem, type Call, type RouteContext } from '../route.ts'
import { utf8Decoder } from './charset.ts'
import { type Fields, readFields } from './fields.ts'
import { readPairs } from './form.ts'
import { parseJson } from './json-text.ts'
import { isJson, readContentType } from './media-type.ts'
import { withBody } from './read-body.ts'

const FORM_TYPE = 'application/x-www-form-urlencoded'

/** What a command was sent. */
export interface Command<Values> {
  readonly kind: 'command'
  readonly values: Values
}

type Given =
  | { readonly kind: 'given'; readonly values: readonly (readonly [name: string, value: DataValue])[] }
  | Problem

/** Reads a command's body; no body at all is one without values. */
export async function readCommand<Values>(
  { request }: Call,
  context: RouteContext,
  schema: Fields<Values>,
): Promise<Command<Values> | Problem | 'gone'> {
  return await withBody(request, 'single', context, async (body) => {
    if (body.kind === 'gone') return 'gone'
    if (body.kind !== 'body') return bodyProblem(body)
    const { essence } = readContentType(request.headers['content-type'])
    const given = body.bytes.length === 0 ? NOTHING : readGiven(body.bytes, essence, context)
    if (given.kind === 'problem') return given
    const read = readFields(schema, given.values)
    return read.kind === 'read' ? { kind: 'command', values: read.values } : refuseCommand(read.errors)
  })
}

/** The problem of a command with mistakes. */
export function refuseCommand(errors: readonly ProblemPart[]): Problem {
  return problem('invalid-request', 'The command is not acceptable', { errors })
}

const NOTHING: Given = { kind: 'given', values: [] }

function readGiven(bytes: Buffer, essence: string, { limits, metrics }: RouteContext): Given {
  const decode = utf8Decoder((count) => metrics.replacedBytes(count))
  if (essence === FORM_TYPE) {
    const read = readPairs(bytes.toString('latin1'), decode, limits.parameters)
    if (read.kind === 'refused') return problem('invalid-request', read.detail)
    return { kind: 'given', values: read.pairs.map(({ name, value }) => [name, value]) }
  }
  if (essence !== '' && !isJson(essence)) {
    return problem('unsupported-media-type', `Send application/json or ${FORM_TYPE}, not ${essence}`)
  }
  const json = parseJson(decode(bytes), limits.json)
  if (json.kind !== 'value') return problem('malformed-body', json.detail)
  if (isDataObject(json.value)) return { kind: 'given', values: Object.entries(json.value) }
  return problem('malformed-body', 'A JSON object is expected')
}
