/**
 * Runs benches one after the other, each in an empty folder that is removed; then again those of which a gate was not passed, and
 * those whose controls were too noisy to judge by: as often as is allowed and as long as there is time. All run once before any
 * runs twice, so that noise in one takes no time from another. Used by both commands.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchSettings } from './bench.ts'
import { noisyControls } from './measuring/noise.ts'
import type { BenchResult } from './measuring/result.ts'
import { type Gate, judge, type Verdict } from './measuring/verdict.ts'

/** What became of a bench. */
export interface BenchRun {
  readonly name: string
  readonly summary: string
  /** The last result, or the quiet one, with the ratios that passed in it; undefined where it broke. */
  readonly result: BenchResult | undefined
  /** Why it can't be judged; empty where it can. */
  readonly noise: readonly string[]
  /** What went wrong, empty where nothing did. */
  readonly broken: string
  readonly runs: number
}

/** How often and how long. */
export interface RunnerLimits {
  /** Most runs of a bench; all but the first only because of noise or a gate. */
  readonly mostRuns: number
  /** When no bench is begun any more, and none again that would end later; undefined: no limit. */
  readonly endMs?: number
  /** The same for what failed a gate, which one run alone does not show; default {@link endMs}. */
  readonly failedEndMs?: number
  /** Gates that are measured again where they are not passed on the processor of this name; none by default. */
  readonly guarded?: Guarded
}

/** See {@link RunnerLimits.guarded}. */
interface Guarded {
  readonly gates: readonly Gate[]
  readonly processor: string
}

const UNGUARDED: Guarded = { gates: [], processor: '' }

/** What all benches are run with. */
export type SharedSettings = Omit<BenchSettings, 'folder'>

/** A bench with what is known of it so far. */
interface Progress {
  readonly bench: Bench
  run: BenchRun
  /** What did not pass its gate, for sure or perhaps. */
  notPassed: readonly string[]
  hasFailed: boolean
  /** How long its last run took. */
  tookMs: number
}

/** See the head of this file; `nowMs` is the time that `endMs` is of. Gives the runs in the order of the benches. */
export async function runBenches(
  benches: readonly Bench[],
  settings: SharedSettings,
  limits: RunnerLimits,
  nowMs: () => number,
): Promise<readonly BenchRun[]> {
  const { mostRuns, endMs = Number.POSITIVE_INFINITY, failedEndMs = endMs } = limits
  const all = benches.map(
    (bench): Progress => ({ bench, run: notRun(bench), notPassed: [], hasFailed: false, tookMs: 0 }),
  )
  for (const each of all) {
    // On a machine that is too slow for all of them; what was not measured is not passed.
    if (nowMs() > endMs) continue
    settings.progress(`${each.bench.name}: ${each.bench.summary}`)
    await runOnce(each, settings, limits, nowMs)
  }
  for (let runs = 2; runs <= mostRuns; runs += 1) {
    // What would fail comes before what can't be judged.
    for (const each of all.toSorted((one, other) => Number(other.hasFailed) - Number(one.hasFailed))) {
      const doubts = doubtsOf(each)
      const untilMs = each.hasFailed ? failedEndMs : endMs
      if (doubts.length === 0 || nowMs() + each.tookMs >= untilMs) continue
      for (const doubt of doubts) settings.progress(`${each.bench.name}: ${doubt}`)
      await runOnce(each, settings, limits, nowMs)
    }
  }
  return all.map(({ run }) => run)
}

async function runOnce(
  each: Progress,
  settings: SharedSettings,
  { guarded = UNGUARDED }: RunnerLimits,
  nowMs: () => number,
): Promise<void> {
  const { bench } = each
  const { name, summary } = bench
  const runs = each.run.runs + 1
  const startedAtMs = nowMs()
  const folder = await mkdtemp(join(tmpdir(), `switchhook-bench-${name}-`))
  try {
    const result = await bench.run({ ...settings, folder })
    const noise = noisyControls(result.controls)
    each.run = combined(each.run, { name, summary, result, noise, broken: '', runs }, guarded)
    each.notPassed = gatesOf(each.run, guarded, ['fail', 'too-noisy']).map(({ what }) => what)
    each.hasFailed = gatesOf(each.run, guarded, ['fail']).length > 0
  } catch (thrown) {
    const broken = thrown instanceof Error ? thrown.message : String(thrown)
    each.run = { name, summary, result: undefined, noise: [], broken, runs }
    each.notPassed = []
    each.hasFailed = false
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  each.tookMs = nowMs() - startedAtMs
  const outcome = each.run.broken === '' ? 'done' : each.run.broken
  settings.progress(`${name}: ${outcome} after ${(each.tookMs / 1000).toFixed(1)} s`)
}

function notRun({ name, summary }: Bench): BenchRun {
  return { name, summary, result: undefined, noise: [], broken: '', runs: 0 }
}

/** Why a bench is to run again; empty where it is not. */
function doubtsOf({ run, notPassed }: Progress): readonly string[] {
  return [
    ...run.noise.map((reason) => `too noisy to judge, measured again: ${reason}`),
    ...notPassed.map((what) => `not as good as its gate, measured again: ${what}`),
  ]
}

/**
 * What two runs tell together: a noisy one nothing beside a quiet one, and what passed does not fail because another ratio of the
 * bench was measured again.
 */
function combined(before: BenchRun, now: BenchRun, guarded: Guarded): BenchRun {
  if (before.result === undefined || before.noise.length > 0 || now.result === undefined) return now
  if (now.noise.length > 0) return { ...before, runs: now.runs }
  const passed = new Set(gatesOf(before, guarded, ['pass']).map(({ name }) => name))
  const kept = before.result.ratios.filter(({ gate }) => passed.has(gate))
  const ratios = now.result.ratios.map((ratio) => kept.find(({ gate }) => gate === ratio.gate) ?? ratio)
  return { ...now, result: { ...now.result, ratios } }
}

/** The gates of a run that were judged so; none where its controls were too noisy to tell. */
function gatesOf(
  { name, result, noise }: BenchRun,
  { gates, processor }: Guarded,
  kinds: readonly Verdict['kind'][],
): readonly Gate[] {
  if (result === undefined || noise.length > 0) return []
  const valuesOf = (gate: Gate): readonly number[] | undefined =>
    result.ratios.find((ratio) => ratio.gate === gate.name)?.values
  return gates
    .filter(({ bench }) => bench === name)
    .filter((gate) => kinds.includes(judge(gate, valuesOf(gate), noise, processor).kind))
}
