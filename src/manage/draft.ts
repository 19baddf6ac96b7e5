/**
 * A change before it is made: entries as they would be, and what follows for all that name them. Invariant: nothing outside
 * of the draft changes until it is applied, and then all of it does, in one turn of the loop.
 */
import { type ItemOf, KINDS, type Kind, type Layer, type Named } from '../config/kinds.ts'
import type { PlanChange } from '../engine/plan/plan.ts'
import type { Steps } from '../engine/slices.ts'
import type { Binding, Webhook } from '../model/webhook.ts'
import type { Entry, Problem } from './entry.ts'
import { type Layers, type Merged, usable } from './layers.ts'

/** Names suggested where one is not found: looking through all of many thousands would hold the main thread. */
const SUGGESTED = 1000

/** Whom what is named may belong to. */
export interface Sight {
  readonly mayName: (webhookAccount: string) => boolean
  readonly mayUse: (templateGroup: string | undefined) => boolean
}

/** Everything may be named; that it fits is for the schemas to say. */
const SEES_ALL: Sight = { mayName: () => true, mayUse: () => true }

type Drafts = { readonly [K in Kind]: Map<string, Entry<ItemOf[K]> | undefined> }

/** See the head of this file. */
export class Draft {
  readonly #layers: Layers
  readonly #drafts: Drafts = { template: new Map(), webhook: new Map(), binding: new Map() }

  constructor(layers: Layers) {
    this.#layers = layers
  }

  /** From then on this is in force; undefined: the API's entry is gone and the file has none. */
  put<K extends Kind>(kind: K, id: string, entry: Entry<ItemOf[K]> | undefined): void {
    this.#of(kind).set(id, entry)
  }

  inForce<K extends Kind>(kind: K, id: string): Entry<ItemOf[K]> | undefined {
    const drafts = this.#of(kind)
    return drafts.has(id) ? drafts.get(id) : this.#layers.inForce(kind, id)
  }

  /** How many webhooks change. */
  get webhooks(): number {
    return this.#drafts.webhook.size
  }

  /** What an entry of `layer` may name, as it would be then. */
  named(layer: Layer, sight: Sight = SEES_ALL): Named {
    const { tables } = this.#layers
    return {
      templates: {
        get: (id) => {
          const entry = this.inForce('template', id)
          // What the file says fits among itself: the API's mistakes are the API's alone.
          const item = entry?.item ?? (layer === 'file' ? tables.template.ofFile(id)?.item : undefined)
          return item !== undefined && sight.mayUse(item.group) ? item : undefined
        },
        keys: () =>
          firstOf(tables.template.ids.all, (id) => {
            const item = this.inForce('template', id)?.item
            return item !== undefined && sight.mayUse(item.group)
          }),
      },
      webhooks: {
        get: (id) => {
          const entry = this.inForce('webhook', id)
          return entry !== undefined && sight.mayName(entry.account) ? (entry.item ?? 'refused') : undefined
        },
        keys: () =>
          firstOf(tables.webhook.ids.all, (id) => {
            const entry = this.inForce('webhook', id)
            return entry !== undefined && sight.mayName(entry.account)
          }),
      },
    }
  }

