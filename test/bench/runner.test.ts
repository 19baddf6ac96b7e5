/**
 * The runner measures again what was too noisy, as often as is allowed and as long as there is time, but only when all have been
 * measured once, and lives on with what broke.
 */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Bench, BenchSettings } from '../../bench/bench.ts'
import type { BenchResult } from '../../bench/measuring/result.ts'
import type { Gate } from '../../bench/measuring/verdict.ts'
import { type BenchRun, type RunnerLimits, runBenches } from '../../bench/runner.ts'

const QUIET = [100, 101, 102]
const NOISY = [100, 200, 300]

const GATE: Gate = {
  ...{ name: 'ratio', bench: 'some', what: 'some ratio', better: 'less', target: 1 },
  ...{ reached: [{ processor: 'any', value: 1, measured: '' }], isGuarded: true },
}

function resultOf(values: readonly number[]): BenchResult {
  return { tables: [], ratios: [], controls: [{ name: 'control', unit: 'µs', values }], latencies: [] }
}

/** Runs one bench; `nowMs` as the runner takes it. */
async function runAlone(
  bench: Bench,
  limits: RunnerLimits,
  said: string[] = [],
  nowMs = (): number => 0,
): Promise<BenchRun> {
  const settings = { size: 'check', wishes: {}, progress: (line: string) => said.push(line) } as const
  const [run] = await runBenches([bench], settings, limits, nowMs)
  if (run === undefined) throw new Error('nothing was run')
  return run
}

/** A clock that goes on only while benches run that it was made for. */
function manualClock(): { readonly nowMs: () => number; readonly taking100Ms: (bench: Bench) => Bench } {
  let nowMs = 0
  const taking100Ms = (bench: Bench): Bench => ({
    ...bench,
    run: (settings) => {
      nowMs += 100
      return bench.run(settings)
    },
  })
  return { nowMs: () => nowMs, taking100Ms }
}

/** Of the lines of progress those that say why something is measured again. */
function again(said: readonly string[]): readonly string[] {
  return said.filter((line) => line.includes('measured again'))
}

/** A bench whose runs give one control after the other. */
function benchOf(controls: readonly (readonly number[])[], name = 'some'): Bench & { readonly folders: string[] } {
  const folders: string[] = []
  const run = async ({ folder }: BenchSettings): Promise<BenchResult> => {
    expect(existsSync(folder)).toBe(true)
    folders.push(folder)
    const values = controls[folders.length - 1]
    if (values === undefined) throw new Error('it broke')
    return resultOf(values)
  }
  return { name, summary: 'some', runsIn: ['check'], run, folders }
}

test.each([
  { title: 'a quiet bench runs once', controls: [QUIET], runs: 1, noise: 0, broken: '' },
  { title: 'a noisy one runs again', controls: [NOISY, QUIET], runs: 2, noise: 0, broken: '' },
  { title: 'and at most three times', controls: [NOISY, NOISY, NOISY, QUIET], runs: 3, noise: 1, broken: '' },
  { title: 'what breaks is told', controls: [], runs: 1, noise: 0, broken: 'it broke' },
  { title: 'also when it breaks the second time', controls: [NOISY], runs: 2, noise: 0, broken: 'it broke' },
])('$title', async ({ controls, runs, noise, broken }) => {
  const said: string[] = []
  const bench = benchOf(controls)
  const run = await runAlone(bench, { mostRuns: 3 }, said)
  expect({ runs: run.runs, noise: run.noise.length, broken: run.broken }).toEqual({ runs, noise, broken })
  expect(again(said).length).toBe(runs - 1)
  expect(bench.folders.filter(existsSync)).toEqual([])
})

test.each([
  { title: 'runs again while there is time for it', endMs: 200.5, runs: 2 },
  { title: 'but not when there is not', endMs: 200, runs: 1 },
])('a noisy bench that takes 100 ms $title', async ({ endMs, runs }) => {
  const clock = manualClock()
  const run = await runAlone(clock.taking100Ms(benchOf([NOISY, QUIET])), { mostRuns: 3, endMs }, [], clock.nowMs)
  expect(run.runs).toBe(runs)
})

