/**
 * File and overlay together: the entries of each kind, who names whom, and a reader for them. Invariant: what stands here is
 * what the engine runs with, but for entries that can't be used. Changed by drafts alone, in one turn of the loop.
 */

import type { EngineConfig } from '../config/engine-config.ts'
import { EntryReader, type ItemOf, type Kind, type Named } from '../config/kinds.ts'
import type { Binding, Webhook } from '../model/webhook.ts'
import type { Entry } from './entry.ts'
import { membersOf } from './entry.ts'
import { Table } from './table.ts'
import { Users } from './users.ts'

const NO_MISTAKES: readonly never[] = []

/** The table of each kind. */
export type Tables = { readonly [K in Kind]: Table<ItemOf[K]> }

/** What the engine runs with. */
export interface Merged {
  /** Can be iterated over more than once, as can bindings. */
  readonly webhooks: Iterable<Webhook>
  readonly bindings: Iterable<Binding>
  readonly pointNames: ReadonlySet<string>
  /** Webhooks that can't be used, with their accounts. */
  readonly suspended: ReadonlyMap<string, string>
}

/** See the head of this file. */
export class Layers {
  readonly config: EngineConfig
  readonly tables: Tables = { template: new Table(), webhook: new Table(), binding: new Table() }
  readonly templateUsers: Users = new Users()
  readonly webhookUsers: Users = new Users()
  readonly #reader: EntryReader

  constructor(config: EngineConfig, previous?: Layers) {
    this.config = config
    this.#reader = new EntryReader(config, previous === undefined ? undefined : previous.#reader)
  }

  table<K extends Kind>(kind: K): Table<ItemOf[K]> {
    return this.tables[kind]
  }

  inForce<K extends Kind>(kind: K, id: string): Entry<ItemOf[K]> | undefined {
    return this.table(kind).inForce(id)
  }

  /** Reads what the API says of `id`, among what is `named`. */
  readSaid<K extends Kind>(
    kind: K,
    said: Pick<Entry<unknown>, 'id' | 'text' | 'stamp'>,
    value: unknown,
    named: Named,
  ): Entry<ItemOf[K]> {
    const read = this.#reader.read(kind, 'api', value, named)
    const item = read.kind === 'read' ? read.item : undefined
    const mistakes = read.kind === 'read' ? NO_MISTAKES : read.mistakes
    const { account, template } = membersOf(said.text)
    return {
      ...said,
      layer: 'api',
      item,
      mistakes,
      account: kind === 'template' ? '' : typeof account === 'string' ? account : 'default',
      template: kind === 'webhook' && typeof template === 'string' ? template : '',
    }
  }

  /** Reads an entry again, among what is `named` now. */
  reread<K extends Kind>(kind: K, entry: Entry<ItemOf[K]>, named: Named): Entry<ItemOf[K]> {
    const read = this.#reader.read(kind, entry.layer, membersOf(entry.text), named)
    if (read.kind === 'refused') return { ...entry, item: undefined, mistakes: read.mistakes }
    return { ...entry, item: read.item, mistakes: NO_MISTAKES }
  }

  /** Remembers whom a webhook or binding names that is in force. */
  index<K extends Kind>(kind: K, id: string, how: 'add' | 'remove'): void {
    if (kind === 'webhook') {
      const entry = this.tables.webhook.inForce(id)
      if (entry !== undefined && entry.template !== '') this.templateUsers[how](entry.template, id)
    }
    if (kind === 'binding') {
      const targets = this.tables.binding.inForce(id)?.item?.targets ?? {}
      for (const ids of Object.values(targets)) {
        if (typeof ids !== 'string') for (const webhook of ids) this.webhookUsers[how](webhook, id)
      }
    }
  }

  merged(): Merged {
    const { webhook, binding } = this.tables
    const suspended = new Map<string, string>()
    for (const id of webhook.unusable) suspended.set(id, webhook.inForce(id)?.account ?? '')
    const { pointNames } = this.config
    return {
      webhooks: usable(webhook, webhook.ids.all),
      bindings: usable(binding, binding.ids.all),
      pointNames,
      suspended,
    }
  }
}

/** What is in force under `ids` and can be used, read anew each time. */
export function usable<Item>(table: Pick<Table<Item>, 'inForce'>, ids: Iterable<string>): Iterable<Item> {
  return {
    *[Symbol.iterator]() {
      for (const id of ids) {
        const item = table.inForce(id)?.item
        if (item !== undefined) yield item
      }
    },
  }
}
