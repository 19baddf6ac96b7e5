/**
 * The table at the end: what was played, what was decided, what was delivered, how long it took, and whether all of it was
 * right. Pure; the lines are printed by the caller.
 */
import type { Histogram } from 'hdr-histogram-js'
import type { CarrierTotals } from './comparison.ts'
import type { EngineMetrics, EngineStats } from './engine-figures.ts'
import type { LedgerTotals } from './ledger.ts'
import { padded, paint, type Style, wrapped } from './screen.ts'
import { durationText } from './story.ts'

/** Everything that the table tells. */
export interface SummaryFacts {
  readonly calls: ReadonlyMap<string, number>
  readonly passingEvents: number
  readonly decisions: ReadonlyMap<string, number>
  readonly carrier: CarrierTotals
  readonly customers: LedgerTotals
  readonly stats: EngineStats
  readonly metrics: EngineMetrics
  readonly lostCount: number
  /** In microseconds. */
  readonly waits: Histogram
  readonly added: Histogram
  readonly durationMs: number
  /** Everything lost or wrong, a line each. */
  readonly problems: readonly string[]
}

const LABEL_COLUMNS = 16

/** The lines of the table. */
export function summaryLines(facts: SummaryFacts, columns: number): readonly string[] {
  const { carrier, customers, stats, metrics, waits, added, lostCount } = facts
  const callCount = sumOf(facts.calls)
  const rows: readonly [label: string, text: string][] = [
    ['calls', `${callCount} told: ${countsText(facts.calls)}`],
    ['passing by', `${facts.passingEvents} events in batches`],
    ['decisions', `${carrier.invokes}: ${countsText(facts.decisions)}`],
    ['calls waited', `${quantiles(waits)} for a decision, their servers’ time included`],
    [
      'engine added',
      `${quantiles(added)} to that, by the carrier’s clock; its own steps: ${stagesText(metrics.overheadMs)}`,
    ],
    ['events', `${carrier.events} accepted, ${carrier.deliveries} deliveries made of them`],
    [
      'deliveries',
      `${customers.deliveredCount} delivered · ${stats.retries} retried · ${stats.dead} dead · ${lostCount} lost · ` +
        `${customers.duplicates} duplicates`,
    ],
    ['duration', durationText(facts.durationMs)],
  ]
  const rule = paint('gray', '─'.repeat(columns))
  return [
    '',
    rule,
    ...rows.flatMap(([label, text]) => rowLines(label, text, columns)),
    rule,
    ...verdictLines(facts, columns),
  ]
}

function rowLines(label: string, text: string, columns: number): readonly string[] {
  const [first = '', ...more] = wrapped(text, columns - LABEL_COLUMNS - 1)
  const indent = ' '.repeat(LABEL_COLUMNS + 1)
  return [` ${paint('bold', padded(label, LABEL_COLUMNS))}${first}`, ...more.map((line) => indent + line)]
}

function verdictLines({ problems }: SummaryFacts, columns: number): readonly string[] {
  if (problems.length === 0) return [paint(['bold', 'green'], ' Nothing lost, nothing wrong.')]
  const style: Style = ['bold', 'red']
  const lines = problems.flatMap((problem) =>
    wrapped(problem, columns - 4).map((line, index) => (index === 0 ? ` ✗ ${line}` : `   ${line}`)),
  )
  return [paint(style, ` Lost or wrong: ${problems.length}`), ...lines]
}

function countsText(counts: ReadonlyMap<string, number>): string {
  const texts = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`)
  return texts.length === 0 ? 'none' : texts.join(' · ')
}

function quantiles(histogram: Histogram): string {
  if (histogram.totalCount === 0) return 'nothing measured'
  const at = (percentile: number): string => durationText(histogram.getValueAtPercentile(percentile) / 1000)
  return `p50 ${at(50)} · p99 ${at(99)}`
}

function stagesText(overheadMs: ReadonlyMap<string, number>): string {
  const stages = [...overheadMs].map(([stage, meanMs]) => `${stage} ${meanMs.toFixed(2)}`)
  return `${stages.join(', ')} ms on average`
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
