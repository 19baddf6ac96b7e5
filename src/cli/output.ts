/**
 * What commands print: results as lines on the standard output, tables, and colours where a terminal shows them (NO_COLOR
 * turns them off). Texts that came from elsewhere are shown without the characters that could rule the terminal: results say
 * which of their parts those are, problems and JSON are seen to here.
 */
import { once } from 'node:events'
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

/** Resolves when whoever reads the results has taken them, or `signal` says that it is over: a list may be of any length. */
export async function taken(signal?: AbortSignal): Promise<void> {
  if (!process.stdout.writableNeedDrain || signal?.aborted === true) return
  await once(process.stdout, 'drain', signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error
  })
}

/** Prints a value as JSON on one line; what would rule a terminal is escaped beyond what JSON itself escapes. */
export function printJson(value: unknown): void {
  print(jsonText(value))
}

/** Tells a problem or a remark, beside the result; it may hold text from elsewhere. */
export function complain(text: string): void {
  process.stderr.write(`${manyLines(text)}\n`)
}

/** A text in a style, where the standard output shows it. */
export function paint(style: Style, text: string): string {
  return styleText(FORMATS[style], text, { stream: process.stdout })
}

/**
 * What rules a terminal or misleads who reads it: control characters, 8-bit ones too, other line ends, and what turns the
 * direction of writing about, so that text is not read as it stands (Unicode Technical Standard 55).
 */
const RULING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** Text from elsewhere on one line, each character that would rule the terminal shown as a dot. */
export function oneLine(text: string): string {
  return text.replace(RULING, '·')
}

/** As {@link oneLine}, but line feeds and tabs stay. */
export function manyLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(RULING, (found) => (found === '\n' || found === '\t' ? found : '·'))
}

/** A value as JSON on one line that rules no terminal, and that a program reads as the same value. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(RULING, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** An RFC 3339 time to the second, for people, who may be in another zone: `2026-11-21 08:00:00Z`. */
export function secondText(time: string): string {
  return oneLine(`${time.slice(0, 19).replace('T', ' ')}Z`)
}

/** The time of day of an RFC 3339 time to the millisecond: `08:00:00.123Z`. */
export function clockText(time: string): string {
  return oneLine(`${time.slice(11, 23)}Z`)
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
  return { text: isWhole === true ? oneLine(text) : cut(oneLine(text), CELL_LENGTH), style }
}

/** The first `length` characters, the last of them `…` where there are more. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text
  // Not half of a character that takes two.
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
