/**
 * The turns of work that takes a millisecond or more: large bodies, pieces of those in other charsets, and slices of batches. Many
 * of a kind at once are done in as many turns of the loop, so that a live call that comes meanwhile waits for one of them, not for
 * all. Called by the body reader and by whoever decodes bodies or takes batches; one for each kind in the whole ingress.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** The least bytes of a body that takes a turn: JSON of 40 KB with 4,000 members takes a millisecond, and most events are far smaller. */
export const LARGE_BODY_BYTES = 65_536

/** See the head of this file. */
export class LoopTurns {
  #last: Promise<void> = Promise.resolve()

  /** Resolves in a turn of the loop that nobody else gets; in the order of the calls. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => nextTurn())
    return this.#last
  }

  /** Does work that pauses; what comes behind each pause is done in a turn of its own. */
  async drive<Result>(work: Generator<undefined, Result>): Promise<Result> {
    for (;;) {
      const step = work.next()
      if (step.done === true) return step.value
      await this.next()
    }
  }
}
