/**
 * Webhooks, templates and bindings as the API takes them: the schemas by which a configuration's are read, with secrets as texts.
 * The path says the id, so that it may be left out.
 */
import { z } from 'zod'
import { apiSecretField } from '../../config/api-secrets.ts'
import { bindingSchemas, templateSchema, webhookUnion } from '../../config/json-schema.ts'
import type { JsonSchema } from '../../config/key-descriptions.ts'

const PREFIX = '#/components/schemas/'

/** What the management changes. */
export type ConfigComponent = 'Webhook' | 'Template' | 'Binding'

/** Refers to one of {@link configComponents}. */
export function configReference(name: ConfigComponent): z.ZodType {
  return z.unknown().meta({ $ref: `${PREFIX}${name}` })
}

/** JSON Schemas by name: the three, and what they are made of. */
export function configComponents(): Readonly<Record<string, JsonSchema>> {
  const { forms, shared } = webhookUnion(apiSecretField(), (key) => `${PREFIX}${keyName(key)}`)
  const byProfile = forms.map((form) => [profileOf(form), withoutId(form)] as const)
  const mapping = byProfile.map(([profile]) => [profile, `${PREFIX}${formName(profile)}`])
  return {
    Webhook: {
      description: 'By its profile',
      oneOf: mapping.map(([, $ref]) => ({ $ref })),
      discriminator: { propertyName: 'profile', mapping: Object.fromEntries(mapping) },
    },
    ...Object.fromEntries(byProfile.map(([profile, form]) => [formName(profile), form])),
    ...Object.fromEntries(Object.entries(shared).map(([key, schema]) => [keyName(key), schema])),
    Template: withoutId(templateSchema()),
    Binding: { description: 'Which calls trigger which webhooks', anyOf: bindingSchemas() },
  }
}

function formName(profile: string): string {
  return `Webhook.${profile}`
}

function keyName(key: string): string {
  return `WebhookKey.${key}`
}

function withoutId({ required, ...schema }: JsonSchema): JsonSchema {
  return { ...schema, required: Array.isArray(required) ? required.filter((key) => key !== 'id') : [] }
}

function profileOf({ properties }: JsonSchema): string {
  const { profile } = z.object({ profile: z.object({ const: z.string() }) }).parse(properties)
  return profile.const
}
