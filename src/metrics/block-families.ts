/**
 * The families that all threads count in shared memory, as text: those by webhook, the engine's own share by stage, the lag.
 * A webhook shows its first result from the start (a rate needs a 0 to begin at), the rest once it has happened.
 * Called by the scrape, which asks for one piece after the other.
 */
import type { Blocks } from './blocks.ts'
import type { BoundedLabels } from './bounded-labels.ts'
import { familyHead, histogramSamples, label, sample } from './exposition.ts'
import {
  ATTEMPT_DURATION_AT,
  ATTEMPT_RESULTS,
  ATTEMPTS_AT,
  DELIVERIES_AT,
  DELIVERY_RESULTS,
  DURATION_BOUNDS_MS,
  histogramCells,
  INVOKE_DURATION_AT,
  LAG_AT,
  LAG_BOUNDS_MS,
  overheadAt,
  rowAt,
  STAGES,
} from './layout.ts'

/** Counters by webhook and result. */
const COUNTERS = [
  {
    name: 'switchhook_deliveries_total',
    help: 'What became of deliveries, each time that something did.',
    at: DELIVERIES_AT,
    results: DELIVERY_RESULTS,
  },
  {
    name: 'switchhook_attempts_total',
    help: 'HTTP requests to customers, of deliveries and invokes, by how they ended.',
    at: ATTEMPTS_AT,
    results: ATTEMPT_RESULTS,
  },
] as const

/** Histograms by webhook. */
const HISTOGRAMS = [
  {
    name: 'switchhook_attempt_duration_seconds',
    help: 'Time that an HTTP request to a customer took.',
    at: ATTEMPT_DURATION_AT,
  },
  {
    name: 'switchhook_invoke_duration_seconds',
    help: 'Time from an invoke to its decision.',
    at: INVOKE_DURATION_AT,
  },
] as const

const OVERHEAD = 'switchhook_overhead_seconds'
const LAG = 'switchhook_delivery_lag_seconds'

/** All families, in pieces of one webhook at most. */
export function* blockFamilies(blocks: Blocks, webhooks: BoundedLabels): Generator<string, void, undefined> {
  for (const counter of COUNTERS) {
    yield familyHead(counter.name, 'counter', counter.help)
    for (const row of webhooks.rows()) yield counterSamples(blocks, webhooks, row, counter)
  }
  for (const histogram of HISTOGRAMS) {
    yield familyHead(histogram.name, 'histogram', histogram.help)
    for (const row of webhooks.rows()) {
      yield webhookHistogram(blocks, histogram.name, webhooks.nameOf(row), rowAt(row) + histogram.at)
    }
  }
  yield familyHead(OVERHEAD, 'histogram', 'Time that the engine itself adds, by stage.')
  for (const stage of STAGES) {
    const cells = blocks.totals(overheadAt(stage), histogramCells(DURATION_BOUNDS_MS))
    yield histogramSamples(OVERHEAD, label('stage', stage), DURATION_BOUNDS_MS, cells)
  }
  yield familyHead(LAG, 'histogram', 'Time from acceptance to the first attempt.')
  yield histogramSamples(LAG, '', LAG_BOUNDS_MS, blocks.totals(LAG_AT, histogramCells(LAG_BOUNDS_MS)))
}

function counterSamples(
  blocks: Blocks,
  webhooks: BoundedLabels,
  row: number,
  counter: (typeof COUNTERS)[number],
): string {
  const webhook = label('webhook', webhooks.nameOf(row))
  const isOwnRow = row !== webhooks.otherRow
  let text = ''
  for (const [index, result] of counter.results.entries()) {
    const count = blocks.total(rowAt(row) + counter.at + index)
    if (count > 0 || (index === 0 && isOwnRow)) {
      text += sample(counter.name, `${webhook},${label('result', result)}`, count)
    }
  }
  return text
}

/** The samples of a webhook's histogram; empty where nothing was measured. */
function webhookHistogram(blocks: Blocks, name: string, webhook: string, at: number): string {
  const cells = blocks.totals(at, histogramCells(DURATION_BOUNDS_MS))
  if (cells.every((cell) => cell === 0)) return ''
  return histogramSamples(name, label('webhook', webhook), DURATION_BOUNDS_MS, cells)
}
