/**
 * Routing: which webhooks an event triggers. An index in which single webhooks and bindings can be changed; an event costs a few
 * look-ups, and a change what it concerns, however many there are. Invariant: the index depends on what is in it, not on the
 * order in which that came. What a profile's rules mean is decided here, what they are stands with the profile.
 */
import { readPoint } from '../../catalog/read-point.ts'
import type { DataSource, ReadPoint } from '../../model/data.ts'
import type { Binding, Webhook } from '../../model/webhook.ts'
import type { BindingKey, TriggerRule } from '../../profiles/profile.ts'
import type { Steps } from '../slices.ts'

/** A rule of one profile, indexed for the webhooks and bindings of one account. */
interface RuleIndex {
  readonly rule: TriggerRule
  readonly keys: readonly KeyIndex[]
  /** What is triggered where no binding matches, or one says `account-wide`. */
  readonly unbound: Set<string>
}

/** Bindings of one key, by the value that they match. */
interface KeyIndex {
  readonly key: BindingKey
  readonly read: readonly ReadPoint[]
  readonly targets: Map<string, readonly Target[]>
}

/** What one binding triggers, by its id. */
interface Target {
  readonly binding: string
  readonly webhooks: readonly string[] | string
}

/** All that an account's events of one type can trigger. */
interface Routes {
  /** Webhooks that every such event triggers. */
  readonly always: Set<string>
  /** By profile id; absent where no rule has a say, as with most accounts. */
  rules?: Map<string, RuleIndex>
}

const NONE: ReadonlySet<string> = new Set()

/** See the head of this file. */
export class Router {
  readonly #rules: ReadonlyMap<string, readonly TriggerRule[]>
  readonly #routes = new Map<string, Routes>()
  /** How many bindings name a webhook, by account, member and webhook, where it is triggered by what names none. */
  readonly #named = new Map<string, number>()
  /** Where such a webhook is unbound while none names it, by the same. */
  readonly #unnamed = new Map<string, { readonly profile: string; readonly rule: TriggerRule }>()
  /** Members of bindings that take what they name from what no binding names. */
  readonly #namingMembers: ReadonlySet<string>

  private constructor(rules: ReadonlyMap<string, readonly TriggerRule[]>) {
    this.#rules = rules
    const naming = [...rules.values()].flat().filter(({ unbound }) => unbound === 'unnamed')
    this.#namingMembers = new Set(naming.map(({ member }) => member))
  }

  /** Indexes `webhooks` and `bindings` by the trigger `rules` of each profile. */
  static *build(
    webhooks: Iterable<Webhook>,
    bindings: Iterable<Binding>,
    rules: ReadonlyMap<string, readonly TriggerRule[]>,
  ): Steps<Router> {
    const router = new Router(rules)
    for (const binding of bindings) {
      yield
      router.addBinding(binding)
    }
    for (const webhook of webhooks) {
      yield
      router.addWebhook(webhook)
    }
    return router
  }

  /**
   * Ids of the webhooks that an event triggers, each once, in no particular order; inactive ones included. To be read at once: it
   * changes with the index.
   */
  route(account: string, type: string, source: DataSource): ReadonlySet<string> {
    const routes = this.#routes.get(keyOf(account, type))
    if (routes === undefined) return NONE
    if (routes.rules === undefined) return routes.always
    const triggered = new Set(routes.always)
    for (const index of routes.rules.values()) applyRule(index, source, triggered)
    return triggered
  }

