/**
 * Rows of the document about what is changed while the engine runs: templates, webhooks, bindings.
 */
import { z } from 'zod'
import { ENTRY_ANSWER, LIST_QUERY, SECTIONS_ANSWER } from '../webhooks/management-schemas.ts'
import { type ConfigComponent, configReference } from './config-schemas.ts'
import { type HeaderField, json, type Operation, type Tag, type Target } from './operation.ts'

/** One kind of what is managed. */
interface Managed {
  readonly name: ConfigComponent
  readonly tag: Tag
  /** As in paths and answers. */
  readonly plural: 'webhooks' | 'templates' | 'bindings'
  readonly id: string
  readonly config: Readonly<Record<string, unknown>>
}

const KINDS: readonly Managed[] = [
  {
    name: 'Webhook',
    tag: 'Webhooks',
    plural: 'webhooks',
    id: 'new-crm',
    config: {
      profile: 'custom',
      active: false,
      on: ['call.end'],
      url: 'https://crm.example.com/leads',
      params: { phone: 'ani', seconds: 'talk_seconds' },
      headers: { authorization: { secret: 'Bearer s3cr3t' } },
    },
  },
  {
    name: 'Template',
    tag: 'Templates',
    plural: 'templates',
    id: 'new-lead',
    config: { type: 'json', format: '{"first": "", "phone": "%ani%"}', fields: { first: 'ani_first_name' } },
  },
  {
    name: 'Binding',
    tag: 'Bindings',
    plural: 'bindings',
    id: 'front-desk',
    config: { number: '8005550001', postCall: 'none' },
  },
]

const ETAG: HeaderField = { name: 'etag', description: 'Of what is stored', example: '"x7Yk0c2Q9nLrT4vW8sZ1aB3d"' }

const CONDITIONS: readonly HeaderField[] = [
  { name: 'if-match', description: 'Only where it is still as its `etag` says; else 412', example: '*' },
  { name: 'if-none-match', description: '`*`: only where there is none yet; else 412', example: '"other"' },
]

/** Who may change what. */
const SCOPE: Readonly<Record<ConfigComponent, string>> = {
  Webhook: "It belongs to the token's account.",
  Template: 'Takes a token for all accounts.',
  Binding: "It belongs to the token's account, and names webhooks of it.",
}

/** All of them. */
export const MANAGEMENT_OPERATIONS: readonly Operation[] = [
  ...KINDS.flatMap(operationsOf),
  {
    method: 'GET',
    path: '/v1/config',
    right: 'manage',
    answersHead: true,
    id: 'getConfig',
    tag: 'State',
    summary: 'Show the other sections of the configuration',
    description:
      'All but webhooks, templates and bindings, as the file has them; references to secrets, never secrets.',
    answers: {
      200: json('The sections', SECTIONS_ANSWER, { revision: 'mfh2k1-3', config: { listen: { port: 8080 } } }),
    },
    problems: ['forbidden'],
  },
]

function operationsOf({ name, tag, plural, id, config }: Managed): readonly Operation[] {
  const what = name.toLowerCase()
  const target: Target = { name: 'id', description: `Id of the ${what}`, example: id }
  const entry = {
    id,
    ...(name !== 'Template' && { account: 'default' }),
    origin: 'api',
    ...(name === 'Webhook' && { active: false }),
    etag: ETAG.example,
    changedAt: '2026-11-21T08:00:00.000Z',
    revision: 4,
    config: { id, ...(name !== 'Template' && { account: 'default' }), ...shown(config) },
  }
  const answer = (description: string) => ({ ...json(description, ENTRY_ANSWER, entry), fields: [ETAG] })
  const page = z.object({
    [plural]: z.array(ENTRY_ANSWER).describe('In the order of their ids'),
    next: z.string().nullable().describe('`cursor` of the page after it; null on the last'),
  })
  const common = { tag, path: `/v1/${plural}/{id}`, target }
  const uses = {
    usedBy: z.exactOptional(z.array(z.object({ kind: z.string(), id: z.string(), detail: z.string() }))),
    usedByCount: z.exactOptional(z.int()),
  }
  return [
    {
      method: 'GET',
      path: `/v1/${plural}`,
      right: 'read',
      answersHead: true,
      id: `list${name}s`,
      tag,
      summary: `List ${plural}`,
      description: `Those in force, whether the file has them or the API; a page at a time.`,
      query: LIST_QUERY,
      queryExamples: { limit: 10 },
      answers: { 200: json('A page', page, { [plural]: [entry], next: null }) },
      problems: ['invalid-request'],
    },
    {
      ...common,
      method: 'GET',
      right: 'read',
      answersHead: true,
      id: `get${name}`,
      summary: `Show a ${what}`,
      description: 'As it was written; `{ "hidden": true }` stands for a secret.',
      answers: { 200: answer(`The ${what}`) },
      problems: [],
    },
    {
      ...common,
      method: 'PUT',
      right: 'manage',
      answersHead: false,
      id: `put${name}`,
      summary: `Put a ${what} in force`,
      description: `Durably, in place of the file's where that has one under this id. ${SCOPE[name]} Every mistake is told with its path.`,
      fields: CONDITIONS,
      body: {
        isRequired: true,
        content: {
          'application/json': {
            schema: configReference(name),
            examples: { [what]: { summary: `A ${what}`, value: config } },
          },
        },
      },
      answers: {
        200: answer('There was one already'),
        201: {
          ...answer('It is new'),
          fields: [ETAG, { name: 'location', description: 'Its path', example: `/v1/${plural}/${id}` }],
        },
      },
      problems: ['malformed-body', 'conflict', 'precondition-failed', 'invalid-request'],
      problemMembers: { of: ['conflict'], shape: uses },
    },
    {
      ...common,
      method: 'DELETE',
      right: 'manage',
      answersHead: false,
      id: `delete${name}`,
      summary: `Take back a ${what} of the API`,
      description: "The file's comes back where it has one; what only the file has can not be deleted (409).",
      fields: CONDITIONS,
      answers: { 204: { description: 'It is gone' } },
      problems: ['conflict', 'precondition-failed'],
      problemMembers: { of: ['conflict'], shape: uses },
    },
  ]
}

function shown(config: Managed['config']): Managed['config'] {
  return 'headers' in config ? { ...config, headers: { authorization: { hidden: true } } } : config
}
