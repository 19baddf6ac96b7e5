/**
 * Tables as Markdown, which a terminal shows well enough: columns as wide as their widest cell.
 */
import type { Table } from '../measuring/result.ts'
import { seriesText } from './figure-text.ts'

/** A heading and the table under it. */
export function tableText({ title, columns, rows }: Table): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? cell : seriesText(cell))))
  return `### ${title}\n\n${gridText(columns, cells)}`
}

/** A table of texts; the first column is aligned left, all others right. */
export function gridText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, column) => {
      const cell = (cells[column] ?? '').replaceAll('|', '\\|')
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(columns), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
}
