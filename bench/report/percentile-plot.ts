/**
 * Draws latencies over percentiles as an SVG file: the percentiles stand ten times closer to 100 at each step, as is usual for
 * latencies, and milliseconds on a scale of powers of ten. Written by hand, so that a report needs no package. Pure.
 */
import type { LatencyLine, LatencyPoint } from '../measuring/result.ts'

const WIDTH = 820
const HEIGHT = 460
const MARGIN = { left: 70, right: 20, top: 50, bottom: 50 }

/** Percentiles at which the axis has a line. */
const GRID = [0, 50, 90, 99, 99.9, 99.99]

/** Where 100 % stands: one step beyond the last line, since the true place is infinitely far away. */
const LAST_DECADES = 4.6

/** Dark enough on white, and told apart by those who see few colours. */
const COLOURS = ['#444444', '#0072b2', '#009e73', '#d55e00', '#cc79a7', '#56b4e9']

/** The drawing; `title` is escaped, and so are names. */
export function percentilePlot(title: string, lines: readonly LatencyLine[]): string {
  const latencies = lines.flatMap(({ points }) => points.map(({ latencyMs }) => latencyMs))
  const least = 10 ** Math.floor(Math.log10(Math.max(0.001, Math.min(...latencies))))
  const most = Math.max(10 ** Math.ceil(Math.log10(Math.max(...latencies))), least * 10)
  const scale: Scale = { least, decades: Math.log10(most / least) }
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">`,
    // Read out to whoever can't see the picture.
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(WIDTH / 2, 22, 'middle', title),
    ...percentileGrid(),
    ...latencyGrid(scale),
    ...lines.flatMap(({ name, points }, index) => {
      const colour = COLOURS[index % COLOURS.length] ?? '#000000'
      return [curve(points, scale, colour), ...legend(name, index, colour)]
    }),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

interface Scale {
  readonly least: number
  readonly decades: number
}

function x(percentile: number): number {
  const decades = percentile >= 100 ? LAST_DECADES : -Math.log10(1 - percentile / 100)
  const share = Math.min(decades, LAST_DECADES) / LAST_DECADES
  return MARGIN.left + share * (WIDTH - MARGIN.left - MARGIN.right)
}

function y(latencyMs: number, { least, decades }: Scale): number {
  const share = Math.log10(Math.max(latencyMs, least) / least) / decades
  return HEIGHT - MARGIN.bottom - share * (HEIGHT - MARGIN.top - MARGIN.bottom)
}

function percentileGrid(): readonly string[] {
  const bottom = HEIGHT - MARGIN.bottom
  return [
    ...GRID.flatMap((percentile) => [
      line(x(percentile), MARGIN.top, x(percentile), bottom),
      text(x(percentile), bottom + 18, 'middle', `${percentile} %`),
    ]),
    text(x(100), bottom + 18, 'end', 'most'),
    text(WIDTH / 2, HEIGHT - 10, 'middle', 'share of calls that took at most so long'),
  ]
}

function latencyGrid(scale: Scale): readonly string[] {
  const right = WIDTH - MARGIN.right
  return Array.from({ length: Math.round(scale.decades) + 1 }, (_, decade) => {
    const latencyMs = scale.least * 10 ** decade
    const height = y(latencyMs, scale)
    const label = `${Number(latencyMs.toPrecision(1))} ms`
    return `${line(MARGIN.left, height, right, height)}\n${text(MARGIN.left - 8, height + 4, 'end', label)}`
  })
}

function curve(points: readonly LatencyPoint[], scale: Scale, colour: string): string {
  const path = points.map(({ percentile, latencyMs }) => `${round(x(percentile))},${round(y(latencyMs, scale))}`)
  return `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${path.join(' ')}"/>`
}

function legend(name: string, index: number, colour: string): readonly string[] {
  const height = MARGIN.top + 18 + index * 18
  const left = MARGIN.left + 12
  const sample = `<line x1="${left}" y1="${height}" x2="${left + 24}" y2="${height}" stroke="${colour}" stroke-width="3"/>`
  return [sample, text(left + 32, height + 4, 'start', name)]
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="#dddddd"/>`
}

function text(left: number, top: number, anchor: 'start' | 'middle' | 'end', content: string): string {
  return `<text x="${round(left)}" y="${round(top)}" text-anchor="${anchor}">${escaped(content)}</text>`
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10)
}
