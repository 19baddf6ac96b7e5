/**
 * Reads a whole configuration from plain values: each section by its schema, then webhooks against templates and bindings
 * against webhooks. Invariant: a mistake in one webhook, template or binding hides none in another, and none is told twice.
 * Called by `load.ts`.
 */
import { z } from 'zod'
import { CATALOG_NAMES } from '../catalog/catalog.ts'
import type { Binding, Webhook } from '../model/webhook.ts'
import { entriesOf } from '../profiles/entries.ts'
import { expected, expectedMessage, type Mistake, mistake, mistakesOf, under, unknownKey } from '../profiles/mistake.ts'
import { plainValue } from '../profiles/settings.ts'
import { type BoundWebhook, parseBinding } from './bindings.ts'
import type { EngineConfig, Template, WrittenConfig } from './engine-config.ts'
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
import { SharedParts } from './shared-parts.ts'
import { storeSection } from './store-section.ts'
import { parseTemplate } from './templates.ts'
import { parseWebhook, type WebhookContext, webhookSchemas } from './webhooks.ts'

/** A configuration, or everything that stands in its way; paths count from the whole. */
export type ConfigRead =
  | { readonly kind: 'read'; readonly config: Omit<EngineConfig, keyof WrittenConfig | 'secretsRead'> }
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[] }

/** The sections of a configuration, in the order in which messages list them. */
export const SECTIONS = [
  'listen',
  'auth',
  'accounts',
  'dataPoints',
  'store',
  'log',
  'tracing',
  'workers',
  'network',
  'templates',
  'webhooks',
  'bindings',
] as const

/** One of {@link SECTIONS}. */
export type SectionName = (typeof SECTIONS)[number]

/** Reads a configuration; an empty one is complete by its defaults. `secret` reads secrets. */
export function readConfig(input: unknown, secret: z.ZodType<string>): ConfigRead {
  const entries = input === null || input === undefined ? [] : entriesOf(input)
  if (entries === undefined) return { kind: 'refused', mistakes: [mistake([], expectedMessage('a mapping', input))] }
  const sections = new SectionReader(new Map(entries))

  const listen = sections.read('listen', listenSection(secret), {})
  const auth = sections.read('auth', authSection(secret), {})
  const accounts = sections.read('accounts', accountsSection(), [])
  const dataPoints = sections.read('dataPoints', dataPointsSection(), [])
  const store = sections.read('store', storeSection(), {})
  const log = sections.read('log', logSection(), {})
  const tracing = sections.read('tracing', tracingSection(), {})
  const workers = sections.read('workers', workersSection(), 'auto')
  const network = sections.read('network', networkSection(secret), {})
  const pointNames = new Set([...CATALOG_NAMES, ...sections.namesIn('dataPoints')])

  const templates = sections.readItems('templates', (item): ItemRead<Template> => {
    const read = parseTemplate(item, pointNames)
    return read.kind === 'read' ? { kind: 'read', item: read.template } : read
  })
  const context: WebhookContext = {
    schemas: webhookSchemas(secret),
    accounts,
    network: network ?? { allow: [] },
    pointNames,
    templates: templates.byId,
    parts: new SharedParts(),
  }
  const webhooks = sections.readItems('webhooks', (item): ItemRead<Webhook> => {
    const read = parseWebhook(item, context)
    return read.kind === 'read' ? { kind: 'read', item: read.webhook } : read
  })
  const bound: ReadonlyMap<string, BoundWebhook> = webhooks.byId
  const bindings = sections.readItems('bindings', (item): ItemRead<Binding> => {
    const read = parseBinding(item, bound)
    return read.kind === 'read' ? { kind: 'read', item: read.binding } : read
  })

  const isComplete =
    listen && auth && accounts && dataPoints && store && log && tracing && workers !== undefined && network
  if (!isComplete || sections.mistakes.length > 0) return { kind: 'refused', mistakes: sections.mistakes }
  const { tokens } = auth
  const lists = { templates: templates.items, webhooks: webhooks.items, bindings: bindings.items }
  return {
    kind: 'read',
    config: { listen, tokens, accounts, dataPoints, store, log, tracing, workers, network, ...lists, pointNames },
  }
}

/** One member of a list, or everything that stands in its way. */
type ItemRead<Item> =
  | { readonly kind: 'read'; readonly item: Item }
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[] }

/** The members of a list; `byId` also knows those that have mistakes, so that what names them is not refused as well. */
interface ItemList<Item> {
  readonly items: readonly Item[]
  readonly byId: ReadonlyMap<string, Item | 'refused'>
}

/** Reads sections one by one and collects their mistakes. */
class SectionReader {
  readonly mistakes: Mistake[] = []
  readonly #sections: ReadonlyMap<string, unknown>

  constructor(sections: ReadonlyMap<string, unknown>) {
    this.#sections = sections
    for (const key of sections.keys()) {
      if (!SECTIONS.some((name) => name === key)) {
        this.mistakes.push({ path: [key], message: unknownKey(key, SECTIONS), at: 'key' })
      }
    }
  }

  /**
   * The section `name`, `fallback` where it is not there or holds nothing; `undefined` where it has mistakes. Of a `Map` (see
   * `source.ts`) a schema would see no key at all, and all that stands in it would be passed over.
   */
  read<Output>(name: SectionName, schema: z.ZodType<Output>, fallback: unknown): Output | undefined {
    return this.#check(name, schema, plainValue(this.#sections.get(name) ?? fallback))
  }

  #check<Output>(name: SectionName, schema: z.ZodType<Output>, value: unknown): Output | undefined {
    const read = schema.safeParse(value)
    if (read.success) return read.data
    this.mistakes.push(...under([name], mistakesOf(read.error)))
    return undefined
  }

  /** The names in a list, also where it has mistakes: what uses a name is not refused because of them. */
  namesIn(name: SectionName): readonly string[] {
    const list = this.#sections.get(name)
    const members: readonly unknown[] = Array.isArray(list) ? list : []
    return members.map((each) => memberOf(each, 'name')).filter((each) => typeof each === 'string')
  }

  /** A list whose members have ids, each of them once. */
  readItems<Item extends { readonly id: string }>(
    name: SectionName,
    parse: (item: unknown) => ItemRead<Item>,
  ): ItemList<Item> {
    const what = expected(`a list of ${name}`)
    const list = this.#check(name, z.array(z.unknown(), { error: what }), this.#sections.get(name) ?? []) ?? []
    const items: Item[] = []
    const byId = new Map<string, Item | 'refused'>()
    for (const [index, each] of list.entries()) {
      const read = parse(each)
      if (read.kind === 'refused') this.mistakes.push(...under([name, index], read.mistakes))
      const ownId = memberOf(each, 'id')
      const id = read.kind === 'read' ? read.item.id : ownId
      if (typeof id !== 'string') continue
      if (byId.has(id)) {
        const way = ownId === undefined ? 'put what they trigger into one' : 'choose another id'
        const path = ownId === undefined ? [name, index] : [name, index, 'id']
        this.mistakes.push(mistake(path, `${id} is there already: ${way}`))
        continue
      }
      byId.set(id, read.kind === 'read' ? read.item : 'refused')
      if (read.kind === 'read') items.push(read.item)
    }
    return { items, byId }
  }
}

function memberOf(item: unknown, key: string): unknown {
  return new Map(entriesOf(item) ?? []).get(key)
}
