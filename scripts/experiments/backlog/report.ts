/**
 * What the experiment `backlog` found, as a report. Pure.
 */

import { median } from '../experiment.ts'
import { type Claim, countText, type Report } from '../traffic/claims.ts'
import type { StoreCounts } from '../traffic/event-client.ts'
import { type FlowLags, lagSummary, lagText, percentileMs } from '../traffic/flow.ts'
import { mebibytes, type ProcessMemory } from '../traffic/process-memory.ts'
import type { Drained } from '../traffic/waiting-events.ts'

/** What is aimed at, as in `docs/reliability.md`. */
const LAG_RATIO = 1.2
const GROWTH_BYTES = 150 * 2 ** 20
const RESTART_MS = 1000

/** Most deliveries in the first second of an endpoint that is back: the ramp begins with 20 a second and a full bucket. */
const FIRST_SECOND = 40

/** One of both engines. */
interface SideFigures {
  readonly lags: FlowLags
  readonly p99Us: readonly number[]
  readonly restartMs: { readonly term: readonly number[]; readonly kill: readonly number[] }
}

/** Everything that was measured. */
export interface BacklogFigures {
  readonly waiting: number
  /** What the store said after the filling. */
  readonly pending: number
  readonly fillMs: number
  readonly tested: SideFigures
  readonly control: SideFigures
  readonly memory: {
    /** Right after the start. */
    readonly started: ProcessMemory
    /** After a warm-up at full speed, all of it delivered. */
    readonly idle: ProcessMemory
    readonly filling: readonly ProcessMemory[]
    /** With the backlog, between the slices. */
    readonly held: readonly ProcessMemory[]
    /** The engine without a backlog, after the same slices. */
    readonly controlAfter: ProcessMemory
    readonly restarted: ProcessMemory
    readonly afterDrain: ProcessMemory
  }
  readonly drained: Drained
  readonly whileDraining: FlowLags
  /** At the end. */
  readonly counts: StoreCounts
  readonly backlog: { readonly lost: readonly string[]; readonly repeated: readonly string[]; readonly refused: number }
  readonly flows: readonly { readonly lost: readonly string[]; readonly repeats: number }[]
  readonly sent: number
  readonly problems: readonly string[]
}

/** See the head of this file. */
export function backlogReport(figures: BacklogFigures): Report {
  const { waiting, tested, control, memory, drained, backlog, flows } = figures
  const pairRatio = median(tested.p99Us.map((p99Us, index) => p99Us / (control.p99Us[index] ?? p99Us)))
  const ratioAt = (percent: number): number =>
    percentileMs(tested.lags.sentUs, percent) / percentileMs(control.lags.sentUs, percent)
  const heldBytes = largest(memory.held)
  const growthBytes = heldBytes - memory.idle.ownBytes
  const peakBytes = largest(memory.filling) - memory.idle.ownBytes
  const restarts = [...tested.restartMs.term, ...tested.restartMs.kill]
  const rows: Report['rows'] = [
    [
      'waiting deliveries',
      `${countText(waiting)}, taken in at ${countText(perSecond(waiting, figures.fillMs))} a second`,
    ],
    ['requests to the dead one', `${backlog.refused}, circuit tries and probes`],
    ['lag without backlog', lagText(control.lags.sentUs)],
    ['lag with backlog', lagText(tested.lags.sentUs)],
    ['  after 202, without', lagText(control.lags.acceptedUs)],
    ['  after 202, with', lagText(tested.lags.acceptedUs)],
    [
      'ratio with : without',
      `p50 ${ratioAt(50).toFixed(2)}, p99 ${ratioAt(99).toFixed(2)}, p99 of pairs of slices ${pairRatio.toFixed(2)} (median of ${tested.p99Us.length})`,
    ],
    ['own memory, just started', memoryText(memory.started)],
    ['  idle, warmed up', memoryText(memory.idle)],
    ['  while filling', `${mebibytes(largest(memory.filling))} at most`],
    ['  with backlog', `${mebibytes(heldBytes)} at most; last ${memoryText(memory.held.at(-1) ?? memory.idle)}`],
    ['  restarted with it', memoryText(memory.restarted)],
    ['  drained', memoryText(memory.afterDrain)],
    ['  engine without, after', memoryText(memory.controlAfter)],
    [
      'growth',
      `${mebibytes(growthBytes)} above idle, ${mebibytes(heldBytes - memory.started.ownBytes)} above a process just started`,
    ],
    [
      'start to first delivery',
      `SIGTERM ${timesText(tested.restartMs.term)}, SIGKILL ${timesText(tested.restartMs.kill)}`,
    ],
    ['  without backlog', `SIGTERM ${timesText(control.restartMs.term)}, SIGKILL ${timesText(control.restartMs.kill)}`],
    ['back online, each second', rateText(drained.perSecond)],
    [
      'drained in',
      `${(drained.durationMs / 1000).toFixed(1)} s; the others meanwhile ${lagText(figures.whileDraining.sentUs)}`,
    ],
    [
      'others sent again',
      `${flows.reduce((sum, { repeats }) => sum + repeats, 0)} (in flight at ${tested.restartMs.kill.length} kills of each engine)`,
    ],
  ]
  return {
    rows,
    claims: [
      ...mustClaims(figures),
      {
        kind: 'target',
        text: `others' p99 lag at most ${LAG_RATIO} x: ${pairRatio.toFixed(2)} x (median of the pairs)`,
        holds: pairRatio <= LAG_RATIO,
      },
      {
        kind: 'target',
        text: `at most 150 MiB above idle with the backlog: ${mebibytes(growthBytes)}`,
        holds: growthBytes <= GROWTH_BYTES,
      },
      {
        kind: 'target',
        text: `first delivery within 1 s of a restart: ${Math.max(...restarts).toFixed(0)} ms at most`,
        holds: Math.max(...restarts) <= RESTART_MS,
      },
      {
        kind: 'target',
        text: 'the rate rises from second to second until half of the highest is reached',
        holds: isRising(drained.perSecond),
      },
    ],
    figures: {
      waiting,
      fillPerSecond: perSecond(waiting, figures.fillMs),
      lagMs: {
        without: lagSummary(control.lags),
        with: lagSummary(tested.lags),
        whileDraining: lagSummary(figures.whileDraining),
      },
      lagRatio: {
        p50: ratioAt(50),
        p99: ratioAt(99),
        p99OfPairs: pairRatio,
        pairs: pairsOf(tested.p99Us, control.p99Us),
      },
      memory: { ...memory, growthBytes, peakBytes, aboveStartBytes: heldBytes - memory.started.ownBytes },
      restartMs: { with: tested.restartMs, without: control.restartMs },
      drained,
      refused: backlog.refused,
      counts: figures.counts,
    },
  }
}

