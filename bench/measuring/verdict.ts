/**
 * What a measured ratio means for its gate: pass, fail, or, where the controls or the ratio itself were too far apart, nothing. Pure.
 */
import { NOISE_LIMIT } from './noise.ts'
import { median, medianError } from './spread.ts'

/** Share by which a gate stands off from what was reached: quiet runs of one machine differ by a tenth. */
const GATE_MARGIN = 0.15

/** A ratio on one kind of processor: they differ in what a system call costs beside a line of code, or memory beside a cache. */
export interface Reached {
  /** Part of the processor's name, as the system gives it: `AMD EPYC`. */
  readonly processor: string
  /** The median that was reached when the gate was last set. */
  readonly value: number
  /** When that was measured, and of which commit: `2026-11-21 4a7f280`. */
  readonly measured: string
}

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
  /** One or more, each of another processor. */
  readonly reached: readonly [Reached, ...Reached[]]
  /** False: another machine, disk or neighbour makes another of it; it is told beside its target and fails nothing. */
  readonly isGuarded: boolean
}

/** What became of a gate in one run. */
export type Verdict =
  | { readonly kind: 'pass' | 'fail'; readonly median: number; readonly isTargetReached: boolean }
  /** `median` where it is the ratio itself that is uncertain. */
  | { readonly kind: 'too-noisy'; readonly reasons: readonly string[]; readonly median?: number }
  /** Its bench did not run, or gave no such ratio. */
  | { readonly kind: 'not-measured' }

/** The last good value of a gate on the processor of this name; on one that nobody has measured, that of the worst that was. */
export function limitOf({ better, reached }: Pick<Gate, 'better' | 'reached'>, processor: string): number {
  const measuredHere = reached.filter((each) => processor.includes(each.processor))
  const values = (measuredHere.length === 0 ? reached : measuredHere).map(({ value }) => value)
  return better === 'less' ? Math.max(...values) * (1 + GATE_MARGIN) : Math.min(...values) / (1 + GATE_MARGIN)
}

/** Judges the values of a gate's ratio, from the processor of this name; `noise` tells what was too noisy to judge by, if anything. */
export function judge(
  gate: Gate,
  values: readonly number[] | undefined,
  noise: readonly string[],
  processor: string,
): Verdict {
  if (values === undefined) return { kind: 'not-measured' }
  if (noise.length > 0) return { kind: 'too-noisy', reasons: noise }
  const { better, isGuarded, target } = gate
  const middle = median(values)
  const isTargetReached = isAtLeastAsGood(better, middle, target)
  if (!isGuarded) return { kind: 'pass', median: middle, isTargetReached }
  const limit = limitOf(gate, processor)
  const error = medianError(values)
  const [best, worst] = better === 'less' ? [middle - error, middle + error] : [middle + error, middle - error]
  if (!isAtLeastAsGood(better, best, limit)) return { kind: 'fail', median: middle, isTargetReached }
  const isCertain = error <= NOISE_LIMIT * middle || isAtLeastAsGood(better, worst, limit)
  if (isCertain && isAtLeastAsGood(better, middle, limit)) return { kind: 'pass', median: middle, isTargetReached }
  return { kind: 'too-noisy', reasons: ['it is as uncertain as it is far from its gate'], median: middle }
}

function isAtLeastAsGood(better: Gate['better'], value: number, bound: number): boolean {
  return better === 'less' ? value <= bound : value >= bound
}
