/**
 * Secrets over the API: the value itself, as a text or as `{ secret: TEXT }`, which makes a secret of what need not be one (a
 * header value). Never a reference: whoever may use the API must not read the engine's environment and files by it.
 * Used by the readers of what comes over the API.
 */
import { z } from 'zod'
import { entriesOf } from '../profiles/entries.ts'
import { handRead } from '../profiles/hand-read.ts'
import { expectedMessage } from '../profiles/mistake.ts'

/** What stands in an answer for a secret that is kept. Nothing reads it as a secret. */
export const HIDDEN_SECRET: { readonly hidden: true } = { hidden: true }

/** What stands in a URL for its user info. */
export const HIDDEN_USER_INFO = '[secret]'

/** Most characters of one: a private key and its certificates fit, and what the log's mask keeps of those replaced stays small. */
const LENGTH_LIMIT = 65_536

/** Reads a secret that came over the API. */
export function apiSecretField(): z.ZodType<string> {
  const text = z.string().min(1).max(LENGTH_LIMIT)
  return handRead(() => [text, z.strictObject({ secret: text })]).transform((input, context): string => {
    const entries = entriesOf(input)
    const [[key, member] = ['', undefined], ...more] = entries ?? []
    const value = entries === undefined ? input : key === 'secret' && more.length === 0 ? member : undefined
    if (typeof value === 'string' && value !== '' && value.length <= LENGTH_LIMIT) return value
    context.addIssue({ code: 'custom', message: messageFor(input, key) })
    return z.NEVER
  })
}

/** No message shows what was given: it may be a secret in the wrong form. */
function messageFor(input: unknown, key: string): string {
  if (key === 'env' || key === 'file') return `a secret comes over the API as its value, never as ${key}`
  if (key === 'hidden') return 'stands for a secret that is never shown: send the secret itself'
  if (input === undefined) return expectedMessage('a secret, as a text or { secret: TEXT },', input)
  return 'a secret of at most 65,536 characters is expected, as a text or { secret: TEXT }'
}
