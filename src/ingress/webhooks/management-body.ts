/**
 * Reads the body of a PUT: a JSON object, with the order of its names where that means something. Invariant: bytes that are no
 * UTF-8 are refused, since nobody would find what they became in a configuration.
 */
import { type DataValue, isDataObject } from '../../model/data.ts'
import { utf8Decoder } from '../body/charset.ts'
import { parseJson } from '../body/json-text.ts'
import { isJson, readContentType } from '../body/media-type.ts'
import { withBody } from '../body/read-body.ts'
import { type Problem, problem } from '../problems.ts'
import { bodyProblem, type Call, type RouteContext } from '../route.ts'

/** A mapping that was read; those of them whose order an object would change are a `Map`. */
export interface ConfigBody {
  readonly kind: 'config'
  readonly value: unknown
}

/** Stands before some names while they are parsed. */
const MARK = '\u0000'

/**
 * Names that are marked: those of digits, which would come before all others in an object, and those that begin with a mark of
 * their own, which would else be taken for ours. Within a text their quotes would be escaped.
 */
const MARKED_NAME = /(?<!\\)"(\d+|\\u0000(?:[^"\\]|\\.)*)"(\s*:)/g

/** Reads the whole body. */
export async function readConfigBody({ request }: Call, context: RouteContext): Promise<ConfigBody | Problem | 'gone'> {
  const { essence } = readContentType(request.headers['content-type'])
  if (essence !== '' && !isJson(essence)) {
    return problem('unsupported-media-type', `Send application/json, not ${essence}`)
  }
  return await withBody(request, 'single', context, async (body) => {
    if (body.kind === 'gone') return 'gone'
    if (body.kind !== 'body') return bodyProblem(body)
    return readConfig(body.bytes, context)
  })
}

function readConfig(bytes: Buffer, { limits }: RouteContext): ConfigBody | Problem {
  let replaced = 0
  const decode = utf8Decoder((count) => {
    replaced += count
  })
  const text = decode(bytes)
  if (replaced > 0) return problem('malformed-body', 'The body is not valid UTF-8')
  const json = parseJson(text.replaceAll(MARKED_NAME, '"\\u0000$1"$2'), limits.json)
  if (json.kind !== 'value') return problem('malformed-body', json.detail)
  if (isDataObject(json.value)) return { kind: 'config', value: ordered(json.value) }
  return problem('malformed-body', 'A JSON object is expected')
}

function ordered(value: DataValue): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isDataObject(value)) return value
  const entries = Object.entries(value).map(([name, member]) => [name, ordered(member)] as const)
  if (!entries.some(([name]) => name.startsWith(MARK))) return Object.fromEntries(entries)
  return new Map(entries.map(([name, member]) => [name.startsWith(MARK) ? name.slice(MARK.length) : name, member]))
}
