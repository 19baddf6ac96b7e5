/**
 * `functions`: the parts of an event's way that are plain functions, each beside what a careful hand or a known library does.
 */
import type { Bench, BenchSettings } from '../bench.ts'
import type { BenchResult, MeasuredRatio } from '../measuring/result.ts'
import { decisions, routingName, WEBHOOK_COUNTS, YARDSTICK } from './deciding.ts'
import { BY_HAND, HANDLEBARS, jsonComparison, OURS, urlComparison, XML_BUILDER, xmlComparison } from './rendering.ts'
import { type Timing, timeEach, timeFunctions } from './timing.ts'

/** See `Bench`. */
export const functionsBench: Bench = {
  name: 'functions',
  summary: 'rendering beside hand-written code and template engines; reading, routing, judging',
  runsIn: ['shortest', 'check', 'full'],
  run,
}

async function run(settings: BenchSettings): Promise<BenchResult> {
  const json = await timeFunctions(jsonComparison(), settings)
  const xml = await timeFunctions(xmlComparison(), settings)
  const url = await timeFunctions(urlComparison(), settings)
  const other = await timeDecisions(settings)
  const [fewest, , most] = WEBHOOK_COUNTS
  const ratios: readonly MeasuredRatio[] = [
    { gate: 'render-json-by-hand', values: json.ratio(OURS, BY_HAND) },
    { gate: 'render-json-handlebars', values: json.ratio(HANDLEBARS, OURS) },
    { gate: 'render-xml-builder', values: xml.ratio(XML_BUILDER, OURS) },
    { gate: 'render-url-by-hand', values: url.ratio(OURS, BY_HAND) },
    { gate: 'route-100-000-webhooks', values: other.ratio(routingName(most), routingName(fewest)) },
  ]
  return {
    tables: [json, xml, url, other].map(({ table }) => table),
    ratios,
    controls: [json, xml, url, other].map(({ control }) => control),
    latencies: [],
  }
}

async function timeDecisions(settings: BenchSettings): Promise<Timing> {
  const all = decisions()
  for (const { candidate, expected } of all) {
    const given = candidate.run(undefined)
    if (given !== expected) throw new Error(`${candidate.name} gives ${String(given)}, expected ${String(expected)}`)
  }
  const candidates = all.map(({ candidate }) => candidate)
  const title = 'Reading, judging, routing'
  return await timeEach({ title, inputs: [undefined], control: YARDSTICK, candidates }, settings)
}
