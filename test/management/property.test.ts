/**
 * File and overlay against a model of two maps: whatever changes and reloads come in whatever order, with restarts in between,
 * each id shows what the model says, and events trigger just what is in force.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { EngineConfig } from '../../src/config/engine-config.ts'
import { parseConfig } from '../../src/config/load.ts'
import { Router } from '../../src/engine/plan/router.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import type { Layers } from '../../src/manage/layers.ts'
import { Management } from '../../src/manage/management.ts'
import type { Outbox } from '../../src/outbox/contract.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { TRIGGER_RULES } from '../../src/profiles/profiles.ts'

type Model = { readonly file: Map<string, string>; readonly api: Map<string, string> }

/** Two templates, two webhooks that may name them, two bindings that may name these. */
const IDS = {
  template: ['t0', 't1'],
  webhook: ['w0', 'w1'],
  binding: ['b0', 'b1'],
} as const
type Kind = keyof typeof IDS

/** Configurations of each kind, some of which fit only beside certain others. */
const CONFIGS: Readonly<Record<Kind, readonly object[]>> = {
  template: [
    { type: 'json', format: '{"a": 1}' },
    { type: 'json', format: '{"b": "%ani%"}' },
    { type: 'json', format: '{}', group: 'dealers' },
  ],
  webhook: [
    { profile: 'autoid', url: 'https://a.example.com', template: 't0' },
    { profile: 'autoid', url: 'https://b.example.com', template: 't1' },
    { profile: 'autoid', url: 'https://c.example.com', template: 't0', account: 'acme' },
    { profile: 'custom', url: 'https://d.example.com', on: ['call.end'] },
    { profile: 'dialogtech-transcription', url: 'https://e.example.com' },
  ],
  binding: [
    { campaign: 'Sales', end: ['w0'] },
    { campaign: 'Sales', end: ['w1', 'w0'] },
    { account: 'acme', campaign: 'Sales', end: ['w0'] },
    { ivr: '7', transcription: ['w1'] },
    { number: '800', postCall: 'none' },
  ],
}

function fileOf(model: Model): EngineConfig | undefined {
  const listOf = (kind: Kind): object[] =>
    [...model.file].flatMap(([key, text]) =>
      key.startsWith(kind) ? [{ id: key.slice(kind.length + 1), ...JSON.parse(text) }] : [],
    )
  const lists = { templates: listOf('template'), webhooks: listOf('webhook'), bindings: listOf('binding') }
  const config = { workers: 0, accounts: [{ id: 'acme', groups: ['dealers'] }], ...lists }
  const loaded = parseConfig(JSON.stringify(config), 'f', {})
  return loaded.kind === 'loaded' ? loaded.config : undefined
}

/** What the engine is told, as a router that is changed and one that is made anew. */
class Engine {
  readonly management: Management
  router: Router | undefined

  constructor(config: EngineConfig, outbox: Outbox) {
    const ignore = (): undefined => undefined
    const log = { info: ignore, warn: ignore, error: ignore }
    this.management = new Management({ config, notes: outbox.notes, clock: systemClock, log, onSecrets: ignore })
    this.rebuild()
    this.management.connect({
      change: ({ webhooks, bindings }) => {
        for (const { before } of bindings) if (before !== undefined) this.router?.removeBinding(before)
        for (const { id, webhook } of webhooks) {
          const known = this.known.get(id)
          if (known !== undefined) this.router?.removeWebhook(known)
          this.known.delete(id)
          if (webhook === undefined) continue
          this.router?.addWebhook(webhook)
          this.known.set(id, webhook)
        }
        for (const { after } of bindings) if (after !== undefined) this.router?.addBinding(after)
      },
      prepare: async () => () => undefined,
      isActive: () => true,
      leftOut: ignore,
    })
  }

  readonly known = new Map<string, ReturnType<Layers['merged']>['webhooks'] extends Iterable<infer One> ? One : never>()

  rebuild(): void {
    const { webhooks, bindings } = this.management.merged()
    this.router = runAtOnce(Router.build(webhooks, bindings, TRIGGER_RULES))
    this.known.clear()
    for (const webhook of webhooks) this.known.set(webhook.id, webhook)
  }
}

/** What events trigger, for both accounts and the types that matter here. */
function triggered(router: Router | undefined): readonly string[] {
  const data = { campaign_name: 'Sales', survo_id: '7', called_number: '800' }
  return ['default', 'acme'].flatMap((account) =>
    ['call.end', 'transcription.completed'].map((type) => {
      const ids = router?.route(account, type, { data, context: {} }) ?? new Set()
      return `${account} ${type}: ${[...ids].sort().join(' ')}`
    }),
  )
}

