/**
 * Values that are read by hand, because a union of schemas would tell their mistakes badly ("invalid input"), and that editors
 * and the API's document must know all the same. Invariant: the forms are for documents alone; reading never looks at them.
 * Used by the schemas of profiles and of `config/`.
 */
import { z } from 'zod'

/** Takes anything, and is documented as any of `forms`; whoever reads it has to refuse what is none of them. */
export function handRead(forms: () => readonly z.ZodType[]): z.ZodType<unknown> {
  return z.unknown().meta({
    // Worked out only where a document is made of the schema, never where a configuration is read.
    get anyOf(): readonly object[] {
      return forms().map((form) => {
        const { $schema: _, ...schema } = z.toJSONSchema(form, { io: 'input' })
        return schema
      })
    },
  })
}
