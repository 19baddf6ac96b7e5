/**
 * The whole terminal for one command: its other screen, where what stood there before comes back at the end. Frames are written
 * over each other in one piece, so that nothing flickers. Invariant: however the command ends, the terminal is as it was.
 */
import type { ReadStream, WriteStream } from 'node:tty'
import { paint } from './output.ts'
import type { Line } from './top-layout.ts'

/** Control sequences (ECMA-48, and DEC's private modes as xterm documents them). */
const ESCAPE = '\u001B['
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l${ESCAPE}?7l`
const LEAVE = `${ESCAPE}?7h${ESCAPE}?25h${ESCAPE}?1049l`
const HOME = `${ESCAPE}H`
const CLEAR_LINE = `${ESCAPE}K`
const CLEAR_BELOW = `${ESCAPE}J`
/** What is written between them is shown at once, by terminals that know it; others pass it over. */
const BEGIN_FRAME = `${ESCAPE}?2026h`
const END_FRAME = `${ESCAPE}?2026l`

/** What the terminal tells. */
export interface ScreenListener {
  /** A key was pressed: what it sends. */
  readonly onKey: (key: string) => void
  readonly onResize: () => void
}

/** Columns and rows where a terminal does not say how many it has. */
const USUAL = { columns: 80, rows: 24 } as const

/** See the head of this file. One at a time. */
export class FullScreen {
  readonly #input: ReadStream | undefined
  readonly #output: WriteStream
  readonly #listener: ScreenListener
  readonly #onData: (data: Buffer) => void
  readonly #restore = (): void => this.close()
  #isOpen = true

  /** Takes the terminal; without an `input` that is one there are no keys. */
  constructor(input: ReadStream, output: WriteStream, listener: ScreenListener) {
    this.#input = input.isTTY === true ? input : undefined
    this.#output = output
    this.#listener = listener
    this.#onData = (data) => {
      for (const key of data.toString('latin1')) listener.onKey(key)
    }
    output.write(ENTER)
    output.on('resize', listener.onResize)
    // Also where something breaks that nobody catches.
    process.once('exit', this.#restore)
    this.#input?.setRawMode(true)
    this.#input?.on('data', this.#onData)
  }

  get columns(): number {
    return this.#output.columns || USUAL.columns
  }

  get rows(): number {
    return this.#output.rows || USUAL.rows
  }

  /** Shows these lines in place of those before. */
  draw(lines: readonly Line[]): void {
    if (!this.#isOpen) return
    const texts = lines.map((line) =>
      line.map(({ text, style }) => (style === undefined ? text : paint(style, text))).join(''),
    )
    this.#output.write(`${BEGIN_FRAME}${HOME}${texts.join(`${CLEAR_LINE}\r\n`)}${CLEAR_LINE}${CLEAR_BELOW}${END_FRAME}`)
  }

  /** Gives the terminal back; safe to call twice. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    process.off('exit', this.#restore)
    this.#output.off('resize', this.#listener.onResize)
    this.#input?.off('data', this.#onData)
    this.#input?.setRawMode(false)
    // Else the process would wait for keys for ever.
    this.#input?.pause()
    this.#output.write(LEAVE)
  }
}
