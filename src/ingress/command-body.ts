/**
 * Reads the small bodies that commands come with: a JSON object or a form of texts, under names that the command knows. All
 * mistakes are found and told at once, each with the path of its value. Called by the routes of commands.
 */
import { parseInstant } from '../catalog/instant.ts'
import { suggestion } from '../compile/near-miss.ts'
import { parseDuration } from '../config/units.ts'
import { type DataValue, isDataObject } from '../model/data.ts'
import type { DeliveryState } from '../model/delivery.ts'
import { utf8Decoder } from './charset.ts'
import { readPairs } from './form.ts'
import { parseJson } from './json-text.ts'
import { isJson, readContentType } from './media-type.ts'
import { type Problem, type ProblemPart, problem } from './problems.ts'
import { withBody } from './read-body.ts'
import { bodyProblem, type Call, type RouteContext } from './route.ts'

const FORM_TYPE = 'application/x-www-form-urlencoded'

type EndedState = Exclude<DeliveryState, 'pending'>

/** States that a command on ended deliveries can name. */
const ENDED_STATES: readonly EndedState[] = ['dead', 'delivered']

/** Most characters of a value unless its reader says otherwise. */
const VALUE_LENGTH = 1024

type Values =
  | { readonly kind: 'values'; readonly values: readonly (readonly [name: string, value: DataValue])[] }
  | Problem

/** Reads a command's body, whose values may have `names`; no body at all is one without values. */
export async function readCommand(
  { request }: Call,
  context: RouteContext,
  names: readonly string[],
): Promise<CommandBody | Problem | 'gone'> {
  return await withBody(request, 'single', context, async (body) => {
    if (body.kind === 'gone') return 'gone'
    if (body.kind !== 'body') return bodyProblem(body)
    const { essence } = readContentType(request.headers['content-type'])
    const read = body.bytes.length === 0 ? NO_VALUES : readValues(body.bytes, essence, context)
    return read.kind === 'problem' ? read : new CommandBody(read.values, names)
  })
}

const NO_VALUES: Values = { kind: 'values', values: [] }

function readValues(bytes: Buffer, essence: string, { limits, metrics }: RouteContext): Values {
  const decode = utf8Decoder((count) => metrics.replacedBytes(count))
  if (essence === FORM_TYPE) {
    const read = readPairs(bytes.toString('latin1'), decode, limits.parameters)
    if (read.kind === 'refused') return problem('invalid-request', read.detail)
    return { kind: 'values', values: read.pairs.map(({ name, value }) => [name, value]) }
  }
  if (essence !== '' && !isJson(essence)) {
    return problem('unsupported-media-type', `Send application/json or ${FORM_TYPE}, not ${essence}`)
  }
  const json = parseJson(decode(bytes), limits.depth)
  if (json.kind !== 'value') return problem('malformed-body', json.detail)
  if (isDataObject(json.value)) return { kind: 'values', values: Object.entries(json.value) }
  return problem('malformed-body', 'A JSON object is expected')
}

/** The values of one command; what is wrong with those that are read gathers in it. */
export class CommandBody {
  readonly kind = 'command'
  readonly #values = new Map<string, DataValue>()
  readonly #errors: ProblemPart[] = []

  constructor(values: readonly (readonly [name: string, value: DataValue])[], names: readonly string[]) {
    for (const [name, value] of values) {
      if (!names.includes(name)) {
        const otherwise = `: one of ${names.join(', ')} is expected`
        this.wrong(name, `is not known${suggestion(name, names, (near) => near, otherwise)}`)
      } else if (this.#values.has(name)) {
        this.wrong(name, 'is given twice')
      } else if (value !== '' && value !== null) {
        this.#values.set(name, value)
      }
    }
  }

  /** Notes a mistake at the value `path`. */
  wrong(path: string, detail: string): void {
    this.#errors.push({ path, detail })
  }

  /** True: nothing is wrong with what was read so far. */
  get isRight(): boolean {
    return this.#errors.length === 0
  }

  /** The problem that all mistakes make together. */
  refusal(): Problem {
    return problem('invalid-request', 'The command is not acceptable', { errors: this.#errors })
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** A text of up to `length` characters. */
  text(name: string, length: number = VALUE_LENGTH): string | undefined {
    const value = this.#values.get(name)
    if (value === undefined) return undefined
    if (typeof value === 'string' && value.length <= length) return value
    this.wrong(name, `must be a text of up to ${length} characters`)
    return undefined
  }

  /** A claim: `true` or `false`, as text too, since forms have nothing else; false where it is absent. */
  flag(name: string): boolean {
    const given = this.#values.get(name)
    if (given === true || given === 'true') return true
    if (given !== undefined && given !== false && given !== 'false') this.wrong(name, 'must be true or false')
    return false
  }

  /** A state that deliveries end in. */
  endedState(name: string): EndedState | undefined {
    const given = this.#values.get(name)
    const state = ENDED_STATES.find((known) => known === given)
    if (given !== undefined && state === undefined) this.wrong(name, `must be one of ${ENDED_STATES.join(', ')}`)
    return state
  }

  /** A time as RFC 3339 text, or how long before `nowMs` it was; milliseconds since the epoch. */
  timeMs(name: string, nowMs: number): number | undefined {
    const given = this.#values.get(name)
    if (given === undefined) return undefined
    if (typeof given === 'string') {
      const instantMs = parseInstant(given)
      if (instantMs !== undefined) return instantMs
      const ago = parseDuration(given)
      if (ago.kind === 'read') return Math.max(0, nowMs - ago.value)
    }
    this.wrong(name, 'must be a time such as 2026-11-21T08:00:00Z, or how long ago it was: 30m, 2h, 7d')
    return undefined
  }
}
