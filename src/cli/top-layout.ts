/**
 * Lines of a terminal from figures and tables: how wide each thing is, and what is cut. Invariant: pure, and no line is wider
 * than it is told; text from elsewhere can not rule the terminal. Used by the view of `switchhook top`.
 */
import { oneLine, type Style } from './output.ts'

/** A piece of a line. */
export interface Span {
  readonly text: string
  readonly style?: Style | undefined
}

/** One line, its pieces from left to right. */
export type Line = readonly Span[]

/** A name and its figure. */
export interface Item {
  readonly name: string
  readonly text: string
  readonly style?: Style
}

/** A column of a table: as many characters as `width`, or a share of those that are left. */
export type Column = { readonly name: string; readonly isRight?: true } & (
  | { readonly width: number }
  | { readonly share: number }
)

/** Room and looks of a table. */
export interface TableRoom {
  readonly width: number
  /** With its head, and with the line that tells how many more there are; at least 2. */
  readonly rows: number
  /** Of its first column. */
  readonly style: Style | undefined
}

/** A line cut to `width` characters. */
export function lineOf(spans: Line, width: number): Line {
  let left = width
  const line: Span[] = []
  for (const { text, style } of spans) {
    const shown = cut(oneLine(text), left)
    left -= [...shown].length
    if (shown !== '') line.push({ text: shown, style })
    if (left <= 0) break
  }
  return line
}

/** Characters of a name and its figure, and of the gap behind it: three fit in 80, two in 60. */
const NAME_WIDTH = 12
const FIGURE_WIDTH = 11
const ITEM_WIDTH: number = NAME_WIDTH + FIGURE_WIDTH + 3

/** Names with their figures beside each other, as many as fit. */
export function flow(items: readonly Item[], width: number): readonly Line[] {
  const perLine = Math.max(1, Math.floor((width + 3) / ITEM_WIDTH))
  const lines: Line[] = []
  for (let first = 0; first < items.length; first += perLine) {
    const spans = items.slice(first, first + perLine).flatMap(({ name, text, style }, index): Span[] => [
      { text: `${index === 0 ? '' : '   '}${name.padEnd(NAME_WIDTH)}`, style: 'quiet' },
      { text: text.padStart(FIGURE_WIDTH), style },
    ])
    lines.push(lineOf(spans, width))
  }
  return lines
}

/** A table: its head, as many rows as there is room for, and how many more there are. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width, rows: room, style }: TableRoom,
): readonly Line[] {
  const widths = widthsOf(columns, width)
  const lineFor = (texts: readonly string[], styleOf: (column: number) => Style | undefined): Line =>
    lineOf(
      columns.map(({ isRight }, column): Span => {
        const columnWidth = widths[column] ?? 0
        const shown = cut(oneLine(texts[column] ?? ''), columnWidth)
        const filled = ' '.repeat(columnWidth - [...shown].length)
        return {
          text: `${column === 0 ? '' : '  '}${isRight === true ? filled + shown : shown + filled}`,
          style: styleOf(column),
        }
      }),
      width,
    )
  const isCut = rows.length > room - 1
  const shown = isCut ? rows.slice(0, room - 2) : rows
  return [
    lineFor(
      columns.map(({ name }) => name),
      () => 'heading',
    ),
    ...shown.map((row) => lineFor(row, (column) => (column === 0 ? style : undefined))),
    ...(isCut ? [lineOf([{ text: `… and ${rows.length - shown.length} more`, style: 'quiet' }], width)] : []),
  ]
}

/** Fixed columns as they are; the others divide what is left, a character at least each. */
function widthsOf(columns: readonly Column[], width: number): readonly number[] {
  const gaps = 2 * (columns.length - 1)
  const fixed = columns.reduce((sum, column) => sum + ('width' in column ? column.width : 0), 0)
  const shares = columns.reduce((sum, column) => sum + ('share' in column ? column.share : 0), 0)
  const left = Math.max(0, width - gaps - fixed)
  return columns.map((column) =>
    'width' in column ? column.width : Math.max(1, Math.floor((left * column.share) / shares)),
  )
}

function cut(text: string, width: number): string {
  const characters = [...text]
  if (characters.length <= width) return text
  return width <= 0 ? '' : `${characters.slice(0, width - 1).join('')}…`
}