test('a noisy bench takes no time from those that did not run yet', async () => {
  const clock = manualClock()
  const benches = [benchOf([NOISY, NOISY], 'noisy'), benchOf([QUIET], 'quiet'), benchOf([NOISY, QUIET], 'last')]
  const settings = { size: 'check', wishes: {}, progress: () => undefined } as const
  const limits = { mostRuns: 2, endMs: 500.5 }
  const runs = await runBenches(benches.map(clock.taking100Ms), settings, limits, clock.nowMs)
  expect(runs.map(({ name, runs: times, noise }) => [name, times, noise.length])).toEqual([
    ['noisy', 2, 1],
    ['quiet', 1, 0],
    ['last', 2, 0],
  ])
})

test('what there was no time for is told as not measured', async () => {
  const { result, runs } = await runAlone(benchOf([QUIET]), { mostRuns: 3, endMs: 10 }, [], () => 11)
  expect({ result, runs }).toEqual({ result: undefined, runs: 0 })
})

test.each([
  { title: 'runs once where it passes', ratios: [[1.14]], runs: 1, last: 1.14 },
  { title: 'runs again where it fails, and passes', ratios: [[1.16], [1.14]], runs: 2, last: 1.14 },
  { title: 'fails where it fails three times', ratios: [[1.16], [1.4], [1.3], [1]], runs: 3, last: 1.3 },
])('a gate $title', async ({ ratios, runs, last }) => {
  const said: string[] = []
  let made = 0
  const bench: Bench = {
    ...benchOf([]),
    run: async () => {
      made += 1
      return { ...resultOf(QUIET), ratios: [{ gate: 'ratio', values: ratios[made - 1] ?? [] }] }
    },
  }
  const run = await runAlone(bench, { mostRuns: 3, guarded: { gates: [GATE], processor: 'any' } }, said)
  expect({ runs: run.runs, last: run.result?.ratios[0]?.values }).toEqual({ runs, last: [last] })
  expect(again(said)).toEqual(
    Array.from({ length: runs - 1 }, () => 'some: not as good as its gate, measured again: some ratio'),
  )
})

test('what passed stays so when another ratio of the bench is measured again, and noise takes nothing back', async () => {
  const gates = [GATE, { ...GATE, name: 'other', what: 'other ratio' }]
  const results = [
    { controls: QUIET, ratio: 1.1, other: 1.3 },
    { controls: NOISY, ratio: 1.1, other: 1.1 },
    { controls: QUIET, ratio: 1.3, other: 1.1 },
  ]
  let made = 0
  const bench: Bench = {
    ...benchOf([]),
    run: async () => {
      const { controls, ratio, other } = results[made] ?? { controls: [], ratio: 0, other: 0 }
      made += 1
      const ratios = [
        { gate: 'ratio', values: [ratio] },
        { gate: 'other', values: [other] },
      ]
      return { ...resultOf(controls), ratios }
    },
  }
  const guarded = { gates, processor: 'any' }
  const twice = await runAlone(bench, { mostRuns: 2, guarded })
  expect({ noise: twice.noise, ratios: twice.result?.ratios.map(({ values }) => values) }).toEqual({
    noise: [],
    ratios: [[1.1], [1.3]],
  })
  made = 0
  const thrice = await runAlone(bench, { mostRuns: 3, guarded })
  expect(thrice.result?.ratios.map(({ values }) => values)).toEqual([[1.1], [1.1]])
})

test.each([
  { title: 'what failed has more time to run again', values: [1.3], runs: 2 },
  { title: 'than what is uncertain', values: [1, 1.1, 1.2, 1.3, 1.4], runs: 1 },
])('$title', async ({ values, runs }) => {
  const clock = manualClock()
  const bench: Bench = {
    ...benchOf([]),
    run: async () => ({ ...resultOf(QUIET), ratios: [{ gate: 'ratio', values }] }),
  }
  const limits = { mostRuns: 3, endMs: 150, failedEndMs: 250, guarded: { gates: [GATE], processor: 'any' } }
  const run = await runAlone(clock.taking100Ms(bench), limits, [], clock.nowMs)
  expect(run.runs).toBe(runs)
})
