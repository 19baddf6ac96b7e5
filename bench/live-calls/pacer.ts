/**
 * The clock of an open loop: tells its owner when each call is due, to some hundredths of a millisecond. A timer of the loop is up
 * to a millisecond late, and a loop that looks at the clock all the time takes a core, of which the machine may have two. So a
 * thread of its own sleeps until each is due. Owned by the calling process.
 */
import { Worker } from 'node:worker_threads'
import type { Pace } from './pace.ts'

/** See the head of this file. */
export class Pacer {
  readonly #thread = new Worker(new URL('./pacer-thread.ts', import.meta.url))
  #onDue: () => void = () => undefined

  constructor() {
    this.#thread.on('message', () => this.#onDue())
    this.#thread.on('error', (error) => {
      throw error
    })
    this.#thread.unref()
  }

  /** Calls `onDue` when each is due, or later and then perhaps less often: look at the clock for how many are. One pace at a time. */
  run(pace: Pace, onDue: () => void): void {
    this.#onDue = onDue
    this.#thread.postMessage(pace)
  }
}
