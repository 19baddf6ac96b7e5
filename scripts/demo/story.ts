/**
 * Tells calls while they happen: one line for each thing, with the time since the start, whose call it is, and at the end of
 * the line how long the call waited or the delivery took. Long texts go on in the next line under their beginning.
 */
import { padded, paint, rightAligned, type Screen, type Style, wrapped } from './screen.ts'

/** What a line tells of: its mark and how that is painted. */
export type Telling = 'ring' | 'phone' | 'decision' | 'backup' | 'arrived' | 'server'

const MARKS: Readonly<Record<Telling, readonly [mark: string, style: Style]>> = {
  /** Somebody calls. */
  ring: ['☎', 'bold'],
  /** Something happens on the phone. */
  phone: ['·', 'gray'],
  /** The call goes on as a customer's server said. */
  decision: ['→', 'cyan'],
  /** The call takes its backup routing. */
  backup: ['⚠', 'yellow'],
  /** Deliveries have arrived. */
  arrived: ['✓', 'green'],
  /** A server goes or comes. */
  server: ['●', 'magenta'],
}

const TIME_COLUMNS = 6
const LABEL_COLUMNS = 11
const DURATION_COLUMNS = 9
const INDENT = TIME_COLUMNS + LABEL_COLUMNS + 5

/** See the head of this file. */
export class Story {
  readonly #screen: Screen
  readonly #startedAt: number

  constructor(screen: Screen) {
    this.#screen = screen
    this.#startedAt = performance.now()
  }

  /** Tells one thing; `durationMs` stands at the end of the line. */
  tell(label: string, telling: Telling, text: string, durationMs?: number): void {
    const [mark, style] = MARKS[telling]
    const timeS = (performance.now() - this.#startedAt) / 1000
    const columns = this.#screen.columns - INDENT - DURATION_COLUMNS
    const [first = '', ...more] = wrapped(text, columns)
    const time = paint('gray', rightAligned(timeS.toFixed(1), TIME_COLUMNS))
    const name = paint(telling === 'ring' ? 'bold' : 'gray', padded(label, LABEL_COLUMNS))
    const painted = telling === 'phone' ? paint('gray', first) : first
    const lead = `${time}  ${name} ${paint(style, mark)} `
    if (durationMs === undefined) {
      this.#screen.line(lead + painted)
    } else {
      const end = paint('gray', rightAligned(durationText(durationMs), DURATION_COLUMNS))
      this.#screen.line(lead + padded(painted, columns) + end)
    }
    for (const line of more) {
      this.#screen.line(' '.repeat(INDENT) + (telling === 'phone' ? paint('gray', line) : line))
    }
  }
}

/** A duration as people read it: `0.8 ms`, `340 ms`, `1.2 s`. */
export function durationText(durationMs: number): string {
  if (durationMs < 100) return `${durationMs.toFixed(1)} ms`
  return durationMs < 1000 ? `${durationMs.toFixed(0)} ms` : `${(durationMs / 1000).toFixed(1)} s`
}
