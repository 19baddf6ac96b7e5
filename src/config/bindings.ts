/**
 * Bindings: reads one by the trigger rules of the profiles, so that a new platform's bindings need nothing here.
 * Invariant: a binding that passes has one key, and names webhooks of its own account that its key can trigger.
 * Used by `load.ts` for the file and for single bindings that come over the API.
 */
import { z } from 'zod'
import type { Binding, Webhook } from '../model/webhook.ts'
import { entriesOf } from '../profiles/entries.ts'
import {
  expectedMessage,
  listed,
  type Mistake,
  mistake,
  mistakesOf,
  suggestion,
  unknownKey,
} from '../profiles/mistake.ts'
import type { BindingKey, TriggerRule } from '../profiles/profile.ts'
import { PROFILES } from '../profiles/profiles.ts'
import { section, textField } from '../profiles/settings.ts'
import type { ById } from './engine-config.ts'
import { accountField, idField } from './fields.ts'

/** Longest id of a binding (contract: "any text up to 200 characters"). */
const BINDING_ID_LIMIT = 200

/** What of a webhook decides whether a binding may name it; `refused`: it is there but has mistakes of its own. */
export type BoundWebhook = Pick<Webhook, 'account' | 'profile' | 'trigger'> | 'refused'

/** All webhooks that a binding may know of, by id. */
export type BoundWebhooks = ById<BoundWebhook>

/** A binding, or everything that stands in its way. */
export type BindingRead =
  | { readonly kind: 'read'; readonly binding: Binding }
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[] }

/** A key with the profile that has it and the rules that it can trigger by. */
interface KeyRules {
  readonly profile: string
  readonly key: BindingKey
  readonly rules: readonly TriggerRule[]
}

const KEYS: ReadonlyMap<string, KeyRules> = new Map(
  PROFILES.flatMap(({ id, triggers }) =>
    triggers.flatMap(({ keys }) =>
      keys.map((key) => [key.name, { profile: id, key, rules: rulesOf(triggers, key) }] as const),
    ),
  ),
)

const MEMBERS: readonly string[] = [
  ...new Set(PROFILES.flatMap(({ triggers }) => triggers.map(({ member }) => member))),
]

const OWN = section({ id: textField(BINDING_ID_LIMIT).optional(), account: accountField().default('default') })

/** What a binding may look like, by key and by what it triggers, for documents: {@link parseBinding} reads by the same rules. */
export function bindingForms(): readonly z.ZodObject[] {
  return [...KEYS.values()].flatMap(({ key, rules }) => {
    const text = key.compare === 'digits' ? z.string().regex(/\d/) : z.string().min(1)
    const value = z.union([text, z.number()])
    return rules.map((needed) => {
      const targets = rules.map((rule) => [
        rule.member,
        rule === needed ? targetForm(rule) : targetForm(rule).optional(),
      ])
      return z.strictObject({ ...OWN.shape, [key.name]: value, ...Object.fromEntries(targets) })
    })
  })
}

function targetForm({ words }: TriggerRule): z.ZodType {
  const ids = z.array(idField())
  return words.length === 0 ? ids : z.union([z.enum([...words]), ids])
}

function rulesOf(triggers: readonly TriggerRule[], key: BindingKey): readonly TriggerRule[] {
  return triggers.filter(({ keys }) => keys.some(({ name }) => name === key.name))
}

