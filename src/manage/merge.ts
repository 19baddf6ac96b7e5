/**
 * Puts a file and what the API has said together, at the start and for every reload, in steps. Invariant: what the file says
 * alone fits; where the API's entries do not fit it, it is they that can't be used. What has not changed since `previous` is
 * taken over and not read again.
 */
import type { EngineConfig } from '../config/engine-config.ts'
import { type ItemOf, KINDS, type Kind } from '../config/kinds.ts'
import type { Steps } from '../engine/slices.ts'
import type { Mistake } from '../profiles/mistake.ts'
import { Draft } from './draft.ts'
import { type Entry, membersOf, type Problem, type Said } from './entry.ts'
import { Layers } from './layers.ts'

/** See the head of this file. */
export function* mergeLayers(config: EngineConfig, said: Iterable<Said>, previous?: Layers): Steps<Layers> {
  const layers = new Layers(config, previous)
  yield* loadFile(layers)
  const known = previous !== undefined && readsAlike(previous.config, config) ? previous : undefined
  const byKind: { readonly [K in Kind]: Said[] } = { template: [], webhook: [], binding: [] }
  for (const each of said) {
    yield
    byKind[each.kind].push(each)
  }
  const named = new Draft(layers)
  for (const each of byKind.template) {
    yield
    layers.tables.template.load(readOrKeep('template', each, layers, named, known))
  }
  yield* fitTemplates(layers, named)
  for (const each of byKind.webhook) {
    yield
    layers.tables.webhook.load(readOrKeep('webhook', each, layers, named, known))
  }
  yield* fitWebhooks(layers, named)
  for (const each of byKind.binding) {
    yield
    layers.tables.binding.load(readOrKeep('binding', each, layers, named, undefined))
  }
  for (const kind of KINDS) {
    yield* layers.table(kind).order()
    for (const id of layers.table(kind).ids.all) {
      yield
      layers.index(kind, id, 'add')
    }
  }
  return layers
}

/** Every entry that can't be used, and why. */
export function unusableOf(layers: Layers): readonly Problem[] {
  return KINDS.flatMap((kind) =>
    [...layers.table(kind).unusable].flatMap((id) => {
      const entry = layers.inForce(kind, id)
      if (entry === undefined) return []
      return [{ kind, id, account: entry.account, layer: entry.layer, mistakes: entry.mistakes }]
    }),
  )
}

function* loadFile({ config, tables }: Layers): Steps<undefined> {
  const { templates, webhooks, bindings, templateTexts, webhookTexts, bindingTexts } = config
  const none = { layer: 'file', mistakes: [], account: '', template: '' } as const
  for (const [index, item] of templates.entries()) {
    yield
    tables.template.load({ ...none, id: item.id, text: templateTexts[index] ?? '{}', item })
  }
  for (const [index, item] of webhooks.entries()) {
    yield
    const text = webhookTexts[index] ?? '{}'
    const template = text.includes('"template"') ? membersOf(text)['template'] : ''
    const { id, account } = item
    tables.webhook.load({ ...none, id, text, item, account, template: typeof template === 'string' ? template : '' })
  }
  for (const [index, item] of bindings.entries()) {
    yield
    tables.binding.load({ ...none, id: item.id, text: bindingTexts[index] ?? '{}', item, account: item.account })
  }
  return undefined
}

function readOrKeep<K extends Kind>(
  kind: K,
  { id, text, stamp }: Said,
  layers: Layers,
  named: Draft,
  previous: Layers | undefined,
): Entry<ItemOf[K]> {
  const before = previous?.table(kind).ofApi(id)
  const isSame = before?.item !== undefined && before.text === text && sameTemplate(before.template, layers, previous)
  if (isSame) return before
  return layers.readSaid(kind, { id, text, stamp }, membersOf(text), named.named('api'))
}

/** Webhooks of the file take the API's templates: those templates can't be used that one of them can't be sent by. */
function* fitTemplates(layers: Layers, named: Draft): Steps<undefined> {
  const { template: templates, webhook: webhooks } = layers.tables
  const overridden = new Set([...templates.api].flatMap(({ id, item }) => (item === undefined ? [] : [id])))
  if (overridden.size === 0) return undefined
  const fitted = new Map<string, Entry<ItemOf['webhook']>[]>()
  for (const entry of webhooks.file) {
    yield
    if (!overridden.has(entry.template)) continue
    const next = layers.reread('webhook', entry, named.named('file'))
    const template = templates.ofApi(entry.template)
    if (next.item !== undefined) fitted.set(entry.template, [...(fitted.get(entry.template) ?? []), next])
    else if (template !== undefined) templates.load(unusable(template, 'webhook', entry.id, next.mistakes))
  }
  for (const [id, entries] of fitted) {
    // Webhooks of the file that came with a template of the file stay as they are.
    if (templates.ofApi(id)?.item === undefined) continue
    for (const entry of entries) {
      yield
      webhooks.load(entry)
    }
  }
  return undefined
}

/** Bindings of the file name the API's webhooks: those webhooks can't be used that one of them can't trigger. */
function* fitWebhooks(layers: Layers, named: Draft): Steps<undefined> {
  const { webhook: webhooks, binding: bindings } = layers.tables
  for (const entry of bindings.file) {
    yield
    const ids = Object.values(entry.item?.targets ?? {}).flatMap((each) => (typeof each === 'string' ? [] : each))
    if (!ids.some((id) => webhooks.ofApi(id)?.item !== undefined)) continue
    const next = layers.reread('binding', entry, named.named('file'))
    if (next.item !== undefined) continue
    for (const id of ids) {
      const webhook = webhooks.ofApi(id)
      const isWrong = next.mistakes.some(({ path }) => nameAt(entry.text, path) === id)
      if (webhook !== undefined && isWrong) webhooks.load(unusable(webhook, 'binding', entry.id, next.mistakes))
    }
  }
  return undefined
}

function unusable<Item>(entry: Entry<Item>, kind: Kind, user: string, mistakes: readonly Mistake[]): Entry<Item> {
  const why = mistakes.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  const mistake: Mistake = { path: [], message: `does not fit the file's ${kind} ${user}: ${why}`, at: 'value' }
  return { ...entry, item: undefined, mistakes: [mistake] }
}

function nameAt(text: string, path: Mistake['path']): unknown {
  const [member, index] = path
  const list = membersOf(text)[String(member)]
  return Array.isArray(list) && typeof index === 'number' ? list[index] : undefined
}

/** Whether the API's entries mean the same under both, as far as no other entry is concerned. */
function readsAlike(left: EngineConfig, right: EngineConfig): boolean {
  const text = ({ accounts, network, pointNames }: EngineConfig): string =>
    JSON.stringify([accounts, network.allow, network.proxy, [...pointNames].sort()])
  return text(left) === text(right)
}

function sameTemplate(id: string, layers: Layers, previous: Layers | undefined): boolean {
  if (id === '') return true
  const [now, before] = [layers.inForce('template', id), previous?.inForce('template', id)]
  return now?.item !== undefined && before?.item !== undefined && now.text === before.text
}
