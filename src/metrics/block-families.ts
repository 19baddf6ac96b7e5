/**
 * The families that all threads count in shared memory, as text: those by webhook, the engine's own share by stage, the engine's own histograms.
 * A webhook shows what dashboards and alerts ask for from the start (a rate needs a 0 to begin at), the rest once it has happened.
 * Called by the scrape, which asks for one piece after the other.
 */
import type { Blocks } from './blocks.ts'
import type { BoundedLabels } from './bounded-labels.ts'
import { type ExemplarHistogram, type ExemplarMap, exemplarKey } from './exemplars.ts'
import { familyHead, histogramSamples, label, sample } from './exposition.ts'
import {
  ATTEMPT_DURATION_AT,
  ATTEMPT_KINDS,
  ATTEMPT_RESULTS,
  ATTEMPTS_AT,
  DELIVERIES_AT,
  DELIVERY_RESULTS,
  DURATION_BOUNDS_MS,
  type EngineHistogram,
  engineBoundsMs,
  engineHistogramAt,
  histogramCells,
  INVOKE_DURATION_AT,
  INVOKE_RESULTS,
  INVOKES_AT,
  overheadAt,
  PHASES,
  phaseAt,
  rowAt,
  STAGES,
} from './layout.ts'

/** Counters by webhook and result. */
const COUNTERS: readonly {
  readonly name: string
  readonly help: string
  /** First cell in a row. */
  readonly at: number
  readonly results: readonly string[]
  readonly fromTheStart: readonly string[]
}[] = [
  {
    name: 'switchhook_deliveries_total',
    help: 'What became of deliveries, each time that something did.',
    at: DELIVERIES_AT,
    results: DELIVERY_RESULTS,
    fromTheStart: ['delivered', 'dead'],
  },
  {
    name: 'switchhook_attempts_total',
    help: 'HTTP requests to customers, of deliveries and invokes, by how they ended.',
    at: ATTEMPTS_AT,
    results: ATTEMPT_RESULTS,
    fromTheStart: ['success'],
  },
  {
    name: 'switchhook_invokes_total',
    help: 'Invokes by how they ended: with a decision of the customer, or why with the backup.',
    at: INVOKES_AT,
    results: INVOKE_RESULTS,
    fromTheStart: ['success'],
  },
]

/** Histograms by webhook. */
const HISTOGRAMS: readonly {
  readonly name: string
  readonly help: string
  /** First cell in a row. */
  readonly at: number
  readonly exemplars: ExemplarHistogram
}[] = [
  {
    name: 'switchhook_attempt_duration_seconds',
    help: 'Time that an HTTP request to a customer took.',
    at: ATTEMPT_DURATION_AT,
    exemplars: 'attempt',
  },
  {
    name: 'switchhook_invoke_duration_seconds',
    help: 'Time from an invoke to its decision.',
    at: INVOKE_DURATION_AT,
    exemplars: 'invoke',
  },
]

const OVERHEAD = 'switchhook_overhead_seconds'
const PHASE = 'switchhook_phase_seconds'

/** Histograms of the whole engine. */
const ENGINE_FAMILIES: readonly {
  readonly name: string
  readonly help: string
  readonly histogram: EngineHistogram
}[] = [
  {
    name: 'switchhook_delivery_lag_seconds',
    help: 'Time from acceptance to the first attempt.',
    histogram: 'deliveryLag',
  },
  {
    name: 'switchhook_store_commit_seconds',
    help: 'Time that the store took to write and sync a transaction.',
    histogram: 'storeCommit',
  },
  {
    name: 'switchhook_event_loop_delay_seconds',
    help: 'How late timers of the main thread were, fifty a second: what everything there had to wait.',
    histogram: 'loopDelay',
  },
]

/** All families, in pieces of one webhook at most. Exemplars are for OpenMetrics alone: the other format has none. */
export function* blockFamilies(
  blocks: Blocks,
  webhooks: BoundedLabels,
  exemplars: ExemplarMap,
): Generator<string, void, undefined> {
  for (const counter of COUNTERS) {
    yield familyHead(counter.name, 'counter', counter.help)
    for (const row of webhooks.rows()) yield counterSamples(blocks, webhooks, row, counter)
  }
  for (const histogram of HISTOGRAMS) {
    yield familyHead(histogram.name, 'histogram', histogram.help)
    for (const row of webhooks.rows()) {
      const cells = blocks.totals(rowAt(row) + histogram.at, histogramCells(DURATION_BOUNDS_MS))
      if (cells.every((cell) => cell === 0)) continue
      yield histogramSamples(
        histogram.name,
        label('webhook', webhooks.nameOf(row)),
        DURATION_BOUNDS_MS,
        cells,
        exemplars.size === 0 ? undefined : (bucket) => exemplars.get(exemplarKey(row, histogram.exemplars, bucket)),
      )
    }
  }
  yield familyHead(OVERHEAD, 'histogram', 'Time that the engine itself adds, by stage.')
  for (const stage of STAGES) {
    const cells = blocks.totals(overheadAt(stage), histogramCells(DURATION_BOUNDS_MS))
    yield histogramSamples(OVERHEAD, label('stage', stage), DURATION_BOUNDS_MS, cells)
  }
  yield familyHead(
    PHASE,
    'histogram',
    'Where the time of HTTP requests to customers went, of invokes and deliveries (send).',
  )
  for (const kind of ATTEMPT_KINDS) {
    for (const [index, [phase]] of PHASES.entries()) {
      const cells = blocks.totals(phaseAt(kind, index), histogramCells(DURATION_BOUNDS_MS))
      if (cells.every((cell) => cell === 0)) continue
      yield histogramSamples(PHASE, `${label('kind', kind)},${label('phase', phase)}`, DURATION_BOUNDS_MS, cells)
    }
  }
  for (const { name, help, histogram } of ENGINE_FAMILIES) {
    const boundsMs = engineBoundsMs(histogram)
    yield familyHead(name, 'histogram', help)
    yield histogramSamples(name, '', boundsMs, blocks.totals(engineHistogramAt(histogram), histogramCells(boundsMs)))
  }
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
    if (count > 0 || (isOwnRow && counter.fromTheStart.includes(result))) {
      text += sample(counter.name, `${webhook},${label('result', result)}`, count)
    }
  }
  return text
}
