/**
 * Runs benches one after the other: each in an empty folder that is removed, and again where its controls were too noisy to
 * judge by, as often as is allowed and as long as there is time. Used by both commands.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchSettings } from './bench.ts'
import { noisyControls } from './measuring/noise.ts'
import type { BenchResult } from './measuring/result.ts'

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
  /** Most runs of a bench; all but the first only because of noise. */
  readonly mostRuns: number
  /** When no bench is run again any more; undefined: no limit. */
  readonly endMs?: number
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
    const oneRunMs = (nowMs() - startedAtMs) / runs
    const isTimeLeft = limits.endMs === undefined || nowMs() + oneRunMs < limits.endMs
    if (noise.length === 0 || runs >= limits.mostRuns || !isTimeLeft) {
      return { name, summary, result, noise, broken: '', runs }
    }
    for (const reason of noise) settings.progress(`${name}: too noisy to judge, measured again: ${reason}`)
  }
}
