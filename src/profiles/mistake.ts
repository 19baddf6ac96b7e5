/**
 * Mistakes in a configuration as values, and the words in which they are told: every message says what would be right.
 * A mistake has a path but no file or line: those belong to whoever read the text (`config/` for a file, the API for a body).
 * Made by the schemas of profiles and of `config/`.
 */
import type { z } from 'zod'
import { nearMiss } from '../compile/near-miss.ts'

/** One mistake, told by the path of its key. */
export interface Mistake {
  /** From the outermost value inwards: keys of mappings, indexes of lists from 0. */
  readonly path: readonly (string | number)[]
  /** What is wrong and what would be right, in one sentence without a final stop. */
  readonly message: string
  /** Whether the key itself is wrong (unknown, twice there) or its value. */
  readonly at: 'key' | 'value'
  /** Where in the text of the value, where that is a template or URL: line and column from 1. */
  readonly within?: { readonly line: number; readonly column: number }
}

/** A mistake in the value at `path`. */
export function mistake(path: readonly (string | number)[], message: string): Mistake {
  return { path, message, at: 'value' }
}

/** The same mistakes, seen from further out. */
export function under(prefix: readonly (string | number)[], mistakes: readonly Mistake[]): readonly Mistake[] {
  return mistakes.map((each) => ({ ...each, path: [...prefix, ...each.path] }))
}

/** Everything that a zod check found, one mistake a problem. Messages come from the schemas (see {@link expected}). */
export function mistakesOf(error: z.ZodError): readonly Mistake[] {
  return error.issues.flatMap((issue): Mistake[] => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
    if (issue.code === 'custom' && issue.params?.['at'] === 'key') return [{ path, message: issue.message, at: 'key' }]
    if (issue.code !== 'unrecognized_keys') return [mistake(path, issue.message)]
    const lines = issue.message.split('\n')
    return issue.keys.map((key, index) => ({ path: [...path, key], message: lines[index] ?? issue.message, at: 'key' }))
  })
}

/** What zod hands to a message function; `input` is the refused value. */
interface Refused {
  readonly code?: string | undefined
  readonly input?: unknown
  readonly keys?: readonly string[]
}

/** A message function for a schema that takes `what`: `is missing: a text is expected`, `a text is expected, not 5`. */
export function expected(what: string): (issue: Refused) => string {
  return (issue) => expectedMessage(what, issue.input)
}

/** Says that `what` is expected where `input` stands. */
export function expectedMessage(what: string, input: unknown): string {
  if (input === undefined) return `is missing: ${what} is expected`
  const hint = what.startsWith('a text') && typeof input === 'number' ? ' (put it in quotes)' : ''
  return `${what} is expected, not ${shown(input)}${hint}`
}

/** A message function for a schema that takes one of `words`. */
export function oneOf(words: readonly string[]): (issue: Refused) => string {
  const what = listed(words, 'or')
  return ({ input }) => expectedMessage(what, input) + suggestion(input, words)
}

/** As {@link expected}, for what holds secrets: what stands there may be one in the wrong form, and is not shown. */
export function expectedUnshown(what: string): (issue: Refused) => string {
  return () => `${what} is expected`
}

/** A message function for a mapping of `known` keys; unknown keys get a line each, which {@link mistakesOf} takes apart. */
export function keysOf(
  known: readonly string[],
  wrong: (issue: Refused) => string = expected('a mapping'),
): (issue: Refused) => string {
  return (issue) =>
    issue.code === 'unrecognized_keys' && issue.keys !== undefined
      ? issue.keys.map((key) => unknownKey(key, known)).join('\n')
      : wrong(issue)
}

/** What a hand-written reader of free mappings hands to zod for an unknown key. */
export function unknownKeyIssue(
  path: readonly PropertyKey[],
  key: string,
  known: readonly string[],
): { code: 'custom'; path: PropertyKey[]; message: string; params: { at: 'key' } } {
  return { code: 'custom', path: [...path, key], message: unknownKey(key, known), params: { at: 'key' } }
}

/** Says that `key` is unknown, and which was probably meant. */
export function unknownKey(key: string, known: readonly string[]): string {
  return `unknown key${suggestion(key, known) || `; known here: ${known.join(', ')}`}`
}

/** `; did you mean successCodes?` where one of `words` is close to `input`, else empty. */
export function suggestion(input: unknown, words: Iterable<string>): string {
  const meant = typeof input === 'string' ? nearMiss(input, words) : undefined
  return meant === undefined ? '' : `; did you mean ${meant}?`
}

/** `a, b or c`. */
export function listed(words: readonly string[], conjunction: 'and' | 'or'): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${conjunction} ${last}`
}

/** A value as it is shown in a message, at most 60 characters. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (value instanceof Map || (typeof value === 'object' && value !== null)) return 'a mapping'
  if (value === null) return 'nothing'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