/** Reads a binding. */
export function parseBinding(input: unknown, webhooks: BoundWebhooks): BindingRead {
  const entries = entriesOf(input)
  if (entries === undefined) return { kind: 'refused', mistakes: [mistake([], expectedMessage('a mapping', input))] }
  const own = OWN.safeParse(Object.fromEntries(entries.filter(([key]) => key in OWN.shape)))
  const mistakes: Mistake[] = own.success ? [] : [...mistakesOf(own.error)]
  const known = [...Object.keys(OWN.shape), ...KEYS.keys(), ...MEMBERS]
  for (const [key] of entries.filter(([key]) => !known.includes(key))) {
    mistakes.push({ path: [key], message: unknownKey(key, known), at: 'key' })
  }
  const written = entries.flatMap(([name, value]) => {
    const rules = KEYS.get(name)
    return rules === undefined ? [] : [{ rules, value }]
  })
  const [first, second] = written
  if (first === undefined || second !== undefined) {
    return { kind: 'refused', mistakes: [...mistakes, keyCountMistake(written.map(({ rules }) => rules.key.name))] }
  }
  const { rules } = first
  const value = readValue(first.value, rules.key)
  if (typeof value !== 'string') mistakes.push(value)
  const account = own.data?.account ?? 'default'
  const targets = readTargets(entries, rules, account, webhooks, mistakes)
  if (!own.success || typeof value !== 'string' || mistakes.length > 0) return { kind: 'refused', mistakes }

  const id = own.data.id ?? `${account}:${rules.key.name}:${value}`
  if (own.data.id === undefined && [...id].length > BINDING_ID_LIMIT) {
    const message = `is too long to make an id of account and key: give the binding an id of at most ${BINDING_ID_LIMIT} characters`
    return { kind: 'refused', mistakes: [mistake([rules.key.name], message)] }
  }
  return { kind: 'read', binding: { id, account, key: rules.key.name, value, targets } }
}

function keyCountMistake(names: readonly string[]): Mistake {
  if (names.length > 0) return mistake([], `${listed(names, 'and')} stand together: a binding has one of them`)
  return mistake([], `is for nothing: one of ${listed([...KEYS.keys()], 'or')} is expected`)
}

/** Numbers are kept as their digits, which is what they are compared by. */
function readValue(input: unknown, key: BindingKey): string | Mistake {
  const text = typeof input === 'number' ? String(input) : input
  if (typeof text !== 'string' || text === '') return mistake([key.name], expectedMessage('a text', input))
  if (key.compare === 'text') return text
  const digits = text.replaceAll(/\D/g, '')
  return digits === ''
    ? mistake([key.name], `${JSON.stringify(text)} has no digits: a telephone number is expected`)
    : digits
}

function readTargets(
  entries: readonly (readonly [string, unknown])[],
  { profile, key, rules }: KeyRules,
  account: string,
  webhooks: BoundWebhooks,
  mistakes: Mistake[],
): Readonly<Record<string, readonly string[] | string>> {
  const names = rules.map(({ member }) => member)
  const written = entries.filter(([name]) => MEMBERS.includes(name))
  if (written.length === 0)
    mistakes.push(mistake([], `triggers nothing: ${listed(names, 'or')} is expected beside ${key.name}`))
  const targets = new Map<string, readonly string[] | string>(names.map((name) => [name, []]))
  for (const [name, input] of written) {
    const rule = rules.find(({ member }) => member === name)
    if (rule === undefined) {
      mistakes.push({ path: [name], message: `does not go with ${key.name}: ${listed(names, 'or')} does`, at: 'key' })
    } else if (typeof input === 'string' && rule.words.includes(input)) {
      targets.set(name, input)
    } else if (Array.isArray(input)) {
      const ids: readonly unknown[] = input
      targets.set(name, [...new Set(ids.map(String))])
      for (const [index, id] of ids.entries()) {
        const problem = targetProblem(id, rule, profile, account, webhooks)
        if (problem !== undefined) mistakes.push(mistake([name, index], problem))
      }
    } else {
      const what = [...rule.words, 'a list of webhook ids']
      const hint = typeof input === 'string' ? suggestion(input, rule.words) : ''
      mistakes.push(mistake([name], expectedMessage(listed(what, 'or'), input) + hint))
    }
  }
  return Object.fromEntries(targets)
}

function targetProblem(
  id: unknown,
  rule: TriggerRule,
  profile: string,
  account: string,
  webhooks: BoundWebhooks,
): string | undefined {
  if (typeof id !== 'string') return expectedMessage('a webhook id', id)
  const webhook = webhooks.get(id)
  if (webhook === undefined) return `there is no webhook ${id}${suggestion(id, webhooks.keys())}`
  if (webhook === 'refused') return undefined
  if (webhook.profile !== profile) return `${id} is a webhook of ${webhook.profile}: one of ${profile} is expected`
  if (webhook.account !== account) return `${id} belongs to account ${webhook.account}, this binding to ${account}`
  if (!webhook.trigger.on.includes(rule.eventType))
    return `${id} is not sent on ${rule.eventType}: set sendOnHangup there`
  return undefined
}
