/**
 * The turns of large bodies, whose events take milliseconds to read: many that arrive together are read in as many turns of the
 * loop, so that a live call that comes meanwhile waits for one of them, not for all. Called by the body reader; one for the whole
 * ingress.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** The least bytes that count as large: JSON of 98 KB with 9,990 members takes 4 ms, and most events are far smaller. */
export const LARGE_BODY_BYTES = 65_536

/** See the head of this file. */
export class LargeBodies {
  #last: Promise<void> = Promise.resolve()

  /** Resolves in a turn of the loop that nobody else gets; in the order of the calls. */
  turn(): Promise<void> {
    this.#last = this.#last.then(() => nextTurn())
    return this.#last
  }
}
