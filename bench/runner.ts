/**
 * Runs benches one after the other, each in an empty folder that is removed; then again those whose controls were too noisy to
 * judge by, or of which a gate failed, which one run alone does not show: as often as is allowed and as long as there is time. All
 * run once before any runs twice, so that noise in one takes no time from another. Used by both commands.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchSettings } from './bench.ts'
import { noisyControls } from './measuring/noise.ts'
import type { BenchResult } from './measuring/result.ts'
import { type Gate, judge } from './measuring/verdict.ts'

/** What became of a bench. */
export interface BenchRun {
  readonly name: string
  readonly summary: string
  /** The last result, or the quiet one; undefined where it broke. */
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
  /** When no bench is begun any more; undefined: no limit. */
  readonly endMs?: number
  /** Gates that fail the command only where they fail again, on the processor of this name; none by default. */
  readonly guarded?: { readonly gates: readonly Gate[]; readonly processor: string }
}

/** What all benches are run with. */
export type SharedSettings = Omit<BenchSettings, 'folder'>

/** A bench with what is known of it so far. */
interface Progress {
  readonly bench: Bench
  run: BenchRun
  /** Why it is to run again; empty where it is not. */
  doubts: readonly string[]
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
  const { mostRuns, endMs = Number.POSITIVE_INFINITY } = limits
  const all = benches.map((bench): Progress => ({ bench, run: notRun(bench), doubts: [], tookMs: 0 }))
  for (const each of all) {
    // On a machine that is too slow for all of them; what was not measured is not passed.
    if (nowMs() > endMs) continue
    settings.progress(`${each.bench.name}: ${each.bench.summary}`)
    await runOnce(each, settings, limits, nowMs)
  }
  for (let runs = 2; runs <= mostRuns; runs += 1) {
    for (const each of all) {
      if (each.doubts.length === 0 || nowMs() + each.tookMs >= endMs) continue
      for (const doubt of each.doubts) settings.progress(`${each.bench.name}: ${doubt}`)
      await runOnce(each, settings, limits, nowMs)
    }
  }
  return all.map(({ run }) => run)
}

async function runOnce(
  each: Progress,
  settings: SharedSettings,
  { guarded }: RunnerLimits,
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
    each.run = { name, summary, result, noise, broken: '', runs }
    each.doubts = [
      ...noise.map((reason) => `too noisy to judge, measured again: ${reason}`),
      ...notPassed(name, result, noise, guarded).map((what) => `not as good as its gate, measured again: ${what}`),
    ]
  } catch (thrown) {
    const broken = thrown instanceof Error ? thrown.message : String(thrown)
    each.run = { name, summary, result: undefined, noise: [], broken, runs }
    each.doubts = []
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

/** Ratios that do not pass, for sure or perhaps; none where the controls were too noisy to tell. */
function notPassed(
  bench: string,
  { ratios }: BenchResult,
  noise: readonly string[],
  { gates, processor }: NonNullable<RunnerLimits['guarded']> = { gates: [], processor: '' },
): readonly string[] {
  if (noise.length > 0) return []
  const valuesOf = (name: string): readonly number[] | undefined => ratios.find(({ gate }) => gate === name)?.values
  return gates
    .filter((gate) => gate.bench === bench)
    .filter((gate) => ['fail', 'too-noisy'].includes(judge(gate, valuesOf(gate.name), noise, processor).kind))
    .map(({ what }) => what)
}
