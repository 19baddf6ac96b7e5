/**
 * The terminal: lines that stay, and under them one line that is drawn anew. Where the output is no terminal there are only
 * lines, and no colours. Only this file writes to standard output.
 */
import { stripVTControlCharacters, styleText } from 'node:util'

/** A style by name, several are combined. */
export type Style = Parameters<typeof styleText>[0]

/** Where lines go: standard output, or whatever stands for it. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const CLEAR_LINE = '\r\u001B[2K'

/** Columns where the output does not say how many it has. */
const DEFAULT_COLUMNS = 100

/** See the head of this file. */
export class Screen {
  readonly #output: Output
  #statusLine = ''

  constructor(output: Output) {
    this.#output = output
  }

  /** Whether somebody looks at it: a line can be drawn anew. */
  get isLive(): boolean {
    return this.#output.isTTY === true
  }

  /** Width to write for, 60 to 100. */
  get columns(): number {
    return Math.max(60, Math.min(DEFAULT_COLUMNS, this.#output.columns ?? DEFAULT_COLUMNS))
  }

  /** Writes a line that stays. */
  line(text = ''): void {
    this.#output.write(this.#statusLine === '' ? `${text}\n` : `${CLEAR_LINE}${text}\n${this.#statusLine}`)
  }

  /** Draws the last line anew, cut to the width; nothing where nobody looks. An empty one takes it away. */
  status(text: string): void {
    if (!this.isLive) return
    // A line longer than the terminal would go on in the next one and leave its remains there.
    const clipped = [...text].slice(0, this.columns - 1).join('')
    this.#statusLine = clipped === '' ? '' : paint('inverse', clipped)
    this.#output.write(`${CLEAR_LINE}${this.#statusLine}`)
  }
}

/** Styles text for standard output; leaves it alone where that is no terminal, or colours are not wanted. */
export function paint(style: Style, text: string): string {
  return styleText(style, text)
}

/** Columns that a text takes. */
function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

/** Fills a text up with blanks on the right. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

/** Fills a text up with blanks on the left. */
export function rightAligned(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text))) + text
}

/** Breaks a text into lines of at most so many columns, between words. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
