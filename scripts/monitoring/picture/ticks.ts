/**
 * Axes: round numbers for them, and values as people read them in the units that panels have. Pure. Used by the drawing of panels.
 */
import type { Unit } from '../panels.ts'

/** What values are divided by and written with, and from which on; default: from the factor itself. */
type Scale = readonly [factor: number, suffix: string, from?: number]

/** Those of each unit, the largest first. */
const SCALES: Readonly<Record<Unit, readonly Scale[]>> = {
  short: [
    [1e6, ' M'],
    [1e3, ' k'],
    [1, ''],
  ],
  ops: [
    [1e3, ' k/s'],
    [1, '/s'],
  ],
  s: [
    [60, ' min'],
    [1, ' s'],
    [1e-3, ' ms'],
    [1e-6, ' µs'],
  ],
  bytes: [
    [2 ** 30, ' GiB'],
    [2 ** 20, ' MiB'],
    [2 ** 10, ' KiB'],
    [1, ' B'],
  ],
  percentunit: [
    [0.01, ' %', 0.0001],
    [1e-6, ' ppm'],
  ],
}

/** What is smaller, in any unit, is taken for 0: less than a nanosecond, than an event in thirty years. */
const LEAST_VALUE = 1e-9

/** Where an axis of nothing but zeros ends. */
const LEAST_TOP: Readonly<Record<Unit, number>> = { short: 1, ops: 1, s: 0.001, bytes: 1024, percentunit: 0.01 }

/** Marks are round already: nothing of them is left out. */
const ALL_DIGITS = { maximumFractionDigits: 12 }

/** Steps between marks, times a power of ten. */
const ROUND_STEPS = [1, 2, 2.5, 5, 10]

/** An axis that begins at 0. */
export interface Axis {
  /** Its end, the last of the marks. */
  readonly top: number
  readonly marks: readonly { readonly value: number; readonly text: string }[]
}

/** An axis with about `count` marks above 0 that holds values up to `most`. */
export function axisFor(most: number, unit: Unit, count: number): Axis {
  const wanted = most >= LEAST_VALUE && Number.isFinite(most) ? most : LEAST_TOP[unit]
  const [factor, suffix] = scaleOf(wanted, unit)
  const step = roundStep(wanted / factor / count)
  const steps = Math.max(1, Math.ceil(wanted / factor / step - 1e-9))
  const marks = Array.from({ length: steps + 1 }, (_, index) => {
    const scaled = Number((index * step).toPrecision(12))
    return { value: scaled * factor, text: `${scaled.toLocaleString('en-US', ALL_DIGITS)}${suffix}` }
  })
  return { top: steps * step * factor, marks }
}

/** A value with three digits and its unit. */
export function valueText(value: number, unit: Unit): string {
  if (value === 0) return `0${scaleOf(LEAST_TOP[unit], unit)[1]}`
  const [factor, suffix] = scaleOf(value, unit)
  return `${Number((value / factor).toPrecision(3)).toLocaleString('en-US')}${suffix}`
}

/** Marks of a time that lasts `seconds`, about `count` of them. */
export function timeMarks(seconds: number, count: number): readonly number[] {
  const steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1800, 3600]
  const step = steps.find((each) => each >= seconds / count) ?? 7200
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step)
}

function scaleOf(value: number, unit: Unit): Scale {
  const scales = SCALES[unit]
  return scales.find(([factor, , from = factor]) => Math.abs(value) >= from) ?? scales.at(-1) ?? [1, '']
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * (ROUND_STEPS.find((each) => each * power >= least * (1 - 1e-9)) ?? 10)
}
