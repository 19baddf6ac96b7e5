/**
 * A panel of values over time: lines, or areas that stand on each other, with axes in the panel's unit, its limits, and a legend
 * of the series that matter most. Pure. Used by the drawing of the dashboard.
 */
import type { Panel } from '../panels.ts'
import { isValue, type Line, type Point, peakOf, type Reading } from './reading.ts'
import { CHARACTER_WIDTH, SERIES_COLOURS } from './style.ts'
import { type Box, element, line, rectangle, rounded, text } from './svg.ts'
import { type Axis, axisFor, timeMarks, valueText } from './ticks.ts'

/** Room around the plot: for values, for the title, and for times and legend below. */
const MARGIN = { left: 58, right: 12, top: 32, bottom: 54 }
const LEGEND_LINE_HEIGHT = 15
const LEGEND_LINES = 2
const SWATCH = 14
const VALUE_MARKS = 4
const TIME_MARKS = 5

/** A time in this last share of them would be written beyond the plot. */
const LAST_SHARE = 0.03

/** A limit that lies further above all values is told in words, so that the values can still be seen. */
const SHOWN_ABOVE = 2

/** Where values and times are on the page. */
interface Scales {
  readonly plot: Box
  readonly axis: Axis
  readonly x: (atS: number) => number
  readonly y: (value: number) => number
}

/** The panel's inside. */
export function timePanel(panel: Panel, lines: readonly Line[], reading: Reading, box: Box): string {
  const drawn = panel.kind === 'stacked' ? stacked(lines) : lines.map((each) => ({ line: each, floor: undefined }))
  const scales = scalesFor(
    panel,
    drawn.map((each) => each.line),
    reading,
    box,
  )
  const isEmpty = lines.every(({ points }) => !points.some(([, value]) => isValue(value)))
  return [
    ...grid(scales, panel, reading),
    ...drawn.map(({ line: each, floor }, index) => series(each, floor, index % SERIES_COLOURS, scales)),
    ...limits(panel, scales),
    isEmpty
      ? text(
          scales.plot.x + scales.plot.width / 2,
          scales.plot.y + scales.plot.height / 2,
          'muted middle',
          'nothing happened',
        )
      : legend(lines, scales.plot, panel),
  ].join('')
}

function scalesFor({ unit, limits: own = [] }: Panel, lines: readonly Line[], { span }: Reading, box: Box): Scales {
  const plot = {
    x: box.x + MARGIN.left,
    y: box.y + MARGIN.top,
    width: box.width - MARGIN.left - MARGIN.right,
    height: box.height - MARGIN.top - MARGIN.bottom,
  }
  const peak = Math.max(0, ...lines.map(peakOf))
  const axis = axisFor(
    Math.max(peak, ...own.map(({ value }) => (value <= peak * SHOWN_ABOVE ? value : 0))),
    unit,
    VALUE_MARKS,
  )
  const seconds = Math.max(1, span.toS - span.fromS)
  return {
    plot,
    axis,
    x: (atS) => plot.x + ((atS - span.fromS) / seconds) * plot.width,
    y: (value) => plot.y + plot.height * (1 - Math.min(1, Math.max(0, value / axis.top))),
  }
}

/** Each on those before it; what has no value at a time adds nothing then. */
function stacked(lines: readonly Line[]): readonly { readonly line: Line; readonly floor: Line }[] {
  const times = [...new Set(lines.flatMap(({ points }) => points.map(([atS]) => atS)))].sort((a, b) => a - b)
  let floor: readonly Point[] = times.map((atS) => [atS, 0])
  return lines.map(({ name, points }) => {
    const values = new Map(points)
    const below = floor
    floor = below.map(([atS, value]) => {
      const own = values.get(atS) ?? 0
      return [atS, value + (isValue(own) ? own : 0)]
    })
    return { line: { name, points: floor }, floor: { name, points: below } }
  })
}

function series(each: Line, floor: Line | undefined, colour: number, scales: Scales): string {
  const runs = runsOf(each.points).map((run) => run.map((point) => placed(point, scales)))
  const strokes = runs.map((run) =>
    // A single value between gaps would else be a line of no length.
    element('polyline', {
      class: `line s${colour}`,
      points: (run.length === 1 ? [...run, ...run] : run).join(' '),
      'stroke-linecap': 'round',
    }),
  )
  if (floor === undefined || each.points.length === 0) return strokes.join('')
  const back = floor.points.map((point) => placed(point, scales)).reverse()
  const outline = [...each.points.map((point) => placed(point, scales)), ...back].join(' ')
  return element('polygon', { class: `area f${colour}`, points: outline }) + strokes.join('')
}

