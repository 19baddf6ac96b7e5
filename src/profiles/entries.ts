/**
 * Mappings of a configuration in the order in which they were written. JavaScript objects move keys such as `10` to the
 * front, so a reader that must not lose the order (parameters are sent in theirs) hands over a `Map` for such mappings.
 * Used wherever a mapping has free keys.
 */
import { z } from 'zod'
import { expectedMessage } from './mistake.ts'

/** Keys and values of an object or `Map`, in order; `undefined` where `value` is neither. */
export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (value instanceof Map) return [...value].map(([key, member]) => [String(key), member])
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.entries(value)
}

/** A mapping of free names to texts, `what` in messages: `a data point`. The result has no prototype's members. */
export function textMapField(what: string): z.ZodType<Readonly<Record<string, string>>> {
  return z
    .unknown()
    .meta({ type: 'object', additionalProperties: { type: 'string', minLength: 1 } })
    .transform((input, context): Readonly<Record<string, string>> => {
      const entries = entriesOf(input)
      if (entries === undefined) context.addIssue({ code: 'custom', message: expectedMessage('a mapping', input) })
      const texts: [string, string][] = []
      for (const [name, value] of entries ?? []) {
        if (typeof value === 'string' && value !== '') texts.push([name, value])
        else context.addIssue({ code: 'custom', path: [name], message: expectedMessage(what, value) })
      }
      return Object.fromEntries(texts)
    })
    .prefault({})
}
