/**
 * What the experiment `attack` found, as a report. Pure.
 */
import type { Histogram } from 'hdr-histogram-js'
import { median } from '../experiment.ts'
import { type Claim, countText, type Report } from '../traffic/claims.ts'
import { lagSummary, lagText, percentileMs } from '../traffic/flow.ts'
import { mebibytes } from '../traffic/process-memory.ts'
import type { AttackFigures, SideFigures } from './measure.ts'

/** Least share of their throughput that calls keep, and most times their p99. */
const KEPT_RATIO = 0.9
const P99_RATIO = 3

/** See the head of this file. */
export function attackReport(figures: AttackFigures): Report {
  const { quiet, attacked, beside, first, tally, calls, lostCalls, events, lostEvents, memoryBytes, problems } = figures
  const ratios = attacked.perSecond.map((each, index) => each / (quiet.perSecond[index] ?? each))
  const kept = median(ratios)
  const slower = ratioOfP99(attacked, quiet)
  const slowerByCores = ratioOfP99(beside, quiet)
  const slowerThanBeside = ratioOfP99(attacked, beside)
  const claims: readonly Claim[] = [
    must(`all ${countText(calls)} live calls get their server's decision, ${lostCalls.length} lost`, lostCalls),
    must(`all ${countText(events)} events arrive, ${lostEvents.length} lost`, lostEvents),
    must(`all ${countText(tally.calls)} calls of hostile servers get a decision, and their events are accepted`, [
      ...tally.unanswered,
      ...(tally.answered === tally.calls ? [] : [`${tally.answered} of ${tally.calls} calls were answered`]),
    ]),
    must('the engine logs no error', problems),
    {
      kind: 'target',
      text: `calls keep at least 90 % of their throughput: ${(kept * 100).toFixed(1)} % (median of the pairs)`,
      holds: kept >= KEPT_RATIO,
    },
    { kind: 'target', text: `calls take at most 3 x their p99: ${slower.toFixed(2)} x`, holds: slower <= P99_RATIO },
  ]
  return {
    rows: [
      ['calls a second, quiet', rates(quiet)],
      ['calls a second, attacked', rates(attacked)],
      ['  ratio of each pair', ratios.map((ratio) => ratio.toFixed(3)).join(' ')],
      ['time to a decision, quiet', lagText(quiet.answerUs).replace('events', 'calls')],
      ['time to a decision, attacked', lagText(attacked.answerUs).replace('events', 'calls')],
      ['  another process attacked', lagText(beside.answerUs).replace('events', 'calls')],
      ['  the first attack, not counted', lagText(first.answerUs).replace('events', 'calls')],
      [
        '  times the p99 of quiet',
        `attacked ${slower.toFixed(2)}, another process attacked ${slowerByCores.toFixed(2)}`,
      ],
      ['  times the p99 of the latter', slowerThanBeside.toFixed(2)],
      ['lag of events, quiet', lagText(quiet.lags.sentUs)],
      ['lag of events, attacked', lagText(attacked.lags.sentUs)],
      ['  another process attacked', lagText(beside.lags.sentUs)],
      ['bombs and rubbish at the ingress', `${countText(tally.requests)} requests beside 400 slow connections`],
      ['calls and events to hostile servers', `${countText(tally.calls)} and ${countText(tally.events)}`],
      ['memory before, and after each attack', memoryBytes.map(mebibytes).join(' ')],
    ],
    claims,
    figures: {
      ratios,
      kept,
      slower,
      slowerByCores,
      slowerThanBeside,
      quiet: sideFigures(quiet),
      attacked: sideFigures(attacked),
      beside: sideFigures(beside),
      first: sideFigures(first),
      tally: { ...tally, unanswered: tally.unanswered.length },
      calls,
      lostCalls: lostCalls.length,
      events,
      lostEvents: lostEvents.length,
      memoryBytes,
    },
  }
}

function must(text: string, cases: readonly string[]): Claim {
  return { kind: 'must', text, holds: cases.length === 0, cases }
}

function sideFigures({ perSecond, answerUs, lags }: SideFigures): object {
  return { perSecond, answerMs: summaryOf(answerUs), ...lagSummary(lags) }
}

function ratioOfP99(one: SideFigures, other: SideFigures): number {
  return percentileMs(one.answerUs, 99) / percentileMs(other.answerUs, 99)
}

function rates({ perSecond }: SideFigures): string {
  return perSecond.map((each) => each.toFixed(0)).join(' ')
}

function summaryOf(histogram: Histogram): object {
  return { p50: percentileMs(histogram, 50), p99: percentileMs(histogram, 99), max: percentileMs(histogram, 100) }
}
