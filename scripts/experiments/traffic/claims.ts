/**
 * What should hold of an experiment's figures. A claim is `must` where breaking it would be a defect on any machine (order,
 * loss), and `target` where it is a measure of speed or size that a busy machine may miss: that is told, and does not fail
 * the command. Pure.
 */
import type { Findings, Row } from '../experiment.ts'

/** Something that should hold. */
export interface Claim {
  readonly kind: 'must' | 'target'
  readonly text: string
  readonly holds: boolean
  /** What was found instead, a line each; the first few are shown. */
  readonly cases?: readonly string[]
}

/** A table, what should hold of it, and the figures for `--json`. */
export interface Report {
  readonly rows: readonly (readonly [label: string, value: string])[]
  readonly claims: readonly Claim[]
  readonly figures: Readonly<Record<string, unknown>>
}

/** Cases of a claim that are shown. */
const SHOWN_CASES = 5

/** As all experiments conclude. */
export function findingsOf({ rows, claims, figures }: Report): Findings {
  const of = (kind: Claim['kind']): readonly Claim[] => claims.filter((claim) => claim.kind === kind)
  return {
    rows: [...rows.map(([what, value]): Row => ({ what, value })), ...of('target').map(targetRow)],
    broken: of('must').flatMap(brokenLines),
    verdict: of('must')
      .map(({ text }) => `Holds: ${text}`)
      .join('\n'),
    figures,
  }
}

/** `12,345`. */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

function targetRow({ text, holds }: Claim): Row {
  return { what: holds ? 'target met' : 'TARGET MISSED', value: text }
}

function brokenLines({ text, holds, cases = [] }: Claim): readonly string[] {
  if (holds) return []
  const shown = cases.slice(0, SHOWN_CASES).map((line) => `  ${line}`)
  const more = cases.length - shown.length
  return [text, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])]
}
