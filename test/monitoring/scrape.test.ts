/**
 * A real Prometheus scrapes a real engine under load. Whatever rules and dashboard name is in that scrape, with the labels and
 * values that they ask for; every panel shows something.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { promQl } from '../../scripts/monitoring/dashboard.ts'
import { PANEL_ROWS, type Panel } from '../../scripts/monitoring/panels.ts'
import { alertRules, recordingRules } from '../../scripts/monitoring/rule-files.ts'
import { REAL_TIME } from '../../scripts/monitoring/timing.ts'
import { startWorld, type World } from '../e2e/world.ts'
import { readExposition } from '../metrics/read-exposition.ts'
import { Receiver } from '../worker/receiver.ts'
import { Prometheus } from './prometheus.ts'
import { promtool, testFiles } from './promtool.ts'
import { groupedBy, selectorsOf } from './selectors.ts'

const PANELS: readonly Panel[] = PANEL_ROWS.flatMap(({ panels }) => panels)

/** Panels that have nothing to show while all is well. */
const EMPTY_WHEN_WELL = ['Circuits that are not closed']

/** A trace that its sender records. */
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** Labels that Prometheus adds. */
const ADDED_LABELS = ['job', 'instance']

const RULES = { 'recording.yml': recordingRules(REAL_TIME), 'alerts.yml': alertRules(REAL_TIME) }

interface Rule {
  readonly record?: string
  readonly expr: string
}

/** Expressions of all rules, and of all panels as Prometheus would get them. */
const RULE_LIST: readonly Rule[] = Object.values(RULES).flatMap((text) => parse(text).groups[0].rules)
const EXPRESSIONS: readonly string[] = [
  ...RULE_LIST.map(({ expr }) => expr),
  ...PANELS.flatMap(({ queries }) => queries.map((query) => promQl(query, '.*', '1m'))),
]
const RECORDED = new Set(RULE_LIST.flatMap(({ record }) => (record === undefined ? [] : [record])))

/** An engine with a store on disk, whose webhooks have just been triggered and invoked, some of them in vain. */
async function busyWorld(origin: string, folder: string): Promise<World> {
  const world = await startWorld(`
workers: 1
store: { path: ${folder}/data }
webhooks:
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${origin}/feed', body: '%callid%', circuit: off, retry: { schedule: [0s, 20ms], jitter: 0 } }
  - { id: ask, profile: wix-answers-ivr, url: '${origin}/ask' }
`)
  await load(world, 20)
  return world
}

async function load(world: World, events: number): Promise<void> {
  for (let index = 0; index < events; index += 1) {
    await world.post('/v1/events', { type: 'call.end', data: { callid: String(index) } })
    await world.post('/v1/webhooks/ask/invoke', { traceparent: TRACEPARENT, data: { input: '1' } })
  }
  await world.post('/v1/events', { type: '' })
}

async function receiver(): Promise<Receiver> {
  const started = await Receiver.start()
  started.answer = ({ body }, response) => response.writeHead(body.endsWith('3') ? 500 : 204).end()
  return started
}

describe('the dashboard', () => {
  test('has expressions that Prometheus accepts, each in a rule of its own', async () => {
    const rules = EXPRESSIONS.map((expr, index) => ({ record: `panel:${index}`, expr }))
    const folder = await testFiles({ 'panels.yml': stringify({ groups: [{ name: 'panels', rules }] }) })
    const { status, said } = await promtool(['check', 'rules', join(folder, 'panels.yml')])
    expect({ status, said }).toMatchObject({ status: 0, said: expect.stringContaining(`${rules.length} rules found`) })
  })

  test('draws every panel of the table, beside and below each other, and asks the chosen source', () => {
    const file = join(import.meta.dirname, '../../deploy/grafana/switchhook.json')
    const { panels } = JSON.parse(readFileSync(file, 'utf8'))
    const drawn = panels.filter(({ type }: { readonly type: string }) => type !== 'row')
    expect(drawn.map(({ title }: { readonly title: string }) => title)).toEqual(PANELS.map(({ title }) => title))
    const taken = new Set<string>()
    for (const { gridPos, targets } of drawn) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        const place = `${x} ${gridPos.y}`
        expect(taken.has(place) || x >= 24).toBe(false)
        taken.add(place)
      }
      for (const { expr, datasource } of targets) {
        expect(expr).toContain('{instance=~"$instance"')
        expect(datasource.uid).toBe('$datasource')
      }
    }
  })
})

