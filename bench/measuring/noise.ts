/**
 * Whether the machine was quiet enough to judge. Each round of a bench measures a control, something that no change of
 * Switchhook can make faster or slower; where the control's own values are far apart, differences of others mean nothing.
 * Pure. Used by the runner, which then measures again.
 */
import type { Series } from './result.ts'
import { median, medianError } from './spread.ts'

/** Most uncertainty of a control's median, as a share of it: less than the 15 % that a gate leaves. */
export const NOISE_LIMIT = 0.1

/** How uncertain the median of the values is, as a share of it. */
export function noiseOf(values: readonly number[]): number {
  return medianError(values) / median(values)
}

/** The controls that were too noisy, a sentence each; none: the run can be judged. */
export function noisyControls(controls: readonly Series[], limit: number = NOISE_LIMIT): readonly string[] {
  return controls.flatMap(({ name, values }) => {
    const noise = noiseOf(values)
    if (noise <= limit) return []
    const percent = (share: number): string => `${Math.round(share * 100)} %`
    return [`${name}: its median is uncertain by ${percent(noise)}, more than ${percent(limit)}`]
  })
}