function mustClaims(figures: BacklogFigures): readonly Claim[] {
  const { waiting, pending, counts, backlog, flows, drained, problems } = figures
  const lost = [...backlog.lost, ...flows.flatMap((flow) => flow.lost)]
  const stored = [`pending ${counts.pending}, dead ${counts.dead}, delivered ${counts.delivered}`]
  const delivered = waiting + figures.sent
  return [
    {
      kind: 'must',
      text: `all ${countText(waiting)} arrive, and all that flowed: ${lost.length} lost`,
      holds: lost.length === 0,
      cases: lost,
    },
    {
      kind: 'must',
      text: `none of the ${countText(waiting)} comes twice`,
      holds: backlog.repeated.length === 0,
      cases: backlog.repeated,
    },
    { kind: 'must', text: 'the store counts what waits', holds: pending === waiting, cases: [`it said ${pending}`] },
    {
      kind: 'must',
      text: 'all are delivered in the end',
      holds: counts.pending === 0 && counts.dead === 0 && counts.delivered === delivered,
      cases: stored,
    },
    {
      kind: 'must',
      text: `it does not come back as a flood: at most ${FIRST_SECOND} in the first second`,
      holds: (drained.perSecond[0] ?? 0) <= FIRST_SECOND,
      cases: [rateText(drained.perSecond)],
    },
    { kind: 'must', text: 'no engine logs an error', holds: problems.length === 0, cases: problems },
  ]
}

/** Up to the second in which half of the highest rate is reached. */
function isRising(rates: readonly number[]): boolean {
  const half = Math.max(...rates) / 2
  const end = rates.findIndex((rate) => rate >= half)
  return rates.slice(1, end + 1).every((rate, index) => rate > (rates[index] ?? 0))
}

function largest(memories: readonly ProcessMemory[]): number {
  return Math.max(0, ...memories.map(({ ownBytes }) => ownBytes))
}

function memoryText({ ownBytes, mappedBytes }: ProcessMemory): string {
  return `${mebibytes(ownBytes)}, beside ${mebibytes(mappedBytes)} of the store's file`
}

function timesText(timesMs: readonly number[]): string {
  return `${timesMs.map((timeMs) => timeMs.toFixed(0)).join(', ')} ms`
}

function rateText(perSecond: readonly number[]): string {
  return perSecond.map(countText).join(' ')
}

function perSecond(count: number, durationMs: number): number {
  return Math.round((count * 1000) / durationMs)
}

function pairsOf(tested: readonly number[], control: readonly number[]): readonly object[] {
  return tested.map((p99Us, index) => ({ withMs: p99Us / 1000, withoutMs: (control[index] ?? 0) / 1000 }))
}
