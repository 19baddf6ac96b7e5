/**
 * Where the panels are: below their rows' headings, in lines of at most four that share the width. Pure. Used by the dashboard and by
 * its picture, so that both have the same.
 */
import type { Panel, PanelRow } from './panels.ts'

/** The width of Grafana's grid. */
export const GRID_COLUMNS = 24

/** Height of a panel, and of a row's heading, in Grafana's units. */
const PANEL_HEIGHT = 8
const HEADING_HEIGHT = 1

/** Panels beside each other; more could not be read. */
const MOST_IN_LINE = 4

/** A place in Grafana's grid: from the left, from the top, width, height. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

/** A heading or a panel, and where it is. */
export type Placed = { readonly place: Place } & (
  | { readonly kind: 'heading'; readonly title: string }
  | { readonly kind: 'panel'; readonly panel: Panel }
)

/** All of them, from the upper left. */
export function laidOut(rows: readonly PanelRow[]): readonly Placed[] {
  const placed: Placed[] = []
  let y = 0
  for (const { title, panels } of rows) {
    placed.push({ kind: 'heading', title, place: { x: 0, y, w: GRID_COLUMNS, h: HEADING_HEIGHT } })
    y += HEADING_HEIGHT
    for (const line of linesOf(panels)) {
      const w = GRID_COLUMNS / line.length
      for (const [index, panel] of line.entries()) {
        placed.push({ kind: 'panel', panel, place: { x: index * w, y, w, h: PANEL_HEIGHT } })
      }
      y += PANEL_HEIGHT
    }
  }
  return placed
}

/** Panels in lines of about the same length: five are three and two, seven are four and three. */
function linesOf(panels: readonly Panel[]): readonly (readonly Panel[])[] {
  const left = [...panels]
  const lines: Panel[][] = []
  for (let count = Math.ceil(panels.length / MOST_IN_LINE); count > 0; count -= 1) {
    lines.push(left.splice(0, Math.ceil(left.length / count)))
  }
  return lines
}
