/**
 * Asks a Prometheus what the panels' own queries give over a span of time, as Grafana would. Used by the script that makes the picture.
 */
import { memberOf } from '../../json-member.ts'
import { promQl } from '../dashboard.ts'
import { PANEL_ROWS, type Panel, type Query } from '../panels.ts'
import type { Line, Point, Reading, Span } from './reading.ts'

/** Width of rates: some scrapes. */
const WINDOW = '5s'

/** How often a value is asked for, which is how often Prometheus scrapes. */
const STEP_S = 1

/** What tells that something was out of order: any circuit that is not closed. */
const TROUBLE: Query = { expr: 'max(switchhook_circuit_state{})', legend: 'circuit' }

/** What all panels show of the engine `instance` in `span`; `about` stands at the head of the picture. */
export async function readDashboard(url: string, instance: string, span: Span, about: string): Promise<Reading> {
  const ask = async (query: Query): Promise<readonly Line[]> =>
    linesOf(await queryRange(url, promQl(query, instance, WINDOW), span), query)
  const lines = new Map<Panel, readonly Line[]>()
  for (const panel of PANEL_ROWS.flatMap(({ panels }) => panels)) {
    lines.set(panel, (await Promise.all(panel.queries.map(ask))).flat())
  }
  const troubles = (await ask(TROUBLE)).flatMap(({ points }) => spansAbove(points))
  return { about, span, listedAtS: troubles.at(-1)?.toS ?? span.toS, troubles, lines }
}

/** Spans in which a value is above 0. */
export function spansAbove(points: readonly Point[]): readonly Span[] {
  const spans: Span[] = []
  for (const [atS, value] of points) {
    if (!(value > 0)) continue
    const last = spans.at(-1)
    if (last !== undefined && atS - last.toS <= STEP_S) spans.splice(-1, 1, { fromS: last.fromS, toS: atS })
    else spans.push({ fromS: atS, toS: atS })
  }
  return spans
}

/** Whether it answers, and has scraped the engine. */
export async function hasScraped(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent('up == 1')}`).catch(() => undefined)
  return answer?.ok === true && resultsOf(await answer.json()).length > 0
}

async function queryRange(url: string, expr: string, { fromS, toS }: Span): Promise<readonly unknown[]> {
  const query = new URLSearchParams({ query: expr, start: String(fromS), end: String(toS), step: String(STEP_S) })
  const answer = await fetch(`${url}/api/v1/query_range?${query}`)
  if (!answer.ok) throw new Error(`Prometheus answered ${answer.status} to ${expr}: ${await answer.text()}`)
  return resultsOf(await answer.json())
}

function resultsOf(answer: unknown): readonly unknown[] {
  const result = memberOf(memberOf(answer, 'data'), 'result')
  return Array.isArray(result) ? result : []
}

/** Series with the names that the legend gives them, in the order of these. */
function linesOf(results: readonly unknown[], { legend }: Query): readonly Line[] {
  const lines = results.map((series): Line => {
    const labels = memberOf(series, 'metric')
    const values = memberOf(series, 'values')
    return {
      name: legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => String(memberOf(labels, label) ?? '')),
      points: withGaps(Array.isArray(values) ? values.map(pointOf) : []),
    }
  })
  return lines
    .filter(({ points }) => points.length > 0)
    .sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name))
}

function pointOf(value: unknown): Point {
  const [atS, text] = Array.isArray(value) ? value : []
  return [Number(atS), Number(text)]
}

/** What has no value for a while has none: lines must not cross what was not seen. */
function withGaps(points: readonly Point[]): readonly Point[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1]
    return before === undefined || point[0] - before[0] <= STEP_S ? [point] : [[before[0] + STEP_S, Number.NaN], point]
  })
}
