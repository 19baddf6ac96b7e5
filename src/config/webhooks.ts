/**
 * Webhooks: reads one with the help of its profile, fills in all defaults and checks that its request can be rendered.
 * Invariant: a webhook that passes compiles. Used by `load.ts` for the file and for single webhooks that come over the API.
 */
import type { z } from 'zod'
import type { RequestSpec } from '../model/request-spec.ts'
import type { Fallback, Webhook } from '../model/webhook.ts'
import { entriesOf } from '../profiles/entries.ts'
import {
  expectedMessage,
  listed,
  type Mistake,
  mistake,
  mistakesOf,
  oneOf,
  suggestion,
  unknownKey,
} from '../profiles/mistake.ts'
import type { Description, ProfileReader, TemplateLookup, TemplateSource } from '../profiles/profile.ts'
import { PROFILES } from '../profiles/profiles.ts'
import { plainValue } from '../profiles/settings.ts'
import { HIDDEN_USER_INFO } from './api-secrets.ts'
import { type EndpointSettings, endpointOf } from './endpoints.ts'
import type { AccountConfig, ById, NetworkConfig, Template } from './engine-config.ts'
import { fallbackMistakes, requestMistakes } from './request-mistakes.ts'
import type { SharedParts } from './shared-parts.ts'
import { type PolicySchema, policySchema, type WebhookPolicy } from './webhook-policy.ts'

/** The schemas of all webhooks; making them costs more than using them. */
export interface WebhookSchemas {
  readonly policy: PolicySchema
  /** By profile id. */
  readonly readers: ReadonlyMap<string, ProfileReader>
}

/** Makes the schemas; `secret` reads secrets, which look different in a file and over the API. */
export function webhookSchemas(secret: z.ZodType<string>): WebhookSchemas {
  return {
    policy: policySchema(secret),
    readers: new Map(PROFILES.map((profile) => [profile.id, profile.reader(secret)])),
  }
}

/** What a webhook is read against. */
export interface WebhookContext {
  readonly schemas: WebhookSchemas
  /** `undefined` where they have mistakes of their own: then any may use any template. */
  readonly accounts: readonly AccountConfig[] | undefined
  /** The engine's; what a webhook allows itself is added. */
  readonly network: Pick<NetworkConfig, 'allow' | 'proxy'>
  /** Names that `%tokens%` may have. */
  readonly pointNames: ReadonlySet<string>
  /** By id; `refused`: it is there but has mistakes of its own, which are told at its place. */
  readonly templates: ById<Template | 'refused'>
  /** What the webhooks before are made of. */
  readonly parts: SharedParts
}

/** A webhook, or everything that stands in its way. */
export type WebhookRead =
  | { readonly kind: 'read'; readonly webhook: Webhook }
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[] }

/** Stands for a template that has mistakes of its own, so that the webhook's other mistakes are found. */
const EMPTY_TEMPLATE: TemplateSource = { type: 'json', format: '{}', fields: {} }

/** Reads a webhook. */
export function parseWebhook(input: unknown, context: WebhookContext): WebhookRead {
  const entries = entriesOf(input)
  if (entries === undefined) return { kind: 'refused', mistakes: [mistake([], expectedMessage('a mapping', input))] }
  const members = new Map(entries)
  const { policy, readers } = context.schemas
  // Of a `Map` (see `source.ts`) a schema sees no key: an unknown one would keep all beside it from being read.
  const policyRead = policy.schema.safeParse(plainValue(membersOf(entries, policy.keys)))
  const mistakes: Mistake[] = policyRead.success ? [] : [...mistakesOf(policyRead.error)]

  const profileId = members.get('profile')
  const reader = typeof profileId === 'string' ? readers.get(profileId) : undefined
  if (typeof profileId !== 'string' || reader === undefined) {
    mistakes.push(mistake(['profile'], oneOf([...readers.keys()])({ input: profileId })))
    return { kind: 'refused', mistakes }
  }
  mistakes.push(...unknownKeys(members, profileId, [...policy.keys, 'profile', ...reader.keys], readers))
  const account = members.get('account')
  const lookUp = (id: string): TemplateLookup =>
    findTemplate(id, typeof account === 'string' ? account : 'default', context)
  const described = reader.read(membersOf(entries, reader.keys), lookUp)
  if (described.kind === 'refused') mistakes.push(...described.mistakes)
  const request = described.kind === 'described' ? described.description.request : described.request
  const fallback = policyRead.data?.fallback
  if (request !== undefined) {
    mistakes.push(...requestMistakes(request, members, context.pointNames))
    if (fallback !== undefined) mistakes.push(...fallbackMistakes(requestTo(fallback.url, request), context.pointNames))
  }
  mistakes.push(...hiddenUserInfo(members.get('url'), ['url']))
  mistakes.push(...hiddenUserInfo(fallback?.url, ['fallback', 'url']))
  if (policyRead.data?.tls !== undefined && request !== undefined) {
    mistakes.push(...plainMistakes([request.url.text, ...(fallback === undefined ? [] : [fallback.url])]))
  }
  if (!policyRead.success || described.kind === 'refused' || mistakes.length > 0) return { kind: 'refused', mistakes }
  const webhook = assemble(policyRead.data, profileId, described.description, context.network)
  return { kind: 'read', webhook: context.parts.of(webhook) }
}

