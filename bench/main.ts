/**
 * `npm run bench` and, with `--check` before all else, `npm run bench:check`: run the benches, print one report, write what is
 * asked for. The check also judges every gate, and decides by them on the exit status.
 */
import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { BENCHES } from './benches.ts'
import { type BenchOptions, readOptions } from './command-line.ts'
import { GATES } from './gates.ts'
import { withReport } from './report/between-markers.ts'
import { percentilePlot } from './report/percentile-plot.ts'
import { type JudgedGate, judgeAll, reportText } from './report/report.ts'
import { type RunInfo, runInfo } from './report/run-info.ts'
import { type BenchRun, runBenches } from './runner.ts'

/** When the check begins no bench any more, and none again that would end later. The longest takes a minute: it is six at most. */
const CHECK_LIMIT_MS = 5 * 60_000

/** When what failed is not measured again any more if that would end later. */
const CHECK_END_MS = 5.9 * 60_000

/** Most runs of a bench whose controls are too noisy, or of which a gate is not passed. */
const MOST_RUNS = 3

process.exitCode = await main(process.argv.slice(2))

async function main([first, ...rest]: readonly string[]): Promise<number> {
  const isCheck = first === '--check'
  const args = isCheck ? rest : first === undefined ? [] : [first, ...rest]
  const options = readOptions(args, BENCHES, isCheck ? 'bench:check' : 'bench')
  if (typeof options === 'number') return options
  const info = await runInfo()
  const runs = await runAll(options, isCheck ? info.processor : undefined)
  // Times of the shortest runs are not worth judging.
  const gates = options.size === 'shortest' ? [] : judgeAll(GATES, runs, info.processor, isCheck ? 2 : 1)
  process.stdout.write(`\n${reportText(info, runs, gates)}\n`)
  await writeFiles(options, info, runs, gates)
  return statusOf(runs, isCheck ? gates : [])
}

/** `checkedOn`: the processor by whose gates it is judged; undefined: nothing is. */
async function runAll(
  { only, size, wishes }: BenchOptions,
  checkedOn: string | undefined,
): Promise<readonly BenchRun[]> {
  const progress = (line: string): void => {
    process.stderr.write(`${line}\n`)
  }
  const wanted = BENCHES.filter(({ name, runsIn }) => {
    if (only.length > 0) return only.includes(name)
    if (name === 'soak' && wishes.soakMs !== undefined) return true
    // The check has no time for what it can't judge.
    const isJudged = checkedOn === undefined || GATES.some(({ bench, isGuarded }) => bench === name && isGuarded)
    return runsIn.includes(size) && isJudged
  })
  const limits = {
    mostRuns: size === 'shortest' ? 1 : MOST_RUNS,
    ...(checkedOn !== undefined && {
      endMs: nowMs() + CHECK_LIMIT_MS,
      failedEndMs: nowMs() + CHECK_END_MS,
      guarded: { gates: GATES, processor: checkedOn },
    }),
  }
  return await runBenches(wanted, { size, wishes, progress }, limits, nowMs)
}

async function writeFiles(
  { json, plot, write }: BenchOptions,
  info: RunInfo,
  runs: readonly BenchRun[],
  gates: readonly JudgedGate[],
): Promise<void> {
  if (json !== '') await writeFile(json, `${JSON.stringify({ ...info, runs, gates }, undefined, 2)}\n`)
  if (write !== '') await writeFile(write, withReport(await readFile(write, 'utf8'), reportText(info, runs, gates)))
  const lines = runs.find(({ name }) => name === 'live-calls')?.result?.latencies ?? []
  if (plot === '') return
  if (lines.length === 0) throw new Error('--plot draws what the bench live-calls measures, which did not run')
  await writeFile(plot, percentilePlot('Live calls: latency over percentile', lines))
}

function statusOf(runs: readonly BenchRun[], gates: readonly JudgedGate[]): number {
  if (runs.some(({ broken }) => broken !== '')) return 1
  if (gates.some(({ verdict }) => verdict.kind === 'fail')) return 1
  const guarded = gates.filter(({ gate }) => gate.isGuarded)
  return guarded.some(({ verdict }) => verdict.kind === 'too-noisy' || verdict.kind === 'not-measured') ? 3 : 0
}

function nowMs(): number {
  return performance.now()
}
