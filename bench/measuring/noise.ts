/**
 * Whether the machine was quiet enough to judge. Each round of a bench measures a control, something that no change of
 * Switchhook can make faster or slower; where the control's own values are far apart, differences of others mean nothing.
 * Pure. Used by the runner, which then measures again.
 */
import type { Series } from './result.ts'
import { spreadOf } from './spread.ts'

/**
 * Most distance between the quartiles of a control, as a share of its median. With five rounds the median is then uncertain by
 * about an eighth, which is less than the 25 % that a gate leaves.
 */
export const NOISE_LIMIT = 0.25

/** How far apart the middle half of the values is, as a share of their median. */
export function noiseOf(values: readonly number[]): number {
  const { median, quartiles } = spreadOf(values)
  return (quartiles[1] - quartiles[0]) / median
}

/** The controls that were too noisy, a sentence each; none: the run can be judged. */
export function noisyControls(controls: readonly Series[], limit: number = NOISE_LIMIT): readonly string[] {
  return controls.flatMap(({ name, values }) => {
    const noise = noiseOf(values)
    if (noise <= limit) return []
    const percent = (share: number): string => `${Math.round(share * 100)} %`
    return [`${name}: the middle half of its values is ${percent(noise)} apart, more than ${percent(limit)}`]
  })
}
