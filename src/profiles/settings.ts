/**
 * Building blocks of configuration schemas: texts, numbers and words with messages that say what would be right, and the
 * keys that every profile takes (`url`, `method`, `headers`, `params`, `include`, `successCodes`).
 * Invariant: a value that passes needs no further check of its shape. Used by all profiles and by `config/`.
 */
import { z } from 'zod'
import type { HttpMethod, Param } from '../model/request-spec.ts'
import { entriesOf } from './entries.ts'
import { type HeaderSetting, headersField } from './headers.ts'
import { expected, expectedUnshown, keysOf, listed, oneOf } from './mistake.ts'
import { paramsField } from './params.ts'

/** Most UTF-16 units of a URL as configured; far above what servers take (RFC 9110, 4.1 recommends at least 8000). */
export const URL_LIMIT = 8192

/** A text of 1 to `limit` UTF-16 units. */
export function textField(limit = 200): z.ZodString {
  const error = expected(`a text of 1 to ${limit} characters`)
  return z.string({ error }).min(1, { error }).max(limit, { error })
}

/** A whole number within both bounds. */
export function wholeNumberField(least: number, most: number): z.ZodNumber {
  const error = expected(`a whole number from ${least} to ${most}`)
  return z.int({ error }).min(least, { error }).max(most, { error })
}

/** `true` or `false`. */
export function flagField(): z.ZodBoolean {
  return z.boolean({ error: expected('true or false') })
}

/** One of `words`. */
export function wordField<const Words extends readonly string[]>(
  words: Words,
): z.ZodEnum<{ [Word in Words[number]]: Word }> {
  return z.enum(words, { error: oneOf(words) })
}

/** A list of what `member` takes; `what` in messages: `a list of webhook ids`. */
export function listField<Member extends z.ZodType>(member: Member, what: string): z.ZodArray<Member> {
  return z.array(member, { error: expected(`a list of ${what}`) })
}

/** A mapping of exactly the keys of `shape`; as an object, since of a `Map` no key would be seen (see {@link plainValue}). */
export function section<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, { error: keysOf(Object.keys(shape)) })
}

/** As {@link section}, of what holds secrets: messages show nothing that stands in its place. */
export function secretSection<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, { error: keysOf(Object.keys(shape), expectedUnshown('a mapping')) })
}

/** What every profile's settings hold. */
export interface RequestSettings {
  readonly url: string
  readonly method: HttpMethod
  readonly headers: readonly HeaderSetting[]
  readonly params: readonly Param[]
  readonly include: readonly string[]
  /** Absent: the profile's own default. */
  readonly successCodes?: readonly number[] | undefined
}

/** What a profile allows of the keys that every profile takes. */
export interface RequestRules<Method extends HttpMethod> {
  /** The first is the default. */
  readonly methods: readonly [Method, ...Method[]]
  /** Groups that `include` can name, in the document's order. */
  readonly includes?: readonly string[]
  /** Statuses that `successCodes` can name; absent: 200 to 599 (a status below is never the last of an exchange). */
  readonly statuses?: readonly number[]
}

/** The keys that every profile takes, as members of a {@link section}. */
export interface RequestKeys<Method extends HttpMethod> {
  readonly url: z.ZodType<string>
  readonly method: z.ZodType<Method>
  readonly headers: z.ZodType<readonly HeaderSetting[]>
  readonly params: z.ZodType<readonly Param[]>
  readonly include: z.ZodType<readonly string[]>
  readonly successCodes: z.ZodType<readonly number[] | undefined>
}

/** Schemas of those keys under a profile's rules. */
export function requestKeys<Method extends HttpMethod>(
  secret: z.ZodType<string>,
  rules: RequestRules<Method>,
): RequestKeys<Method> {
  const methods = z.enum(rules.methods, { error: oneOf(rules.methods) })
  return {
    url: textField(URL_LIMIT),
    method: methods.default(rules.methods[0]),
    headers: headersField(secret),
    params: paramsField(),
    include: includeField(rules.includes ?? []),
    successCodes: statusesField(rules.statuses).optional(),
  }
}

function includeField(groups: readonly string[]): z.ZodType<readonly string[]> {
  const error = groups.length === 0 ? 'this profile has nothing to include: leave the key out' : oneOf(groups)
  return listField(z.enum([...groups], { error }), 'groups').default([])
}

function statusesField(allowed: readonly number[] | undefined): z.ZodType<readonly number[]> {
  if (allowed === undefined) return nonEmpty(wholeNumberField(200, 599))
  const error = expected(listed(allowed.map(String), 'or'))
  return nonEmpty(z.literal([...allowed], { error }))
}

function nonEmpty(member: z.ZodType<number>): z.ZodType<readonly number[]> {
  return listField(member, 'statuses').min(1, { error: 'at least one status is expected' })
}

/** A mapping with free content, as it stands; mappings that came as a `Map` become objects. */
export function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue)
  const entries = entriesOf(value)
  return entries === undefined ? value : Object.fromEntries(entries.map(([key, member]) => [key, plainValue(member)]))
}