  /** Reads again whatever names what changes; gives those that could be used and then could not. */
  *followUp(): Steps<readonly Problem[]> {
    const { templateUsers, webhookUsers, tables } = this.#layers
    const problems: Problem[] = []
    for (const template of [...this.#drafts.template.keys()]) {
      for (const id of templateUsers.of(template)) {
        yield
        if (this.#drafts.webhook.has(id)) continue
        if (this.inForce('webhook', id)?.item === undefined) this.#heal(id)
        else this.#follow('webhook', id, problems)
      }
    }
    for (const binding of [...this.#drafts.binding.keys()]) {
      for (const id of webhooksIn(this.#layers.inForce('binding', binding)?.item)) {
        yield
        if (!this.#drafts.webhook.has(id) && this.inForce('webhook', id)?.item === undefined) this.#heal(id)
      }
    }
    for (const [id, webhook] of [...this.#drafts.webhook]) {
      if (isBoundAlike(this.#layers.inForce('webhook', id)?.item, webhook?.item)) continue
      for (const binding of webhookUsers.of(id)) {
        yield
        if (!this.#drafts.binding.has(binding)) this.#follow('binding', binding, problems)
      }
    }
    for (const id of [...tables.binding.unusable]) {
      yield
      // There may be thousands: only those that name what changes are worth another look.
      const isConcerned = this.#names(tables.binding.inForce(id)?.text ?? '')
      if (isConcerned && !this.#drafts.binding.has(id)) this.#follow('binding', id, problems)
    }
    return problems
  }

  /** Whether a text names one of the webhooks that change, whose ids stand in it as they are. */
  #names(text: string): boolean {
    for (const id of this.#drafts.webhook.keys()) if (text.includes(`"${id}"`)) return true
    return false
  }

  /** Puts a webhook in force that could not be used and now can, unless what names it says otherwise. */
  #heal(id: string): void {
    const entry = this.inForce('webhook', id)
    const next = entry && this.#layers.reread('webhook', entry, this.named(entry.layer))
    if (next?.item === undefined) return
    this.put('webhook', id, next)
    const isFit = this.#layers.webhookUsers.of(id).every((binding) => {
      const user = this.inForce('binding', binding)
      return user?.item === undefined || this.#layers.reread('binding', user, this.named(user.layer)).item !== undefined
    })
    if (!isFit) this.#drafts.webhook.delete(id)
  }

  #follow<K extends Kind>(kind: K, id: string, problems: Problem[]): void {
    const entry = this.inForce(kind, id)
    if (entry === undefined) return
    const next = this.#layers.reread(kind, entry, this.named(entry.layer))
    if (next.item !== undefined) this.put(kind, id, next)
    else if (entry.item !== undefined) {
      problems.push({ kind, id, account: entry.account, layer: entry.layer, mistakes: next.mistakes })
    }
  }

  /** What the engine has to change; ask before {@link apply}. */
  change(): PlanChange {
    return {
      webhooks: Array.from(this.#drafts.webhook, ([id, entry]) => ({
        id,
        webhook: entry?.item,
        ...(entry !== undefined && entry.item === undefined && { suspendedOf: entry.account }),
      })),
      bindings: Array.from(this.#drafts.binding, ([id, entry]) => ({
        before: this.#layers.inForce('binding', id)?.item,
        after: entry?.item,
      })),
    }
  }

  /** What the engine would run with then. */
  merged(): Merged {
    const { suspended, pointNames } = this.#layers.merged()
    const left = new Map(suspended)
    for (const [id, entry] of this.#drafts.webhook) if (entry === undefined || entry.item !== undefined) left.delete(id)
    return { webhooks: this.#usable('webhook'), bindings: this.#usable('binding'), pointNames, suspended: left }
  }

  #usable<K extends Kind>(kind: K): Iterable<ItemOf[K]> {
    const known = this.#layers.table(kind)
    const added = [...this.#of(kind).keys()].filter((id) => known.inForce(id) === undefined)
    return usable({ inForce: (id) => this.inForce(kind, id) }, [...known.ids.all, ...added])
  }

  /** Makes the change. */
  apply(): void {
    for (const kind of KINDS) this.#apply(kind)
  }

  #apply<K extends Kind>(kind: K): void {
    for (const [id, entry] of this.#of(kind)) {
      this.#layers.index(kind, id, 'remove')
      this.#layers.table(kind).put(id, entry)
      this.#layers.index(kind, id, 'add')
    }
  }

  #of<K extends Kind>(kind: K): Map<string, Entry<ItemOf[K]> | undefined> {
    return this.#drafts[kind]
  }
}

/** The webhooks that a binding names. */
function webhooksIn(binding: Binding | undefined): readonly string[] {
  return Object.values(binding?.targets ?? {}).flatMap((ids) => (typeof ids === 'string' ? [] : ids))
}

/** Whether bindings notice no difference. */
function isBoundAlike(before: Webhook | undefined, after: Webhook | undefined): boolean {
  if (before === undefined || after === undefined) return false
  const bound = ({ account, profile, trigger }: Webhook): string => JSON.stringify([account, profile, trigger])
  return bound(before) === bound(after)
}

/** The first of a list that may be told. */
function* firstOf(ids: readonly string[], mayBeTold: (id: string) => boolean): Iterable<string> {
  let left = SUGGESTED
  for (const id of ids) {
    left -= 1
    if (left < 0) return
    if (mayBeTold(id)) yield id
  }
}