function membersOf(entries: readonly (readonly [string, unknown])[], keys: readonly string[]): unknown {
  return Object.fromEntries(entries.filter(([key]) => keys.includes(key)))
}

/** Keys that neither all webhooks nor this profile's take; of another profile's it is said whose they are. */
function unknownKeys(
  members: ReadonlyMap<string, unknown>,
  profileId: string,
  known: readonly string[],
  readers: ReadonlyMap<string, ProfileReader>,
): readonly Mistake[] {
  return [...members.keys()]
    .filter((key) => !known.includes(key))
    .map((key) => {
      const owners = [...readers].filter(([, reader]) => reader.keys.includes(key)).map(([id]) => id)
      const verb = owners.length === 1 ? 'has' : 'have'
      const foreign = `${profileId} has no such key: ${listed(owners, 'and')} ${verb} it`
      return { path: [key], message: owners.length === 0 ? unknownKey(key, known) : foreign, at: 'key' }
    })
}

function findTemplate(id: string, account: string, { templates, accounts }: WebhookContext): TemplateLookup {
  const template = templates.get(id)
  if (template === undefined) {
    return { kind: 'refused', message: `there is no template ${id}${suggestion(id, templates.keys())}` }
  }
  if (template === 'refused') return { kind: 'found', template: EMPTY_TEMPLATE }
  const { group } = template
  const isMember =
    group === undefined ||
    accounts === undefined ||
    accounts.some((each) => each.id === account && each.groups.includes(group))
  if (isMember) return { kind: 'found', template }
  return {
    kind: 'refused',
    message: `template ${id} is for accounts of group ${group} only, and ${account} is not in it`,
  }
}

/** A URL as the API shows it, with something in the place of user and password. */
function hiddenUserInfo(url: unknown, path: Mistake['path']): readonly Mistake[] {
  if (typeof url !== 'string' || !url.includes(`//${HIDDEN_USER_INFO}@`)) return []
  return [mistake(path, `${HIDDEN_USER_INFO} stands for user and password, which are never shown: write them there`)]
}

/** TLS settings of a webhook whose URLs all are `http:`. */
function plainMistakes(urls: readonly string[]): readonly Mistake[] {
  if (urls.some((url) => !/^\s*http:/i.test(url))) return []
  return [{ path: ['tls'], message: 'http: has no TLS: leave it out, or let the url begin with https:', at: 'key' }]
}

/** The same request to another server. */
function requestTo(url: string, request: RequestSpec): RequestSpec {
  return { ...request, url: { text: url, syntax: request.url.syntax } }
}

function assemble(
  policy: WebhookPolicy,
  profile: string,
  { request, answer, success, trigger }: Description,
  network: WebhookContext['network'],
): Webhook {
  const { id, name, account, active, timeouts, retry, concurrency, rate, ordered, signing, circuit, backup } = policy
  const settings: EndpointSettings = { network, ownAllow: policy.network.allow, tls: policy.tls }
  return {
    id,
    name: name ?? id,
    account,
    active,
    profile,
    endpoint: endpointOf(request.url.text, settings),
    request,
    answer,
    success,
    trigger,
    connectTimeoutMs: timeouts.connect,
    responseTimeoutMs: timeouts.response,
    scheduleMs: retry.schedule,
    jitter: retry.jitter,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(rate === undefined ? {} : { ratePerSecond: rate }),
    ordered,
    secrets: signing,
    circuit,
    ...(backup === undefined ? {} : { backup }),
    ...(policy.fallback === undefined ? {} : { fallback: fallbackOf(policy.fallback, request, settings) }),
  }
}

function fallbackOf(
  { url, after, budget }: NonNullable<WebhookPolicy['fallback']>,
  request: RequestSpec,
  settings: EndpointSettings,
): Fallback {
  // Another server has another name.
  const { serverName: _, ...tls } = settings.tls ?? {}
  return {
    endpoint: endpointOf(url, { ...settings, tls }),
    request: requestTo(url, request),
    ...(after === undefined ? {} : { afterMs: after }),
    budgetMs: budget,
  }
}