const anyEntry = fc
  .constantFrom<Kind>('template', 'webhook', 'binding')
  .chain((kind) =>
    fc.record({ kind: fc.constant(kind), id: fc.constantFrom(...IDS[kind]), config: fc.nat(CONFIGS[kind].length - 1) }),
  )
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), entry: anyEntry }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), entry: anyEntry }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('reload' as const), entry: anyEntry, isThere: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), entry: anyEntry }) },
  ),
  { maxLength: 25 },
)

test('file and overlay are as a model of two maps says', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const folder = mkdtempSync(join(tmpdir(), 'switchhook-overlay-model-'))
      // Few runs need a disk; without a restart the memory does.
      const isOnDisk = all.some((step) => step.do === 'restart')
      const open = async (): Promise<Outbox> =>
        isOnDisk ? await openEmbeddedOutbox({ path: folder, reserveBytes: 0 }) : new MemoryOutbox()
      let outbox = await open()
      try {
        const model: Model = { file: new Map(), api: new Map() }
        let engine = new Engine(fileOf(model) ?? expect.fail('no file'), outbox)
        for (const step of all) {
          const { kind, id } = step.entry
          const key = `${kind}:${id}`
          const text = JSON.stringify(CONFIGS[kind][step.entry.config])
          switch (step.do) {
            case 'put': {
              const put = { kind, id, accounts: 'all', value: JSON.parse(text), conditions: {} } as const
              const result = await engine.management.put(put)
              const isKnown = model.api.has(key) || model.file.has(key)
              if (result.kind === 'created') expect(isKnown).toBe(false)
              if (result.kind === 'replaced') expect(isKnown).toBe(true)
              if (result.kind === 'unchanged') expect(model.api.get(key)).toBe(text)
              if (['created', 'replaced', 'unchanged'].includes(result.kind)) model.api.set(key, text)
              else expect(['invalid', 'conflict']).toContain(result.kind)
              break
            }
            case 'delete': {
              const result = await engine.management.remove({ kind, id, accounts: 'all', conditions: {} })
              if (result.kind === 'deleted') expect(model.api.delete(key)).toBe(true)
              else if (result.kind === 'not-found') expect(model.api.has(key) || model.file.has(key)).toBe(false)
              else expect(result.kind).toBe('conflict')
              break
            }
            case 'reload': {
              const file = new Map(model.file)
              if (step.isThere) file.set(key, text)
              else file.delete(key)
              const config = fileOf({ ...model, file })
              if (config === undefined) break
              const isTaken = await engine.management
                .reload(config, async () => () => undefined)
                .then(
                  () => true,
                  () => false,
                )
              if (!isTaken) break
              model.file.clear()
              for (const [each, written] of file) model.file.set(each, written)
              engine.rebuild()
              break
            }
            case 'restart': {
              await outbox.close()
              outbox = await open()
              engine = new Engine(fileOf(model) ?? expect.fail('no file'), outbox)
              break
            }
          }
          for (const [shown, ids] of Object.entries(IDS) as [Kind, readonly string[]][]) {
            for (const each of ids) {
              const view = engine.management.get({ kind: shown, id: each, accounts: 'all' })
              const name = `${shown}:${each}`
              const [ofFile, ofApi] = [model.file.get(name), model.api.get(name)]
              const origin =
                ofApi === undefined
                  ? ofFile === undefined
                    ? undefined
                    : 'file'
                  : ofFile === undefined
                    ? 'api'
                    : 'override'
              expect(view?.origin).toBe(origin)
              if (view !== undefined) expect(view.config).toMatchObject(JSON.parse(ofApi ?? ofFile ?? '{}'))
              // What was refused while it ran can only be left out by a start.
              if (!all.some((other) => other.do === 'restart')) expect(view?.mistakes).toBeUndefined()
            }
          }
          const { webhooks, bindings } = engine.management.merged()
          expect(triggered(engine.router)).toEqual(
            triggered(runAtOnce(Router.build(webhooks, bindings, TRIGGER_RULES))),
          )
        }
      } finally {
        await outbox.close()
        rmSync(folder, { recursive: true, force: true })
      }
    }),
    { numRuns: 60, endOnFailure: false },
  )
}, 120_000)
