/** A panel of the values of one moment: a bar for each series, the longest first. Pure. Used by the drawing of the dashboard. */
import type { Panel } from '../panels.ts'
import { type Line, type Reading, valueAt } from './reading.ts'
import { CHARACTER_WIDTH } from './style.ts'
import { type Box, rectangle, text } from './svg.ts'
import { valueText } from './ticks.ts'

const MARGIN = { x: 12, top: 34, bottom: 10 }
const ROW_HEIGHT = 24
const BAR_HEIGHT = 5

/** Room for a value beside a name. */
const VALUE_WIDTH = 70

/** How long before the moment a value may be of, in seconds: some scrapes. */
const MOST_AGE_S = 5

/** The panel's inside. */
export function listPanel({ title, unit }: Panel, lines: readonly Line[], { listedAtS }: Reading, box: Box): string {
  const left = box.x + MARGIN.x
  const right = box.x + box.width - MARGIN.x
  const rows = lines
    .flatMap((line) => {
      const value = valueAt(line, listedAtS, MOST_AGE_S)
      return value === undefined ? [] : [{ name: line.name, value }]
    })
    .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1))
  const room = Math.floor((box.height - MARGIN.top - MARGIN.bottom) / ROW_HEIGHT)
  const shown = rows.length > room ? rows.slice(0, room - 1) : rows
  const most = Math.max(0, ...rows.map(({ value }) => value))
  const parts = [text(left, box.y + 18, 'title', title)]
  for (const [index, { name, value }] of shown.entries()) {
    const y = box.y + MARGIN.top + index * ROW_HEIGHT
    const width = most > 0 ? ((right - left) * Math.max(0, value)) / most : 0
    parts.push(
      text(left, y + 11, 'value', fitted(name, right - left - VALUE_WIDTH)),
      text(right, y + 11, 'value end', valueText(value, unit)),
      rectangle({ x: left, y: y + 15, width, height: BAR_HEIGHT }, 'f0'),
    )
  }
  const unnamed = rows.length - shown.length
  if (unnamed > 0)
    parts.push(text(left, box.y + MARGIN.top + shown.length * ROW_HEIGHT + 11, 'muted', `and ${unnamed} more`))
  if (rows.length === 0) parts.push(text(box.x + box.width / 2, box.y + box.height / 2, 'muted middle', 'none'))
  return parts.join('')
}

/** A name cut to a width. */
function fitted(name: string, width: number): string {
  const most = Math.floor(width / CHARACTER_WIDTH)
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`
}