/** The stretches of a line that have values. */
function runsOf(points: readonly Point[]): readonly (readonly Point[])[] {
  const runs: Point[][] = [[]]
  for (const point of points) {
    if (isValue(point[1])) runs.at(-1)?.push(point)
    else runs.push([])
  }
  return runs.filter(({ length }) => length > 0)
}

function placed([atS, value]: Point, { x, y }: Scales): string {
  return `${rounded(x(atS))},${rounded(y(value))}`
}

function grid(
  { plot, axis, x, y }: Scales,
  { title }: Panel,
  { span, troubles, listedAtS }: Reading,
): readonly string[] {
  const bottom = plot.y + plot.height
  const marks = timeMarks(span.toS - span.fromS, TIME_MARKS)
  return [
    text(plot.x - MARGIN.left + 12, plot.y - 14, 'title', title),
    ...troubles.map(({ fromS, toS }) =>
      rectangle({ x: x(fromS), y: plot.y, width: x(toS) - x(fromS), height: plot.height }, 'trouble'),
    ),
    ...axis.marks.flatMap(({ value, text: written }) => [
      line(plot.x, y(value), plot.x + plot.width, y(value), 'grid'),
      text(plot.x - 6, y(value) + 4, 'muted end', written),
    ]),
    ...marks.map((seconds) => {
      const isAtEnd = seconds > (span.toS - span.fromS) * (1 - LAST_SHARE)
      return text(x(span.fromS + seconds), bottom + 14, isAtEnd ? 'muted end' : 'muted middle', `${seconds} s`)
    }),
    line(x(listedAtS), plot.y, x(listedAtS), bottom, 'moment'),
  ]
}

function limits({ limits: own = [], unit }: Panel, { plot, axis, y }: Scales): readonly string[] {
  const right = plot.x + plot.width
  return own.map(({ value, text: meaning }, index) => {
    const told = `${meaning}: ${valueText(value, unit)}`
    if (value > axis.top) return text(right, plot.y - 14 + index * 12, 'limit-text end', `${told} ↑`)
    // Two that lie close together have their words on different sides.
    const words =
      index % 2 === 0
        ? text(right, y(value) - 4, 'limit-text end', told)
        : text(plot.x + 4, y(value) - 4, 'limit-text', told)
    return line(plot.x, y(value), right, y(value), 'limit') + words
  })
}

/** Names beside their colours, those with the largest values, as many as have room. */
function legend(lines: readonly Line[], plot: Box, { kind }: Panel): string {
  const ranked = lines
    .map((each, index) => ({ name: each.name, colour: index % SERIES_COLOURS, peak: peakOf(each) }))
    .filter(({ peak }) => peak > 0 || kind === 'lines')
    .sort((a, b) => b.peak - a.peak)
  const left = plot.x - MARGIN.left + 12
  const most = plot.x + plot.width
  const items: string[] = []
  let x = left
  let row = 0
  let shown = 0
  for (const { name, colour } of ranked) {
    const width = SWATCH + 4 + name.length * CHARACTER_WIDTH + 10
    const isLastRow = row === LEGEND_LINES - 1
    const rest =
      isLastRow && shown < ranked.length - 1 ? restText(ranked.length - shown - 1).length * CHARACTER_WIDTH : 0
    if (x > left && x + width + rest > most) {
      if (isLastRow) break
      row += 1
      x = left
    }
    const y = plot.y + plot.height + 31 + row * LEGEND_LINE_HEIGHT
    items.push(
      rectangle({ x, y: y - 7, width: SWATCH - 4, height: 4 }, `f${colour}`),
      text(x + SWATCH, y, 'value', name),
    )
    x += width
    shown += 1
  }
  const unnamed = ranked.length - shown
  const y = plot.y + plot.height + 31 + row * LEGEND_LINE_HEIGHT
  return items.join('') + (unnamed === 0 ? '' : text(x, y, 'muted', restText(unnamed)))
}

function restText(count: number): string {
  return `and ${count} more`
}