describe('a scrape', () => {
  test('is what promtool accepts', async () => {
    await using customer = await receiver()
    const world = await busyWorld(customer.origin, await testFiles({}))
    const text = await (await fetch(`${world.url}/metrics`)).text()
    const { status, said } = await promtool(['check', 'metrics'], text)
    const ours = said.split('\n').filter((line) => line.startsWith('switchhook_'))
    expect({ status: status === 3 ? 0 : status, ours }).toEqual({ status: 0, ours: [] })
  })

  test('has every metric, label and value that rules and dashboard name', async () => {
    await using customer = await receiver()
    const world = await busyWorld(customer.origin, await testFiles({}))
    await customer.until(() => customer.received.length >= 42)
    await expect.poll(() => world.service.engine.stats()).toMatchObject({ outbox: { pending: 0 } })
    const families = readExposition(await (await fetch(`${world.url}/metrics`)).text())
    const samples = [...families.values()].flatMap((family) => family.samples)
    const missing: string[] = []
    for (const expr of EXPRESSIONS) {
      const selectors = selectorsOf(expr)
      const known = new Set(ADDED_LABELS)
      for (const { metric, labels } of selectors) {
        if (RECORDED.has(metric) || metric === 'up') continue
        const own = samples.filter(({ name }) => name === metric)
        for (const sample of own) for (const label of Object.keys(sample.labels)) known.add(label)
        if (own.length === 0) missing.push(metric)
        for (const { name, value } of labels) {
          const has = own.some((sample) =>
            value === undefined ? name in sample.labels : sample.labels[name] === value,
          )
          if (!has && !ADDED_LABELS.includes(name)) missing.push(`${metric}{${name}="${value ?? ''}"}`)
        }
      }
      for (const label of groupedBy(expr)) if (!known.has(label)) missing.push(`${label} in ${expr}`)
    }
    expect(missing).toEqual([])
  })
})

test('the page for operators lists every metric with its labels, and no other', async () => {
  await using customer = await receiver()
  const world = await busyWorld(customer.origin, await testFiles({}))
  const families = readExposition(await (await fetch(`${world.url}/metrics`)).text())
  const own = [...families.values()].filter(({ name }) => name.startsWith('switchhook_'))
  const page = readFileSync(join(import.meta.dirname, '../../docs/operate.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (`switchhook_[^|]+) \|([^|]*)\|/gm)].flatMap(([, names = '', labels = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => `${name} ${labels.trim()}`),
  )
  const shown = own.map(({ name, samples }) => {
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)))
    labels.delete('le')
    return `${name} ${[...labels].join(', ')}`
  })
  expect(rows.sort()).toEqual(shown.sort())
})

describe('Prometheus', () => {
  test('scrapes an engine under load without an error, and every panel shows something', async () => {
    await using customer = await receiver()
    const world = await busyWorld(customer.origin, await testFiles({}))
    const prometheus = await Prometheus.start({ target: world.url, interval: '500ms', rules: RULES })
    const notShown = async (): Promise<readonly string[]> => {
      await load(world, 10)
      const empty = await Promise.all(
        PANELS.map(async ({ title, queries }) => {
          const all = await Promise.all(queries.map((query) => prometheus.query(promQl(query, '.*', '1m'))))
          const isShown = all.every((series) => series.length > 0 && series.every(({ value }) => value[1] !== 'NaN'))
          return isShown ? [] : [title]
        }),
      )
      return empty.flat()
    }
    await expect.poll(notShown, { timeout: 40_000, interval: 500 }).toEqual(EMPTY_WHEN_WELL)
    expect(await prometheus.scrapeError()).toBe('')
    const exemplars = await prometheus.exemplars('switchhook_invoke_duration_seconds_bucket{webhook="ask"}')
    expect(exemplars.length).toBeGreaterThan(0)
    for (const { labels } of exemplars) expect(labels).toEqual({ trace_id: TRACEPARENT.slice(3, 35) })
    expect(await prometheus.firing()).toEqual([])
  })
})