  /** From now on it is triggered. It must not be in here, nor must another with its id. */
  addWebhook({ id, account, profile, trigger }: Webhook): void {
    for (const type of trigger.on) {
      const routes = this.#routesOf(account, type)
      const rule = this.#ruleOf(profile, type)
      if (rule === undefined) {
        routes.always.add(id)
        continue
      }
      const index = indexOf(routes, profile, rule)
      if (rule.unbound === 'all-calls' && trigger.unbound) index.unbound.add(id)
      if (rule.unbound !== 'unnamed') continue
      const key = nameKey(account, rule.member, id)
      this.#unnamed.set(key, { profile, rule })
      if (!this.#named.has(key)) index.unbound.add(id)
    }
  }

  /** Takes back what {@link addWebhook} did, with the same webhook. */
  removeWebhook({ id, account, profile, trigger }: Webhook): void {
    for (const type of trigger.on) {
      const routes = this.#routes.get(keyOf(account, type))
      const rule = this.#ruleOf(profile, type)
      routes?.always.delete(id)
      if (rule !== undefined) {
        routes?.rules?.get(profile)?.unbound.delete(id)
        this.#unnamed.delete(nameKey(account, rule.member, id))
      }
      this.#dropEmpty(account, type)
    }
  }

  /** From now on it counts. It must not be in here, nor must another with its id. */
  addBinding(binding: Binding): void {
    const { id, account, targets } = binding
    for (const { profile, rule, webhooks } of this.#targetsOf(binding)) {
      const index = indexOf(this.#routesOf(account, rule.eventType), profile, rule)
      const keyIndex = index.keys.find(({ key }) => key.name === binding.key)
      if (keyIndex === undefined) continue
      const value = comparable(keyIndex.key, binding.value)
      keyIndex.targets.set(value, [...(keyIndex.targets.get(value) ?? []), { binding: id, webhooks }])
    }
    for (const [key, webhook] of this.#namesIn(account, targets)) {
      this.#named.set(key, (this.#named.get(key) ?? 0) + 1)
      this.#unnamedIndex(account, key)?.unbound.delete(webhook)
    }
  }

  /** Takes back what {@link addBinding} did, with the same binding. */
  removeBinding(binding: Binding): void {
    const { id, account, targets } = binding
    for (const { profile, rule } of this.#targetsOf(binding)) {
      const index = this.#routes.get(keyOf(account, rule.eventType))?.rules?.get(profile)
      const keyIndex = index?.keys.find(({ key }) => key.name === binding.key)
      if (keyIndex === undefined) continue
      const value = comparable(keyIndex.key, binding.value)
      const left = (keyIndex.targets.get(value) ?? []).filter((target) => target.binding !== id)
      if (left.length > 0) keyIndex.targets.set(value, left)
      else keyIndex.targets.delete(value)
      this.#dropEmpty(account, rule.eventType)
    }
    for (const [key, webhook] of this.#namesIn(account, targets)) {
      const left = (this.#named.get(key) ?? 0) - 1
      if (left > 0) {
        this.#named.set(key, left)
        continue
      }
      this.#named.delete(key)
      this.#unnamedIndex(account, key)?.unbound.add(webhook)
    }
  }

  #ruleOf(profile: string, type: string): TriggerRule | undefined {
    return this.#rules.get(profile)?.find(({ eventType }) => eventType === type)
  }

  *#targetsOf({
    key,
    targets,
  }: Binding): Iterable<{ profile: string; rule: TriggerRule; webhooks: Target['webhooks'] }> {
    for (const [profile, rules] of this.#rules) {
      for (const rule of rules) {
        const webhooks = targets[rule.member]
        if (webhooks !== undefined && rule.keys.some(({ name }) => name === key)) yield { profile, rule, webhooks }
      }
    }
  }

  /** The webhooks that a binding names, with their name keys. */
  *#namesIn(account: string, targets: Binding['targets']): Iterable<readonly [key: string, webhook: string]> {
    for (const [member, ids] of Object.entries(targets)) {
      if (typeof ids === 'string' || !this.#namingMembers.has(member)) continue
      for (const id of ids) yield [nameKey(account, member, id), id]
    }
  }

  /** Of accounts that come and go nothing stays. */
  #dropEmpty(account: string, type: string): void {
    const routes = this.#routes.get(keyOf(account, type))
    if (routes === undefined || routes.always.size > 0) return
    for (const { keys, unbound } of routes.rules?.values() ?? []) {
      if (unbound.size > 0 || keys.some(({ targets }) => targets.size > 0)) return
    }
    this.#routes.delete(keyOf(account, type))
  }

  #unnamedIndex(account: string, key: string): RuleIndex | undefined {
    const unnamed = this.#unnamed.get(key)
    if (unnamed === undefined) return undefined
    const { profile, rule } = unnamed
    return indexOf(this.#routesOf(account, rule.eventType), profile, rule)
  }

  #routesOf(account: string, type: string): Routes {
    const key = keyOf(account, type)
    const existing = this.#routes.get(key)
    if (existing !== undefined) return existing
    const routes: Routes = { always: new Set() }
    this.#routes.set(key, routes)
    return routes
  }
}

function applyRule(index: RuleIndex, source: DataSource, triggered: Set<string>): void {
  let isMatched = false
  for (const keyIndex of index.keys) {
    if (keyIndex.targets.size === 0) continue
    const matches = keyIndex.targets.get(callValue(keyIndex, source))
    if (matches === undefined) continue
    isMatched = true
    for (const { webhooks } of matches) addTargets(webhooks, index, triggered)
    if (index.rule.match === 'first') return
  }
  if (!isMatched) for (const id of index.unbound) triggered.add(id)
}

function addTargets(targets: readonly string[] | string, index: RuleIndex, triggered: Set<string>): void {
  if (targets === 'none') return
  // The one other word is `account-wide`: as if the binding were not there.
  const ids = typeof targets === 'string' ? index.unbound : targets
  for (const id of ids) triggered.add(id)
}

/** The call's value for a key: of the first data point that it has. Empty matches no binding, whose values never are. */
function callValue({ key, read }: KeyIndex, source: DataSource): string {
  for (const readOne of read) {
    const value = readOne(source)
    if (value === undefined || value === null || value === '' || typeof value === 'object') continue
    return comparable(key, String(value))
  }
  return ''
}

function comparable(key: BindingKey, value: string): string {
  return key.compare === 'digits' ? value.replace(/\D+/g, '') : value
}

function indexOf(routes: Routes, profile: string, rule: TriggerRule): RuleIndex {
  routes.rules ??= new Map()
  const existing = routes.rules.get(profile)
  if (existing !== undefined) return existing
  const keys = rule.keys.map((key) => ({ key, read: key.points.map(readPoint), targets: new Map() }))
  const index: RuleIndex = { rule, keys, unbound: new Set() }
  routes.rules.set(profile, index)
  return index
}

function keyOf(account: string, type: string): string {
  return `${account}\n${type}`
}

function nameKey(account: string, member: string, id: string): string {
  return `${account}\n${member}\n${id}`
}
