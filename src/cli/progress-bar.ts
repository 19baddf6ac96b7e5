/**
 * A bar that shows how far a long command is, on the standard error and only where that is a terminal: elsewhere nothing is
 * ever written. It is wiped before anything else is printed. Used by `switchhook send`.
 */

/** How far it is. */
export interface Progress {
  readonly doneBytes: number
  /** Undefined: not known, and only counts are shown. */
  readonly totalBytes: number | undefined
  readonly events: number
}

const BAR_LENGTH = 24

/** Often enough for the eye, and seldom enough to cost nothing. */
const REDRAW_MS = 100

/** Where a terminal does not say how wide it is. */
const USUAL_COLUMNS = 80

/** Carriage return, and what clears the line from there (ECMA-48, EL). */
const WIPE = '\r\u001B[K'

/** See the head of this file. */
export class ProgressBar {
  readonly #startedMs = performance.now()
  readonly #isShown = process.stderr.isTTY === true
  #drawnMs = Number.NEGATIVE_INFINITY
  #isDrawn = false

  /** Draws it, unless it was drawn right before. */
  draw({ doneBytes, totalBytes, events }: Progress): void {
    const nowMs = performance.now()
    if (!this.#isShown || nowMs - this.#drawnMs < REDRAW_MS) return
    this.#drawnMs = nowMs
    this.#isDrawn = true
    const rate = Math.round(events / Math.max(0.001, (nowMs - this.#startedMs) / 1000))
    const figures = `${events.toLocaleString('en-US')} events  ${rate.toLocaleString('en-US')}/s`
    const bar = totalBytes === undefined ? '' : `${barOf(doneBytes / Math.max(1, totalBytes))}  `
    // What goes on below could not be wiped, and a terminal without a size says 0.
    process.stderr.write(`${WIPE}${(bar + figures).slice(0, (process.stderr.columns || USUAL_COLUMNS) - 1)}`)
  }

  /** Takes it off the screen; it is drawn again at the next occasion. */
  wipe(): void {
    if (this.#isDrawn) process.stderr.write(WIPE)
    this.#isDrawn = false
  }
}

function barOf(ratio: number): string {
  const share = Math.min(1, ratio)
  const full = Math.floor(share * BAR_LENGTH)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_LENGTH - full)} ${String(Math.floor(share * 100)).padStart(3)} %`
}
