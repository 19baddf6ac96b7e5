/** What the picture is drawn from: values that Prometheus gave for the panels' own queries. Plain data, so that tests can make it. */
import type { Panel } from '../panels.ts'

/** A value at a time, in Unix seconds. */
export type Point = readonly [atS: number, value: number]

/** One series of a panel, by the name that its legend gives it. */
export interface Line {
  readonly name: string
  /** In the order of time. */
  readonly points: readonly Point[]
}

/** A span of time, in Unix seconds. */
export interface Span {
  readonly fromS: number
  readonly toS: number
}

/** Everything that is drawn. */
export interface Reading {
  /** What is seen, for the head of the picture. */
  readonly about: string
  readonly span: Span
  /** The moment whose values stand in lists. */
  readonly listedAtS: number
  /** When something was out of order. */
  readonly troubles: readonly Span[]
  /** The series of each panel; a panel that is not in it has none. */
  readonly lines: ReadonlyMap<Panel, readonly Line[]>
}

/** The values of a line, and where it has none. */
export function isValue(value: number): boolean {
  return Number.isFinite(value)
}

/** The value that a line has at a moment: the last one before it, unless that is too long ago. */
export function valueAt({ points }: Line, atS: number, mostAgeS: number): number | undefined {
  const last = points.findLast(([pointS, value]) => pointS <= atS && isValue(value))
  return last === undefined || atS - last[0] > mostAgeS ? undefined : last[1]
}

/** The largest value of a line; 0 where it has none above. */
export function peakOf({ points }: Line): number {
  return points.reduce((peak, [, value]) => (isValue(value) ? Math.max(peak, value) : peak), 0)
}
