/**
 * What is allowed but probably not meant (contract: "`check` also warns"). Warnings keep nothing from working.
 * Used by `load.ts` once a configuration is free of mistakes.
 */

import { CATALOG } from '../catalog/catalog.ts'
import { pointsUsed } from '../compile/tokens-used.ts'
import { unfilledIn } from '../compile/unfilled.ts'
import type { Binding, Webhook } from '../model/webhook.ts'
import { type Mistake, mistake } from '../profiles/mistake.ts'
import { TRIGGER_RULES } from '../profiles/profiles.ts'
import type { EngineConfig } from './engine-config.ts'

/** Data points that only the end of a call tells. */
const CALL_END_POINTS: ReadonlySet<string> = new Set(
  CATALOG.flatMap(({ categories }) => categories)
    .filter(({ name }) => name === 'call_end')
    .flatMap(({ dataPoints }) => dataPoints.map(({ name }) => name)),
)

/** All warnings, as mistakes whose paths count from the whole configuration. */
export function warningsFor(config: EngineConfig): readonly Mistake[] {
  const { tokens, webhooks, bindings, pointNames } = config
  const bound = new Set(bindings.flatMap(({ targets }) => Object.values(targets).flatMap(idsIn)))
  const byId = new Map(webhooks.map((webhook) => [webhook.id, webhook]))
  const told = new Set<string>()
  return [
    ...(tokens.length === 0 ? [mistake(['auth'], 'there are no tokens: only this machine may call the API')] : []),
    ...webhooks.flatMap((webhook, index) => [
      ...plainUrls(webhook, index),
      ...neverTriggered(webhook, index, bound),
      ...unfilled(webhook, index, config, told),
      ...neverSet(webhook, index, config),
    ]),
    ...bindings.flatMap((binding, index) => tooEarly(binding, index, byId, pointNames)),
  ]
}

function plainUrls({ request, fallback }: Webhook, index: number): readonly Mistake[] {
  const isPlain = (url: string): boolean => /^\s*http:/i.test(url)
  return [
    ...(isPlain(request.url.text) ? [mistake(['webhooks', index, 'url'], plainMessage(request.url.text))] : []),
    ...(fallback !== undefined && isPlain(fallback.request.url.text)
      ? [mistake(['webhooks', index, 'fallback', 'url'], plainMessage(fallback.request.url.text))]
      : []),
  ]
}

/** Who tries things out on one machine should not be frightened. */
function plainMessage(url: string): string {
  const isHere = /^\s*http:\/\/(?:[^/?#@]*@)?(?:127(?:\.\d+){3}|localhost|\[::1\])(?=[:/?#]|$)/i.test(url)
  return isHere
    ? 'http: sends call data unprotected: fine for trials on this machine, for any other server https: is expected'
    : 'http: sends call data that everybody on the way can read: https: is expected'
}

/** A binding names webhooks, or says a word such as `account-wide`. */
function idsIn(targets: readonly string[] | string): readonly string[] {
  return typeof targets === 'string' ? [] : targets
}

/** A webhook that waits for events which, as its profile's rules and the bindings are, never trigger it. */
function neverTriggered(webhook: Webhook, index: number, bound: ReadonlySet<string>): readonly Mistake[] {
  const { id, profile, trigger } = webhook
  if (trigger.on.length === 0 || trigger.unbound) return []
  if (bound.has(id)) return []
  const rules = TRIGGER_RULES.get(profile) ?? []
  const names = [...new Set(rules.flatMap(({ keys }) => keys.map(({ name }) => name)))].join(', ')
  const message = `no event can trigger ${id}: no binding (by ${names}) names it`
  return [mistake(['webhooks', index], message)]
}

/**
 * Texts in a body that were evidently meant as tokens, told of the webhook's own text, or of the template that it names. Each text once,
 * with the first webhook that has it: thousands may share a template.
 */
function unfilled(
  { request: { body } }: Webhook,
  index: number,
  config: EngineConfig,
  told: Set<string>,
): readonly Mistake[] {
  if (body.kind !== 'template') return []
  const key = `${body.format.syntax}\n${body.format.text}`
  if (told.has(key)) return []
  told.add(key)
  const issues = unfilledIn(body, config.pointNames)
  if (issues.length === 0) return []
  const { template } = writtenKeys(config, index)
  return issues.map(({ line, column, message }): Mistake => {
    if (template === undefined) return { ...mistake(['webhooks', index, 'body'], message), within: { line, column } }
    const place = `template ${String(template)}: line ${line}, column ${column}`
    return mistake(['webhooks', index, 'template'], `${place}: ${message}`)
  })
}

/** A variable for an answer that nobody reads. */
function neverSet({ answer }: Webhook, index: number, config: EngineConfig): readonly Mistake[] {
  if (answer.kind !== 'ignored' || writtenKeys(config, index)['setVariable'] === undefined) return []
  const message = 'is never set: the answer to what is sent on hang-up is disregarded; leave it out'
  return [{ path: ['webhooks', index, 'setVariable'], message, at: 'key' }]
}

/** The keys of a webhook as they were written, for what is not left of them once it is read. */
function writtenKeys({ webhookTexts }: EngineConfig, index: number): Readonly<Record<string, unknown>> {
  return JSON.parse(webhookTexts[index] ?? '{}')
}

/** At the beginning of a call its end is not known: such data points would be sent empty. */
function tooEarly(
  binding: Binding,
  index: number,
  webhooks: ReadonlyMap<string, Webhook>,
  pointNames: ReadonlySet<string>,
): readonly Mistake[] {
  const { begin } = binding.targets
  if (!Array.isArray(begin)) return []
  return begin.flatMap((id: string, position) => {
    const webhook = webhooks.get(id)
    const points = webhook === undefined ? [] : [...pointsUsed(webhook.request, pointNames)]
    const early = points.filter((path) => CALL_END_POINTS.has(path.split('.')[0] ?? path))
    if (early.length === 0) return []
    const message = `${id} uses ${early.join(', ')}, which is known only when the call ends: bind it to end`
    return [mistake(['bindings', index, 'begin', position], message)]
  })
}
