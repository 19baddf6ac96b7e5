/**
 * Runs benches one after the other: each in an empty folder that is removed, and again where its controls were too noisy to
 * judge by, or where a gate failed, which one run alone does not show; as often as is allowed and as long as there is time. Used
 * by both commands.
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
  /** When no bench is run again any more; undefined: no limit. */
  readonly endMs?: number
  /** Gates that fail the command only where they fail again; none by default. */
  readonly gates?: readonly Gate[]
}

/** See the head of this file; `nowMs` is the time that `endMs` is of. */
export async function runBench(
  bench: Bench,
  settings: Omit<BenchSettings, 'folder'>,
  limits: RunnerLimits,
  nowMs: () => number,
): Promise<BenchRun> {
  const { name, summary } = bench
  const startedAtMs = nowMs()
  for (let runs = 1; ; runs += 1) {
    const folder = await mkdtemp(join(tmpdir(), `switchhook-bench-${name}-`))
    let result: BenchResult
    try {
      result = await bench.run({ ...settings, folder })
    } catch (thrown) {
      const broken = thrown instanceof Error ? thrown.message : String(thrown)
      return { name, summary, result: undefined, noise: [], broken, runs }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
    const noise = noisyControls(result.controls)
    const doubts = [
      ...noise.map((reason) => `too noisy to judge, measured again: ${reason}`),
      ...worseThanGates(name, result, noise, limits.gates).map(
        (what) => `worse than its gate, measured again: ${what}`,
      ),
    ]
    const oneRunMs = (nowMs() - startedAtMs) / runs
    const isTimeLeft = limits.endMs === undefined || nowMs() + oneRunMs < limits.endMs
    if (doubts.length === 0 || runs >= limits.mostRuns || !isTimeLeft) {
      return { name, summary, result, noise, broken: '', runs }
    }
    for (const doubt of doubts) settings.progress(`${name}: ${doubt}`)
  }
}

function worseThanGates(
  bench: string,
  { ratios }: BenchResult,
  noise: readonly string[],
  gates: readonly Gate[] = [],
): readonly string[] {
  const valuesOf = (name: string): readonly number[] | undefined => ratios.find(({ gate }) => gate === name)?.values
  return gates
    .filter((gate) => gate.bench === bench && judge(gate, valuesOf(gate.name), noise).kind === 'fail')
    .map(({ what }) => what)
}
