/**
 * The whole report of a run: what it was made on, the targets with what was reached, then every bench's tables. The same text
 * goes to the terminal and into pages. Pure.
 */
import { type Gate, judge, limitOf, type Verdict } from '../measuring/verdict.ts'
import type { BenchRun } from '../runner.ts'
import { figureText } from './figure-text.ts'
import { gridText, tableText } from './markdown.ts'
import { type RunInfo, runInfoText } from './run-info.ts'

/** A gate with what became of it. */
export interface JudgedGate {
  readonly gate: Gate
  readonly verdict: Verdict
}

/** Judges every gate of the benches that ran on the processor of this name; none fails that was measured less than `leastRuns` times. */
export function judgeAll(
  gates: readonly Gate[],
  runs: readonly BenchRun[],
  processor: string,
  leastRuns: number,
): readonly JudgedGate[] {
  return gates.flatMap((gate) => {
    const run = runs.find(({ name }) => name === gate.bench)
    if (run === undefined) return []
    const values = run.result?.ratios.find((ratio) => ratio.gate === gate.name)?.values
    const verdict = judge(gate, values, run.noise, processor)
    if (verdict.kind !== 'fail' || run.runs >= leastRuns) return [{ gate, verdict }]
    const reasons = ['there was no time to measure again what is worse than its gate']
    return [{ gate, verdict: { kind: 'too-noisy', reasons, median: verdict.median } }]
  })
}

/** The report as Markdown. */
export function reportText(info: RunInfo, runs: readonly BenchRun[], gates: readonly JudgedGate[]): string {
  const parts = [runInfoText(info)]
  if (gates.length > 0) parts.push(`### Targets\n\n${gateGrid(gates, info.processor)}`)
  for (const run of runs) parts.push(...runParts(run))
  return parts.join('\n\n')
}

/** Targets beside what is guarded and what was reached now. */
function gateGrid(gates: readonly JudgedGate[], processor: string): string {
  return gridText(
    ['what', 'target', 'now', 'gate', 'verdict'],
    gates.map(({ gate, verdict }) => [
      gate.what,
      boundText(gate, gate.target),
      'median' in verdict ? figureText(verdict.median) : '–',
      gate.isGuarded ? boundText(gate, limitOf(gate, processor)) : 'none',
      verdictText(verdict),
    ]),
  )
}

function boundText({ better }: Gate, bound: number): string {
  return `${better === 'less' ? 'at most' : 'at least'} ${figureText(bound)}`
}

function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'pass':
      return verdict.isTargetReached ? 'target reached' : 'target not reached'
    case 'fail':
      return 'WORSE THAN ITS GATE'
    case 'too-noisy':
      return 'too noisy to judge'
    case 'not-measured':
      return 'not measured'
  }
}

function runParts({ name, summary, result, noise, broken, runs }: BenchRun): readonly string[] {
  const heading = `## ${name}: ${summary}`
  if (result === undefined) return [heading, `Not measured: ${broken === '' ? 'no time was left' : broken}`]
  const repeated = runs > 1 ? [`Measured ${runs} times: the machine was too noisy, or a gate was not reached.`] : []
  const noisy = noise.map((reason) => `Too noisy to judge: ${reason}.`)
  return [heading, ...repeated, ...noisy, ...result.tables.map(tableText)]
}
