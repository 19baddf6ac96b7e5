/**
 * Bodies that are pasted as a text with tokens, and the variable that a text answer goes into: what VCC Live's profile and
 * the custom one have in common. Invariant: a body never goes with GET or DELETE.
 */
import { z } from 'zod'
import { VCC_LIVE_IVR } from '../catalog/platforms/vcc-live-ivr.ts'
import type { BodySpec, HttpMethod, TemplateType, TokenSyntax } from '../model/request-spec.ts'
import { expected, type Mistake, mistake } from './mistake.ts'
import type { TemplateLookup } from './profile.ts'
import { textField } from './settings.ts'

/** Most UTF-16 units of a pasted body or template; what may come back has the same limit (65,536 bytes). */
export const BODY_LIMIT = 65_536

/** VCC Live: "first character must be a letter or low_dash", lower case. */
const VARIABLE_NAME = /^[a-z_][a-z0-9_]*$/

const SYSTEM_VARIABLES = VCC_LIVE_IVR.categories.flatMap(({ dataPoints }) => dataPoints.map(({ name }) => name))

/** A pasted body. */
export function bodyField(): z.ZodString {
  return textField(BODY_LIMIT)
}

/** The name of a variable that answers may set. */
export function setVariableField(): z.ZodType<string> {
  const error = expected('a variable (a-z, 0-9 and _, a letter or _ first)')
  return z
    .string({ error })
    .regex(VARIABLE_NAME, { error })
    .refine((name) => !SYSTEM_VARIABLES.includes(name), {
      error: ({ input }) => `${String(input)} is a system variable and can't be set: choose another name`,
    })
}

/** The keys that bring a body although `method` has none. */
export function bodyMistakes(
  method: HttpMethod,
  settings: { readonly body?: string | undefined; readonly template?: string | undefined },
): readonly Mistake[] {
  if (method !== 'GET' && method !== 'DELETE') return []
  return (['body', 'template'] as const).flatMap((key): Mistake[] =>
    settings[key] === undefined
      ? []
      : [{ path: [key], message: `${method} is sent without a body: use POST or PUT`, at: 'key' }],
  )
}

/** The body that a template gives; none, and why, where there is no such template. */
export function templateBody(
  lookup: TemplateLookup,
  syntax: TokenSyntax,
): { readonly body: BodySpec; readonly bodyType: TemplateType | 'none'; readonly mistakes: readonly Mistake[] } {
  if (lookup.kind === 'refused') {
    return { body: { kind: 'none' }, bodyType: 'none', mistakes: [mistake(['template'], lookup.message)] }
  }
  const { type, format, fields } = lookup.template
  return { body: { kind: 'template', type, format: { text: format, syntax }, fields }, bodyType: type, mistakes: [] }
}
