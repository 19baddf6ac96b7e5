/**
 * Header fields of a webhook: which a configuration may set, how they are read, and what is sent where it sets none.
 * Invariant: a header that the engine or HTTP itself sets is never taken from a configuration.
 * Used by every profile.
 */
import { z } from 'zod'
import type { HeaderSpec, TemplateType, TokenSyntax } from '../model/request-spec.ts'
import { entriesOf } from './entries.ts'
import { handRead } from './hand-read.ts'
import { expectedMessage, unknownKeyIssue } from './mistake.ts'
import { type SecretText, secretTextField } from './secret-text.ts'

/** One configured header, its secret already read. */
export interface HeaderSetting {
  /** In lower case. */
  readonly name: string
  readonly value: SecretText
}

/** Set by the engine (contract, "Delivery") or by HTTP on every hop (RFC 9110, 7.6.1; RFC 9112, 6). */
const ENGINE_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'traceparent',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
])

const ENGINE_PREFIXES = ['webhook-', 'proxy-']

/** A field name: `token` of RFC 9110, 5.6.2. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that a field value must not carry (RFC 9110, 5.5).
const CONTROL_CHARACTER = /[\u0000-\u0008\u000a-\u001f\u007f]/

const CONTENT_TYPES: Readonly<Record<TemplateType, string>> = {
  json: 'application/json',
  xml: 'application/xml',
  form: 'application/x-www-form-urlencoded',
  text: 'text/plain; charset=utf-8',
}

type Context = Pick<z.core.$RefinementCtx, 'addIssue'>

/** Reads `headers`: a list of `{ name, value }` or a mapping of names to values; a value is a text or a secret. */
export function headersField(secret: z.ZodType<string>): z.ZodType<readonly HeaderSetting[]> {
  const values = secretTextField(secret)
  const name = z.string().regex(FIELD_NAME)
  return handRead(() => [z.array(z.strictObject({ name, value: values })), z.record(name, values)])
    .transform((input, context) => {
      const headers: HeaderSetting[] = []
      for (const { name, namePath, value, valuePath } of configuredHeaders(input, context)) {
        const problem = nameProblem(name, headers)
        if (problem !== undefined) context.addIssue({ code: 'custom', path: namePath, message: problem })
        const read = readValue(value, valuePath, values, context)
        if (typeof name === 'string' && read !== undefined) headers.push({ name: name.toLowerCase(), value: read })
      }
      return headers
    })
    .prefault([])
}

/** One header as it was written, with the paths at which its parts are complained about. */
interface ConfiguredHeader {
  readonly name: unknown
  readonly namePath: PropertyKey[]
  readonly value: unknown
  readonly valuePath: PropertyKey[]
}

function configuredHeaders(input: unknown, context: Context): readonly ConfiguredHeader[] {
  if (Array.isArray(input)) return input.flatMap((item, index) => listedHeader(item, index, context))
  const entries = entriesOf(input)
  if (entries === undefined) {
    context.addIssue({ code: 'custom', message: expectedMessage('a list of { name, value }', input) })
  }
  return (entries ?? []).map(([name, value]) => ({ name, namePath: [name], value, valuePath: [name] }))
}

function listedHeader(item: unknown, index: number, context: Context): readonly ConfiguredHeader[] {
  const entries = entriesOf(item)
  if (entries === undefined) {
    context.addIssue({ code: 'custom', path: [index], message: expectedMessage('{ name, value }', item) })
    return []
  }
  const members = new Map(entries)
  for (const key of members.keys()) {
    if (key !== 'name' && key !== 'value') context.addIssue(unknownKeyIssue([index], key, ['name', 'value']))
  }
  const namePath = [index, 'name']
  return [{ name: members.get('name'), namePath, value: members.get('value'), valuePath: [index, 'value'] }]
}

function readValue(
  value: unknown,
  path: readonly PropertyKey[],
  field: z.ZodType<SecretText>,
  context: Context,
): SecretText | undefined {
  const read = field.safeParse(value)
  if (!read.success) {
    for (const issue of read.error.issues) {
      context.addIssue({ code: 'custom', path: [...path, ...issue.path], message: issue.message })
    }
    return undefined
  }
  if (!CONTROL_CHARACTER.test(read.data.text)) return read.data
  context.addIssue({
    code: 'custom',
    path: [...path],
    message: 'a header value is one line without control characters',
  })
  return undefined
}

function nameProblem(name: unknown, earlier: readonly HeaderSetting[]): string | undefined {
  if (typeof name !== 'string') return expectedMessage('a header name', name)
  if (!FIELD_NAME.test(name)) return `${JSON.stringify(name)} is no header name: letters, digits and - make one`
  const lower = name.toLowerCase()
  if (ENGINE_HEADERS.has(lower) || ENGINE_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
    return `${lower} is set by the engine and can't be configured: leave it out`
  }
  if (earlier.some((each) => each.name === lower)) return `${lower} is there already: a header is given once`
  return undefined
}

/** The media type that a header setting names, in lower case and without parameters; empty where it names none. */
export function configuredMediaType(headers: readonly HeaderSetting[]): string {
  const value = headers.find((each) => each.name === 'content-type')?.value.text ?? ''
  return (value.split(';')[0] ?? '').trim().toLowerCase()
}

/** The headers of a request: the configured ones, before them the body's content type unless they bring their own. */
export function requestHeaders(
  headers: readonly HeaderSetting[],
  bodyType: TemplateType | 'none',
  syntax: TokenSyntax = 'none',
): readonly HeaderSpec[] {
  const own = headers.map(
    ({ name, value }): HeaderSpec => ({
      name,
      value: { text: value.text, syntax: value.isSecret ? 'none' : syntax },
      ...(value.isSecret && { isSecret: true }),
    }),
  )
  if (bodyType === 'none' || own.some((each) => each.name === 'content-type')) return own
  return [{ name: 'content-type', value: { text: CONTENT_TYPES[bodyType], syntax: 'none' } }, ...own]
}
