/**
 * How late timers of the main thread are: what every call, answer and delivery there had to wait when its turn came. Counted
 * as a histogram, so that quantiles of any window can be made of it, by any number of readers. One for each process is
 * enough; owned by whoever owns the metrics, and ended with them.
 */

/** Between two looks: fifty a second take about 0.02 % of a core. */
const INTERVAL_MS = 20

/** See the head of this file. Does not keep the process alive. */
export class LoopDelay implements Disposable {
  readonly #record: (delayMs: number) => void
  #timer: NodeJS.Timeout
  #plannedAtMs: number

  /** `record` gets each delay in milliseconds, 0 or more; Node.js rounds timers up to whole ones, so up to 1 is none. */
  constructor(record: (delayMs: number) => void) {
    this.#record = record
    this.#plannedAtMs = performance.now() + INTERVAL_MS
    this.#timer = this.#plan()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #plan(): NodeJS.Timeout {
    return setTimeout(() => this.#look(), INTERVAL_MS).unref()
  }

  #look(): void {
    const nowMs = performance.now()
    this.#record(Math.max(0, nowMs - this.#plannedAtMs))
    this.#plannedAtMs = nowMs + INTERVAL_MS
    this.#timer = this.#plan()
  }
}
