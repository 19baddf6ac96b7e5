/**
 * Single templates, webhooks and bindings as the API manages them: what each kind is read as, and a reader for each, over the
 * API and once more from what a file had. Invariant: the same schemas read them as read the file whole. Used by `manage/`.
 */
import type { Binding, Webhook } from '../model/webhook.ts'
import type { Mistake } from '../profiles/mistake.ts'
import { apiSecretField } from './api-secrets.ts'
import { type BoundWebhooks, parseBinding } from './bindings.ts'
import type { EngineConfig, Template } from './engine-config.ts'
import { knownSecretField } from './secrets.ts'
import { SharedParts } from './shared-parts.ts'
import { parseTemplate } from './templates.ts'
import { parseWebhook, type WebhookContext, type WebhookSchemas, webhookSchemas } from './webhooks.ts'

/** Kinds of what the API manages, each after those that it names. */
export const KINDS = ['template', 'webhook', 'binding'] as const

/** One of {@link KINDS}. */
export type Kind = (typeof KINDS)[number]

/** What each kind is read as. */
export interface ItemOf {
  readonly template: Template
  readonly webhook: Webhook
  readonly binding: Binding
}

/** Who said it: the file, or the API, which goes before it. */
export type Layer = 'file' | 'api'

/** What came of reading one. */
export type ItemRead<Item> =
  | { readonly kind: 'read'; readonly item: Item }
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[] }

/** What can be named by others. */
export interface Named {
  readonly templates: WebhookContext['templates']
  readonly webhooks: BoundWebhooks
}

/** What of a file everything else is read against. */
export type EntryContext = Pick<EngineConfig, 'accounts' | 'network' | 'pointNames' | 'secretsRead'>

/** See the head of this file; making one costs more than using it. */
export class EntryReader {
  readonly #context: EntryContext
  readonly #apiSchemas: WebhookSchemas
  readonly #parts: SharedParts
  #fileSchemas: WebhookSchemas | undefined

  /** `previous`: one that was made for another file, of which this takes over what no file changes. */
  constructor(context: EntryContext, previous?: EntryReader) {
    this.#context = context
    this.#apiSchemas = previous === undefined ? webhookSchemas(apiSecretField()) : previous.#apiSchemas
    this.#parts = previous === undefined ? new SharedParts() : previous.#parts
  }

  /** Reads a plain value, or one with mappings as `Map` (see `source.ts`). */
  read<K extends Kind>(kind: K, layer: Layer, value: unknown, named: Named): ItemRead<ItemOf[K]>
  read(kind: Kind, layer: Layer, value: unknown, named: Named): ItemRead<ItemOf[Kind]> {
    const { accounts, network, pointNames } = this.#context
    switch (kind) {
      case 'template': {
        const read = parseTemplate(value, pointNames)
        return read.kind === 'read' ? { kind: 'read', item: read.template } : read
      }
      case 'webhook': {
        const schemas = layer === 'api' ? this.#apiSchemas : this.#fileSchemasOnce()
        const context = { schemas, accounts, network, pointNames, templates: named.templates, parts: this.#parts }
        const read = parseWebhook(value, context)
        return read.kind === 'read' ? { kind: 'read', item: read.webhook } : read
      }
      case 'binding': {
        const read = parseBinding(value, named.webhooks)
        return read.kind === 'read' ? { kind: 'read', item: read.binding } : read
      }
    }
  }
  /** Most files need none: they were read when they were loaded. */
  #fileSchemasOnce(): WebhookSchemas {
    this.#fileSchemas ??= webhookSchemas(knownSecretField(this.#context.secretsRead))
    return this.#fileSchemas
  }
}
