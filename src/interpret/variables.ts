/**
 * VCC Live: the answer sets variables of the call (vcc-live-ivr-webhook, "Response"), read as JSON, x-ini or text by its
 * content type. All or nothing: one variable that may not be set, or one limit passed, and none is set.
 */
import type { Answer } from '../model/answer.ts'
import { type DataPoints, type DataValue, isDataObject } from '../model/data.ts'
import { backup, type Decision, type VariableValue } from '../model/decision.ts'
import { type ExactJson, parseExactJson } from '../model/exact-json.ts'
import { surveyJson } from '../model/json-survey.ts'
import { parsePlainJson } from '../model/plain-json.ts'
import { isJsonType, parseContentType } from './content-type.ts'
import { quoted } from './excerpt.ts'
import { decodeText } from './text.ts'

/** "If successful, the HTTP response code should be 200 OK" (vcc-live-ivr-webhook, "Response"). */
export const VARIABLES_SUCCESS_CODES: readonly number[] = [200]

/** "Response key/value limit: max. 100" (same), counted after nested keys were joined. */
const VARIABLES_LIMIT = 100

/** "Value length limit: 256 characters" (same), counted in code points of the value as text. */
const VARIABLE_VALUE_LIMIT = 256

/** "A JSON response can contain up to three-level depth objects" (same), the outermost counted as 1. */
const VARIABLES_MAX_DEPTH = 3

/** An answer's size bounds how many values it holds. */
const JSON_BOUNDS = { depth: VARIABLES_MAX_DEPTH, values: Number.POSITIVE_INFINITY }

/** "Lowercase alphanumerics (a-z, 0-9 and low_dash, first character must be a letter or low_dash)" (same). */
const VARIABLE_NAME = /^[a-z_][a-z0-9_]*$/

/** "The response can define new variables and also override existing ones, except system variables" (same). */
const SYSTEM_VARIABLES: ReadonlySet<string> = new Set([
  'customer',
  'projectid',
  'source',
  'destination',
  'uuid',
  'vccsys_shortid',
])

/** Reads an answer of status 200; text goes into `setVariable`, and without one is ignored. */
export function interpretVariables(answer: Answer, setVariable: string | undefined): Decision {
  const { mediaType } = parseContentType(answer.contentType)
  const isStructured = isJsonType(mediaType) || mediaType === 'text/x-ini'
  if (!isStructured && setVariable === undefined) return { kind: 'continue' }
  const decoded = decodeText(answer, 'none')
  if (decoded.kind === 'invalid') return backup('invalid-response', decoded.detail)
  const variables = new VariableSet()
  const problem = isJsonType(mediaType)
    ? addJson(variables, decoded.text)
    : setVariable === undefined || mediaType === 'text/x-ini'
      ? addIni(variables, decoded.text)
      : variables.add(setVariable, decoded.text.trim())
  return problem === undefined
    ? { kind: 'set-variables', variables: variables.toObject() }
    : backup('invalid-response', problem)
}

/** Variables as they are collected; each method that adds tells the problem, `undefined` where there is none. */
class VariableSet {
  readonly #values = new Map<string, VariableValue>()

  add(name: string, value: VariableValue): string | undefined {
    if (!VARIABLE_NAME.test(name)) {
      return `the name ${quoted(name)} is not made of a-z, 0-9 and _, or begins with a digit`
    }
    if (SYSTEM_VARIABLES.has(name)) return `${name} is a system variable and can't be set`
    if (this.#values.has(name)) return `${quoted(name)} is set twice`
    if (this.#values.size === VARIABLES_LIMIT) return `more than ${VARIABLES_LIMIT} variables are set`
    if (isLongerThan(String(value), VARIABLE_VALUE_LIMIT)) {
      return `the value of ${quoted(name)} is longer than ${VARIABLE_VALUE_LIMIT} characters`
    }
    // JSON can write it, and nothing that the value is sent to could carry it.
    if (typeof value === 'string' && !value.isWellFormed()) return `the value of ${quoted(name)} holds half a character`
    this.#values.set(name, value)
    return undefined
  }

  toObject(): Readonly<Record<string, VariableValue>> {
    return Object.fromEntries(this.#values)
  }
}

function addJson(variables: VariableSet, text: string): string | undefined {
  const json = readJson(text)
  if (json.kind === 'invalid') return `the body is not usable JSON: ${json.detail}`
  if (!isDataObject(json.value)) return `the JSON body is ${kindOf(json.value)}, not an object`
  return addMembers(variables, json.value, '')
}

function readJson(text: string): ExactJson {
  const survey = surveyJson(text, JSON_BOUNDS, '')
  const value = typeof survey === 'string' ? undefined : parsePlainJson(text, survey)
  // Also where it is too deep, and says where.
  return value === undefined ? parseExactJson(text, { maxDepth: VARIABLES_MAX_DEPTH }) : { kind: 'value', value }
}

/** Depth is bounded by the parser, so that this recursion is too. */
function addMembers(variables: VariableSet, members: DataPoints, prefix: string): string | undefined {
  for (const [key, value] of Object.entries(members)) {
    const name = prefix + key
    const problem = addMember(variables, name, value)
    if (problem !== undefined) return problem
  }
  return undefined
}

function addMember(variables: VariableSet, name: string, value: DataValue): string | undefined {
  if (isDataObject(value)) return addMembers(variables, value, `${name}_`)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return variables.add(name, value)
  }
  return `the value of ${quoted(name)} is ${kindOf(value)}, not text, a number or a boolean`
}

function addIni(variables: VariableSet, text: string): string | undefined {
  const lines = text.split(/\r\n|\r|\n/)
  for (const [index, rawLine] of lines.entries()) {
    const line = rawLine.trim()
    if (line === '' || line.startsWith(';') || line.startsWith('#')) continue
    const equals = line.indexOf('=')
    if (line.startsWith('[') || equals === -1) return `line ${index + 1} is not key=value: ${quoted(line)}`
    const problem = variables.add(line.slice(0, equals).trimEnd(), line.slice(equals + 1).trimStart())
    if (problem !== undefined) return `line ${index + 1}: ${problem}`
  }
  return undefined
}

function isLongerThan(text: string, codePoints: number): boolean {
  // A code point has at most two units: only a text in between needs counting.
  if (text.length <= codePoints) return false
  return text.length > 2 * codePoints || [...text].length > codePoints
}

function kindOf(value: DataValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
