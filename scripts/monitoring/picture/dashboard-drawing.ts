/**
 * The whole dashboard as one SVG: the panels of the table where the dashboard has them, below the headings of their rows. Pure: the
 * same reading gives the same picture. Used by the script that makes it, and by its test.
 */
import { GRID_COLUMNS, laidOut, type Place } from '../layout.ts'
import { PANEL_ROWS } from '../panels.ts'
import { listPanel } from './list-panel.ts'
import type { Reading } from './reading.ts'
import { styleSheet } from './style.ts'
import { type Box, element, escaped, rectangle, text } from './svg.ts'
import { timePanel } from './time-panel.ts'

/** Pixels: of the page, of a column and of a line of the dashboard's grid, and between panels. */
const WIDTH = 1280
const EDGE = 16
const COLUMN = (WIDTH - 2 * EDGE) / GRID_COLUMNS
const LINE = 27
const GAP = 8

/** Height of the head: a title, and two lines of what is seen. */
const HEAD = 84

/** The picture. */
export function dashboardPicture(reading: Reading): string {
  const placed = laidOut(PANEL_ROWS)
  const height = HEAD + Math.max(...placed.map(({ place: { y, h } }) => (y + h) * LINE)) + EDGE
  const drawn = placed.map((each) => {
    const box = boxOf(each.place)
    if (each.kind === 'heading') return text(box.x + 2, box.y + box.height - 6, 'row', each.title)
    const { panel } = each
    const draw = panel.kind === 'list' ? listPanel : timePanel
    return element(
      'g',
      { class: 'of-panel' },
      element('title', {}, escaped(`${panel.title}. ${panel.description}`)),
      element('rect', { ...box, rx: 4, class: 'panel' }),
      draw(panel, reading.lines.get(panel) ?? [], reading, box),
    )
  })
  const root = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${Math.ceil(height)}`, role: 'img' }
  const svg = element(
    'svg',
    root,
    element('title', {}, 'The dashboard of Switchhook'),
    element('style', {}, styleSheet()),
    rectangle({ x: 0, y: 0, width: WIDTH, height }, 'page'),
    text(EDGE, 34, 'head', 'Switchhook'),
    text(EDGE, 54, 'muted', reading.about),
    text(
      EDGE,
      70,
      'muted',
      'Shaded: a circuit is open. Lists show the moment of the dotted line. Times are seconds since the first call.',
    ),
    ...drawn.map((part) => `\n${part}`),
  )
  return `${svg}\n`
}

function boxOf({ x, y, w, h }: Place): Box {
  return { x: EDGE + x * COLUMN + GAP / 2, y: HEAD + y * LINE, width: w * COLUMN - GAP, height: h * LINE - GAP }
}
