/**
 * Routing: which webhooks an event triggers. An index made once a plan; an event costs a few look-ups, however many webhooks
 * and bindings there are. What a profile's rules mean is decided here, what they are stands with the profile.
 */
import { readPoint } from '../catalog/read-point.ts'
import type { DataSource, ReadPoint } from '../model/data.ts'
import type { Binding, Webhook } from '../model/webhook.ts'
import type { BindingKey, TriggerRule } from '../profiles/profile.ts'
import type { Steps } from './slices.ts'

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
  readonly targets: Map<string, (readonly string[] | string)[]>
}

/** All that an account's events of one type can trigger. */
interface Routes {
  /** Webhooks that every such event triggers. */
  readonly always: string[]
  /** By profile id. */
  readonly rules: Map<string, RuleIndex>
}

/** See the head of this file. */
export class Router {
  readonly #routes = new Map<string, Routes>()

  private constructor() {}

  /** Indexes `webhooks` and `bindings` by the trigger `rules` of each profile. */
  static *build(
    webhooks: readonly Webhook[],
    bindings: readonly Binding[],
    rules: ReadonlyMap<string, readonly TriggerRule[]>,
  ): Steps<Router> {
    const router = new Router()
    const named = new Set<string>()
    for (const binding of bindings) {
      yield
      router.#addBinding(binding, rules)
      addNames(binding, named)
    }
    for (const webhook of webhooks) {
      yield
      router.#addWebhook(webhook, rules.get(webhook.profile) ?? [], named)
    }
    return router
  }

  /** Ids of the webhooks that an event triggers, each once, in no particular order; inactive ones included. */
  route(account: string, type: string, source: DataSource): ReadonlySet<string> {
    const triggered = new Set<string>()
    const routes = this.#routes.get(keyOf(account, type))
    if (routes === undefined) return triggered
    for (const id of routes.always) triggered.add(id)
    for (const index of routes.rules.values()) applyRule(index, source, triggered)
    return triggered
  }

  #addWebhook(webhook: Webhook, rules: readonly TriggerRule[], named: ReadonlySet<string>): void {
    for (const type of webhook.trigger.on) {
      const routes = this.#routesOf(webhook.account, type)
      const rule = rules.find(({ eventType }) => eventType === type)
      if (rule === undefined) {
        routes.always.push(webhook.id)
        continue
      }
      const { unbound } = indexOf(routes, webhook.profile, rule)
      if (rule.unbound === 'all-calls' && webhook.trigger.unbound) unbound.add(webhook.id)
      if (rule.unbound === 'unnamed' && !named.has(nameKey(webhook.account, rule.member, webhook.id))) {
        unbound.add(webhook.id)
      }
    }
  }

  #addBinding(binding: Binding, rules: ReadonlyMap<string, readonly TriggerRule[]>): void {
    for (const [profile, profileRules] of rules) {
      for (const rule of profileRules) {
        const targets = binding.targets[rule.member]
        if (targets === undefined || !rule.keys.some(({ name }) => name === binding.key)) continue
        const index = indexOf(this.#routesOf(binding.account, rule.eventType), profile, rule)
        const keyIndex = index.keys.find(({ key }) => key.name === binding.key)
        if (keyIndex === undefined) continue
        const value = comparable(keyIndex.key, binding.value)
        const known = keyIndex.targets.get(value)
        if (known === undefined) keyIndex.targets.set(value, [targets])
        else known.push(targets)
      }
    }
  }

  #routesOf(account: string, type: string): Routes {
    const key = keyOf(account, type)
    const existing = this.#routes.get(key)
    if (existing !== undefined) return existing
    const routes: Routes = { always: [], rules: new Map() }
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
    for (const targets of matches) addTargets(targets, index, triggered)
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
  const existing = routes.rules.get(profile)
  if (existing !== undefined) return existing
  const keys = rule.keys.map((key) => ({ key, read: key.points.map(readPoint), targets: new Map() }))
  const index: RuleIndex = { rule, keys, unbound: new Set() }
  routes.rules.set(profile, index)
  return index
}

/** Adds the webhooks that a binding names, by account and member. */
function addNames({ account, targets }: Binding, named: Set<string>): void {
  for (const [member, ids] of Object.entries(targets)) {
    if (typeof ids !== 'string') for (const id of ids) named.add(nameKey(account, member, id))
  }
}

function keyOf(account: string, type: string): string {
  return `${account}\n${type}`
}

function nameKey(account: string, member: string, id: string): string {
  return `${account}\n${member}\n${id}`
}
