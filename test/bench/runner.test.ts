/**
 * The runner measures again what was too noisy, as often as is allowed and as long as there is time, and lives on with what
 * broke.
 */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Bench, BenchSettings } from '../../bench/bench.ts'
import type { BenchResult } from '../../bench/measuring/result.ts'
import type { Gate } from '../../bench/measuring/verdict.ts'
import { runBench } from '../../bench/runner.ts'

const QUIET = [100, 101, 102]
const NOISY = [100, 200, 300]

const GATE: Gate = {
  ...{ name: 'ratio', bench: 'some', what: 'some ratio', better: 'less', target: 1, reached: 1 },
  ...{ measured: '', isGuarded: true },
}

function resultOf(values: readonly number[]): BenchResult {
  return { tables: [], ratios: [], controls: [{ name: 'control', unit: 'µs', values }], latencies: [] }
}

/** A bench whose runs give one control after the other. */
function benchOf(controls: readonly (readonly number[])[]): Bench & { readonly folders: string[] } {
  const folders: string[] = []
  const run = async ({ folder }: BenchSettings): Promise<BenchResult> => {
    expect(existsSync(folder)).toBe(true)
    folders.push(folder)
    const values = controls[folders.length - 1]
    if (values === undefined) throw new Error('it broke')
    return resultOf(values)
  }
  return { name: 'some', summary: 'some', runsIn: ['check'], run, folders }
}

test.each([
  { title: 'a quiet bench runs once', controls: [QUIET], runs: 1, noise: 0, broken: '' },
  { title: 'a noisy one runs again', controls: [NOISY, QUIET], runs: 2, noise: 0, broken: '' },
  { title: 'and at most three times', controls: [NOISY, NOISY, NOISY, QUIET], runs: 3, noise: 1, broken: '' },
  { title: 'what breaks is told', controls: [], runs: 1, noise: 0, broken: 'it broke' },
  { title: 'also when it breaks the second time', controls: [NOISY], runs: 2, noise: 0, broken: 'it broke' },
])('$title', async ({ controls, runs, noise, broken }) => {
  const said: string[] = []
  const settings = { size: 'check', wishes: {}, progress: (line: string) => said.push(line) } as const
  const bench = benchOf(controls)
  const run = await runBench(bench, settings, { mostRuns: 3 }, () => 0)
  expect({ runs: run.runs, noise: run.noise.length, broken: run.broken }).toEqual({ runs, noise, broken })
  expect(said.length).toBe(runs - 1)
  expect(bench.folders.filter(existsSync)).toEqual([])
})

test.each([
  { title: 'runs again while there is time for it', endMs: 200.5, runs: 2 },
  { title: 'but not when there is not', endMs: 200, runs: 1 },
])('a noisy bench that takes 100 ms $title', async ({ endMs, runs }) => {
  let nowMs = 0
  const bench = benchOf([NOISY, QUIET])
  const slow: Bench = {
    ...bench,
    run: (settings) => {
      nowMs += 100
      return bench.run(settings)
    },
  }
  const settings = { size: 'check', wishes: {}, progress: () => undefined } as const
  const run = await runBench(slow, settings, { mostRuns: 3, endMs }, () => nowMs)
  expect(run.runs).toBe(runs)
})

test.each([
  { title: 'runs once where it passes', ratios: [[1.25]], runs: 1, last: 1.25 },
  { title: 'runs again where it fails, and passes', ratios: [[1.26], [1.25]], runs: 2, last: 1.25 },
  { title: 'fails where it fails three times', ratios: [[1.26], [1.4], [1.3], [1]], runs: 3, last: 1.3 },
])('a gate $title', async ({ ratios, runs, last }) => {
  const said: string[] = []
  const settings = { size: 'check', wishes: {}, progress: (line: string) => said.push(line) } as const
  let made = 0
  const bench: Bench = {
    ...benchOf([]),
    run: async () => {
      made += 1
      return { ...resultOf(QUIET), ratios: [{ gate: 'ratio', values: ratios[made - 1] ?? [] }] }
    },
  }
  const run = await runBench(bench, settings, { mostRuns: 3, gates: [GATE] }, () => 0)
  expect({ runs: run.runs, last: run.result?.ratios[0]?.values }).toEqual({ runs, last: [last] })
  expect(said).toEqual(Array.from({ length: runs - 1 }, () => 'some: worse than its gate, measured again: some ratio'))
})
