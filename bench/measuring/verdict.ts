/**
 * What a measured ratio means for its gate: pass, fail, or, where the controls were too far apart, nothing. Pure.
 */
import { spreadOf } from './spread.ts'

/**
 * Share by which a gate stands off from what was reached: processors differ in what a system call costs beside a line of code, and
 * quiet runs of one machine by a tenth; a regression that is worth looking for is more.
 */
const GATE_MARGIN = 0.25

/** A guarded ratio. */
export interface Gate {
  /** The ratio's name, the same in reports and tables. */
  readonly name: string
  /** What it is, for people. */
  readonly what: string
  /** The bench that measures it. */
  readonly bench: string
  /** What is better: a smaller ratio, or a larger. */
  readonly better: 'less' | 'more'
  /** What is aimed at. */
  readonly target: number
  /** The median that was reached when the gate was last set. */
  readonly reached: number
  /** When that was measured, and of which commit: `2026-11-21 4a7f280`. */
  readonly measured: string
  /** False: a time as such, which another machine has another of; it is told beside its target and fails nothing. */
  readonly isGuarded: boolean
}

/** What became of a gate in one run. */
export type Verdict =
  | { readonly kind: 'pass' | 'fail'; readonly median: number; readonly isTargetReached: boolean }
  | { readonly kind: 'too-noisy'; readonly reasons: readonly string[] }
  /** Its bench did not run, or gave no such ratio. */
  | { readonly kind: 'not-measured' }

/** The last good value of a gate. */
export function limitOf({ better, reached }: Pick<Gate, 'better' | 'reached'>): number {
  return better === 'less' ? reached * (1 + GATE_MARGIN) : reached / (1 + GATE_MARGIN)
}

/** Judges the values of a gate's ratio; `noise` tells what was too noisy to judge by, if anything. */
export function judge(gate: Gate, values: readonly number[] | undefined, noise: readonly string[]): Verdict {
  if (values === undefined) return { kind: 'not-measured' }
  if (noise.length > 0) return { kind: 'too-noisy', reasons: noise }
  const { median } = spreadOf(values)
  const isTargetReached = isAtLeastAsGood(gate.better, median, gate.target)
  const isPassed = !gate.isGuarded || isAtLeastAsGood(gate.better, median, limitOf(gate))
  return { kind: isPassed ? 'pass' : 'fail', median, isTargetReached }
}

function isAtLeastAsGood(better: Gate['better'], value: number, bound: number): boolean {
  return better === 'less' ? value <= bound : value >= bound
}
