/**
 * Values of queries and commands: schemas of single ones, and how a whole set of them is read. The API's document is made of the
 * same schemas. Invariant: all mistakes are told at once, each with the path of its value; an empty value counts as absent.
 * Used by every route that takes parameters or a command.
 */
import { z } from 'zod'
import { parseInstant } from '../../catalog/instant.ts'
import { suggestion } from '../../compile/near-miss.ts'
import { parseDuration } from '../../config/units.ts'
import type { DataValue } from '../../model/data.ts'
import type { DeliveryState } from '../../model/delivery.ts'
import type { ProblemPart } from '../problems.ts'

/** A set of named values that reads as `Values`. */
export type Fields<Values> = z.ZodObject & z.ZodType<Values>

/** Most characters of a value unless its schema says otherwise: those of a subject. */
const VALUE_LENGTH = 1024

/** States that deliveries end in. */
export const ENDED_STATES: readonly Exclude<DeliveryState, 'pending'>[] = ['dead', 'delivered']

/** A moment, or how long before now it was. */
export type Moment =
  | { readonly kind: 'instant'; readonly atMs: number }
  | { readonly kind: 'ago'; readonly durationMs: number }

/** What is said of a value: that it is missing, where it must be there, else `wrong`. */
type Words = (issue: { readonly input?: unknown }) => string

/** A set of named values and no others. */
export function fields<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape)
}

/** A text of up to `length` characters; `needed`: what is said where it is missing. */
export function textField(length: number = VALUE_LENGTH, needed = ''): z.ZodString {
  const error = words(`must be a text of up to ${length} characters`, needed)
  return z.string({ error }).max(length, { error })
}

/** One of `known`. */
export function wordField<const Known extends readonly string[]>(
  known: Known,
  needed = '',
): z.ZodEnum<{ [Word in Known[number]]: Word }> {
  return z.enum(known, { error: words(`must be one of ${known.join(', ')}`, needed) })
}

/** A claim: `true` or `false`, as text too, since forms have nothing else. */
export function flagField(): z.ZodType<boolean> {
  const error = 'must be true or false'
  return z
    .union([z.boolean(), z.enum(['true', 'false'])], { error })
    .transform((given) => given === true || given === 'true')
}

/** A whole number, as text too. */
export function countField(least: number, most: number): z.ZodType<number> {
  const error = `must be a whole number from ${least} to ${most}`
  return z
    .unknown()
    .meta({ type: 'integer', minimum: least, maximum: most })
    .transform((given, context): number => {
      const text = typeof given === 'string' || typeof given === 'number' ? String(given) : ''
      const count = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
      if (count >= least && count <= most) return count
      context.addIssue({ code: 'custom', message: error })
      return z.NEVER
    })
}

/** A time as RFC 3339 text, or how long ago it was. */
export function timeField(needed = ''): z.ZodType<Moment> {
  const error = words('must be a time such as 2026-11-21T08:00:00Z, or how long ago it was: 30m, 2h, 7d', needed)
  return z
    .string({ error })
    .regex(/^(?:\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)|\d+(?:ms|s|m|h|d))$/, {
      error,
      abort: true,
    })
    .transform((text, context): Moment => {
      const atMs = parseInstant(text)
      if (atMs !== undefined) return { kind: 'instant', atMs }
      const ago = parseDuration(text)
      if (ago.kind === 'read') return { kind: 'ago', durationMs: ago.value }
      context.addIssue({ code: 'custom', message: error({ input: text }) })
      return z.NEVER
    })
}

/** Milliseconds since the epoch. */
export function momentMs(moment: Moment, nowMs: number): number {
  return moment.kind === 'instant' ? moment.atMs : Math.max(0, nowMs - moment.durationMs)
}

function words(wrong: string, needed: string): Words {
  return ({ input }) => (input === undefined && needed !== '' ? needed : wrong)
}

/** What came of reading a set of values. */
export type FieldsRead<Values> =
  | { readonly kind: 'read'; readonly values: Values }
  | { readonly kind: 'refused'; readonly errors: readonly ProblemPart[] }

/** Reads the values `given`, in their order; a name that is given twice is a mistake like one that nobody knows. */
export function readFields<Values>(
  schema: Fields<Values>,
  given: readonly (readonly [name: string, value: DataValue])[],
): FieldsRead<Values> {
  const names = Object.keys(schema.shape)
  const errors: ProblemPart[] = []
  const members = new Map<string, DataValue>()
  for (const [path, value] of given) {
    if (!names.includes(path)) errors.push({ path, detail: unknownName(path, names) })
    else if (members.has(path)) errors.push({ path, detail: 'is given twice' })
    else if (value !== '' && value !== null) members.set(path, value)
  }
  const read = schema.safeParse(Object.fromEntries(members))
  if (!read.success) {
    errors.push(...read.error.issues.map(({ path, message }) => ({ path: path.join('.'), detail: message })))
  }
  return read.success && errors.length === 0 ? { kind: 'read', values: read.data } : { kind: 'refused', errors }
}

function unknownName(name: string, names: readonly string[]): string {
  if (names.length === 0) return 'is not known: nothing is expected here'
  return `is not known${suggestion(name, names, (near) => near, `: one of ${names.join(', ')} is expected`)}`
}
