/**
 * The API's document as tests use it: its operations, and what an answer has to be by it. Answers are held to the letter: a
 * member that the document does not describe is as wrong as one that is missing.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { openApiDocument } from '../../src/ingress/openapi/document.ts'
import { lookUp, type Schema, schemaIn } from '../schema/schema-values.ts'

/** The whole document. */
export const DOCUMENT: Schema = { ...openApiDocument() }

/** One operation of it. */
export interface DocumentedOperation {
  /** In upper case. */
  readonly method: string
  readonly path: string
  readonly id: string
  /** Of the path and its own. */
  readonly parameters: readonly Schema[]
  /** By media type. */
  readonly bodies: readonly (readonly [type: string, media: Schema])[]
  readonly isBodyRequired: boolean
  /** By status. */
  readonly responses: Schema
}

/** An answer as it came. */
export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** All operations, HEAD among them. */
export const DOCUMENTED: readonly DocumentedOperation[] = Object.entries(schemaIn(DOCUMENT['paths'])).flatMap(
  ([path, item]) => {
    const { parameters, ...operations } = schemaIn(item)
    return Object.entries(operations).map(([method, operation]) =>
      operationOf(path, method, schemaIn(operation), parameters),
    )
  },
)

function operationOf(path: string, method: string, operation: Schema, ofPath: unknown): DocumentedOperation {
  const body = schemaIn(operation['requestBody'])
  return {
    method: method.toUpperCase(),
    path,
    id: String(operation['operationId']),
    parameters: [...listIn(ofPath), ...listIn(operation['parameters'])].map(resolved),
    bodies: Object.entries(schemaIn(body['content'])).map(([type, media]) => [type, schemaIn(media)]),
    isBodyRequired: body['required'] === true,
    responses: schemaIn(operation['responses']),
  }
}

/** What an answer is, against what the document says of it; undefined where it is as it says. */
export function faultIn(operation: DocumentedOperation, { status, headers, text }: ApiAnswer): string | undefined {
  const documented = operation.responses[status]
  if (documented === undefined) return `the status ${status} is not documented`
  const response = resolved(documented)
  const type = String(headers['content-type'] ?? '').split(';')[0] ?? ''
  const missing = missingFields(status, headers)
  if (missing !== undefined) return missing
  const content = schemaIn(response['content'])
  if (Object.keys(content).length === 0) return text === '' ? undefined : `a body where none is documented`
  const media = content[type]
  if (media === undefined) return `the content type ${type} is not documented for ${status}`
  const value = parsed(type, text)
  if (value === undefined) return `the body is no ${type}`
  return complaint(schemaIn(schemaIn(media)['schema']), value)
}

/** What is wrong with a value by a schema of the document; undefined: nothing. */
export function complaint(schema: Schema, value: unknown): string | undefined {
  const validate = validatorOf(schema, true)
  if (validate(value)) return undefined
  const errors = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
  return errors.slice(0, 5).join('; ')
}

/** Whether a value is taken by a schema of the document. */
export function isTaken(schema: Schema, value: unknown): boolean {
  return validatorOf(schema, false)(value)
}

/** A part of the document, or what it refers to. */
function resolved(part: unknown): Schema {
  const schema = schemaIn(part)
  return typeof schema['$ref'] === 'string' ? lookUp(schema['$ref'], DOCUMENT) : schema
}

/** The value as a list; an empty one where it is none. */
export function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

const ajv = new Ajv2020({ strict: false, allErrors: false })
formats.default(ajv)
// Its pattern says it all.
ajv.addFormat('base64', true)

const COMPONENTS = schemaIn(DOCUMENT['components'])
const CLOSED_COMPONENTS = schemaIn(closed(COMPONENTS))
const validators = new Map<string, ValidateFunction>()

function validatorOf(schema: Schema, isClosed: boolean): ValidateFunction {
  const key = `${isClosed} ${JSON.stringify(schema)}`
  const known = validators.get(key)
  if (known !== undefined) return known
  const whole = isClosed
    ? { ...schemaIn(closed(schema)), components: CLOSED_COMPONENTS }
    : { ...schema, components: COMPONENTS }
  const made = ajv.compile(whole)
  validators.set(key, made)
  return made
}

/** The same schemas, in which objects have no members but those that are described. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed)
  if (typeof part !== 'object' || part === null) return part
  const members = Object.entries(part).map(([key, value]) => [key, key === 'default' ? value : closed(value)])
  const isOpen = 'properties' in part && 'type' in part && part.type === 'object' && !('additionalProperties' in part)
  return Object.fromEntries(isOpen ? [...members, ['additionalProperties', false]] : members)
}

function missingFields(status: number, headers: ApiAnswer['headers']): string | undefined {
  if (headers['x-content-type-options'] !== 'nosniff') return 'no security headers'
  if ((status === 429 || status === 503) && headers['retry-after'] === undefined) return 'no retry-after'
  return status === 401 && headers['www-authenticate'] === undefined ? 'no www-authenticate' : undefined
}

function parsed(type: string, text: string): unknown {
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(text))
  if (!type.endsWith('json')) return text
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
