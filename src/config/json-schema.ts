/**
 * The configuration as a JSON Schema (draft 2020-12), for editors: made of the very schemas that read a configuration, with the
 * words of `key-descriptions.ts`. Invariant: it knows no rule of its own, and refuses nothing that is read without a mistake.
 * Called by `scripts/schema.ts`, which writes it down; webhooks, templates and bindings are in the API's document too.
 */
import { z } from 'zod'
import { PROFILES } from '../profiles/profiles.ts'
import { bindingForms } from './bindings.ts'
import {
  accountsSection,
  authSection,
  dataPointsSection,
  listenSection,
  logSection,
  networkSection,
  tracingSection,
  workersSection,
} from './engine-sections.ts'
import { describeKeys, type JsonSchema } from './key-descriptions.ts'
import type { SectionName } from './read-config.ts'
import { secretField } from './secrets.ts'
import { storeSection } from './store-section.ts'
import { TEMPLATE_SCHEMA } from './templates.ts'
import { webhookSchemas } from './webhooks.ts'

/** Webhooks as a union by profile. */
export interface WebhookUnion {
  /** One schema a profile, in the order of profiles; what several have in common they refer to. */
  readonly forms: readonly JsonSchema[]
  /** By key: what the forms refer to. */
  readonly shared: Readonly<Record<string, JsonSchema>>
}

/** A secret as it stands in a file. */
function fileSecret(): z.ZodType<string> {
  return secretField({}, '.', { onFile: () => undefined, onRead: () => undefined })
}

/** What a schema takes, as a JSON Schema without a `$schema` of its own. */
function inputSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return withoutImpossible(rest)
}

/** The whole configuration. */
export function configSchema(): JsonSchema {
  const secret = fileSecret()
  const { forms, shared } = webhookUnion(secret, (key) => `#/$defs/webhook.${key}`)
  const sections: Readonly<Record<SectionName, JsonSchema>> = {
    listen: inputSchema(listenSection(secret)),
    auth: inputSchema(authSection(secret)),
    accounts: inputSchema(accountsSection()),
    dataPoints: inputSchema(dataPointsSection()),
    store: inputSchema(storeSection()),
    log: inputSchema(logSection()),
    tracing: inputSchema(tracingSection()),
    workers: inputSchema(workersSection()),
    network: inputSchema(networkSection(secret)),
    templates: { type: 'array', items: templateSchema() },
    webhooks: { type: 'array', items: { type: 'object', required: ['profile'], oneOf: forms } },
    bindings: { type: 'array', items: { type: 'object', anyOf: bindingSchemas() } },
  }
  const properties = Object.entries(sections).map(([name, schema]) => [name, orNothing(describeKeys(schema, name))])
  const definitions = Object.entries(shared).map(([key, schema]) => [`webhook.${key}`, schema])
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Switchhook configuration',
    description: 'switchhook.yaml, as `switchhook check` and `switchhook serve` read it',
    type: ['object', 'null'],
    properties: Object.fromEntries(properties),
    additionalProperties: false,
    $defs: Object.fromEntries(definitions),
  }
}

/** Webhooks, whose secrets `secret` reads; `refTo` makes the reference to what several profiles have in common. */
export function webhookUnion(secret: z.ZodType<string>, refTo: (key: string) => string): WebhookUnion {
  const { policy, readers } = webhookSchemas(secret)
  const own = PROFILES.map(({ id, title }) => {
    const reader = readers.get(id)
    return { id, title, schema: reader === undefined ? {} : inputSchema(reader.schema) }
  })
  const policySchema = inputSchema(policy.schema)
  const shared = { ...propertiesOf(policySchema), ...commonKeys(own.map(({ schema }) => propertiesOf(schema))) }
  const references = (keys: readonly string[]): JsonSchema =>
    Object.fromEntries(keys.map((key) => [key, { $ref: refTo(key) }]))
  const forms = own.map(({ id, title, schema }) => {
    const keys = propertiesOf(schema)
    const particular = Object.entries(keys).filter(([key]) => !Object.hasOwn(shared, key))
    return {
      title,
      type: 'object',
      properties: {
        profile: { const: id, description: title },
        ...references(policy.keys),
        ...references(Object.keys(keys).filter((key) => Object.hasOwn(shared, key))),
        ...Object.fromEntries(particular.map(([key, each]) => [key, describeKeys(each, `webhooks.${key}`)])),
      },
      required: ['profile', ...requiredOf(policySchema), ...requiredOf(schema)],
      additionalProperties: false,
    }
  })
  const described = Object.entries(shared).map(([key, schema]) => [key, describeKeys(schema, `webhooks.${key}`)])
  return { forms, shared: Object.fromEntries(described) }
}

/** A template. */
export function templateSchema(): JsonSchema {
  return describeKeys({ title: 'Template', ...inputSchema(TEMPLATE_SCHEMA) }, 'templates')
}

/** Bindings, by key and by what they trigger. */
export function bindingSchemas(): readonly JsonSchema[] {
  return bindingForms().map((form) => describeKeys(inputSchema(form), 'bindings'))
}

/** Keys that are the same wherever they are, and are in more than one place. */
function commonKeys(shapes: readonly Readonly<Record<string, JsonSchema>>[]): Readonly<Record<string, JsonSchema>> {
  const entries = shapes.flatMap((shape) => Object.entries(shape))
  const isCommon = ([key, schema]: readonly [string, JsonSchema]): boolean => {
    const same = entries.filter(([other]) => other === key).map(([, each]) => JSON.stringify(each))
    return same.length > 1 && same.every((text) => text === JSON.stringify(schema))
  }
  return Object.fromEntries(entries.filter(isCommon))
}

/** A section that holds nothing is as if it were not there. */
function orNothing({ description, ...schema }: JsonSchema): JsonSchema {
  const taken = typeof schema['type'] === 'string' ? { ...schema, type: [schema['type'], 'null'] } : undefined
  return { description, ...(taken ?? { anyOf: [schema, { type: 'null' }] }) }
}

/** Leaves out keys for which no value is right: the reader knows them only to say so. */
function withoutImpossible(schema: JsonSchema): JsonSchema {
  const properties = Object.entries(propertiesOf(schema)).filter(([, { not }]) => not === undefined)
  return 'properties' in schema ? { ...schema, properties: Object.fromEntries(properties) } : schema
}

function propertiesOf({ properties }: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return isObject(properties) ? properties : {}
}

function requiredOf({ required }: JsonSchema): readonly unknown[] {
  return Array.isArray(required) ? required : []
}

function isObject(value: unknown): value is Readonly<Record<string, JsonSchema>> {
  return typeof value === 'object' && value !== null
}
