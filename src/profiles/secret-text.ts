/**
 * Values that may be secrets but need not be: header values, the API secret of Google Analytics. Invariant: a secret is
 * marked as one, so that nobody looks for tokens in it. Used by `headers.ts` and the post-call profile.
 */
import { z } from 'zod'
import { handRead } from './hand-read.ts'

/** A text, and whether it was configured as a secret. */
export interface SecretText {
  readonly text: string
  readonly isSecret: boolean
}

/** Reads a text (numbers and flags are taken as written) or whatever `secret` reads. */
export function secretTextField(secret: z.ZodType<string>): z.ZodType<SecretText> {
  return handRead(() => [z.string(), z.number(), z.boolean(), secret]).transform((input, context): SecretText => {
    if (typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean') {
      return { text: String(input), isSecret: false }
    }
    const read = secret.safeParse(input)
    if (read.success) return { text: read.data, isSecret: true }
    for (const { path, message } of read.error.issues) context.addIssue({ code: 'custom', path: [...path], message })
    return z.NEVER
  })
}
