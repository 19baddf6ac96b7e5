/**
 * What commands print: results as lines on the standard output, tables, and colours where a terminal shows them (NO_COLOR
 * turns them off). Texts that came from elsewhere are shown without control characters, which could rule the terminal.
 */
import { styleText } from 'node:util'

/** A colour or weight by what it means. */
export type Style = 'good' | 'bad' | 'waiting' | 'heading' | 'quiet'

const FORMATS = { good: 'green', bad: 'red', waiting: 'yellow', heading: 'bold', quiet: 'dim' } as const

/** A cell of a table. */
export interface Cell {
  readonly text: string
  readonly style?: Style
  /** Never cut, however long. */
  readonly isWhole?: true
}

/** Most characters of a cell: ids have up to 64, and are never cut. */
const CELL_LENGTH = 64

/** Prints whole lines, without the last line feed. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Prints a value as JSON on one line. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value))
}

/** Tells a problem or a remark, beside the result. */
export function complain(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** A text in a style, where the standard output shows it. */
export function paint(style: Style, text: string): string {
  return styleText(FORMATS[style], text, { stream: process.stdout })
}

/** Text from elsewhere on one line, its control characters shown as a dot. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, '·')
}

/** Text from elsewhere, its control characters shown as a dot but for line feeds and tabs. */
export function manyLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/[^\P{Cc}\n\t]/gu, '·')
}

/** Rows with their columns aligned, a line each; cells are shown by {@link oneLine}, and very long ones cut. */
export function tableOf(rows: readonly (readonly Cell[])[]): string {
  const shown = rows.map((row) => row.map(shownCell))
  const widths: number[] = []
  for (const row of shown) {
    for (const [column, { text }] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length)
  }
  const line = (row: (typeof shown)[number]): string =>
    row
      .map(({ text, style }, column) => {
        const padded = column === row.length - 1 ? text : text.padEnd(widths[column] ?? 0)
        return style === undefined ? padded : paint(style, padded)
      })
      .join('  ')
  return shown.map((row) => line(row).trimEnd()).join('\n')
}

/** `1 event`, `2 events`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`
}

function shownCell({ text, style, isWhole }: Cell): { readonly text: string; readonly style: Style | undefined } {
  return { text: isWhole === true ? oneLine(text) : cut(oneLine(text)), style }
}

function cut(text: string): string {
  return text.length > CELL_LENGTH ? `${text.slice(0, CELL_LENGTH - 1)}…` : text
}
