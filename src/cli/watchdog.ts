/**
 * Says again and again that the process is alive, while it is: the main thread turns, or the timer here would not run, and what
 * it depends on answers. Invariant: one question at a time, and each answer is told once. Used by the service manager's side.
 */

/** What is told. */
export interface WatchdogListener {
  readonly onAlive: () => void
  /** It was answered with an error, the first time in a row. */
  readonly onFailure: (error: unknown) => void
}

/** See the head of this file. */
export class Watchdog {
  readonly #answers: () => Promise<unknown>
  readonly #listener: WatchdogListener
  readonly #timer: NodeJS.Timeout
  #isAsking = false
  #hasFailed = false
  #isClosed = false

  /** Asks every `everyMs` milliseconds, the first time after that. */
  constructor(everyMs: number, answers: () => Promise<unknown>, listener: WatchdogListener) {
    this.#answers = answers
    this.#listener = listener
    this.#timer = setInterval(() => this.#ask(), everyMs).unref()
  }

  /** Asks no more, and tells nothing of what is asked; safe to call twice. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
  }

  #ask(): void {
    // Questions that pile up would only make a slow store slower.
    if (this.#isAsking) return
    this.#isAsking = true
    this.#answers()
      .then(
        () => {
          this.#hasFailed = false
          if (!this.#isClosed) this.#listener.onAlive()
        },
        (error: unknown) => {
          if (!this.#hasFailed && !this.#isClosed) this.#listener.onFailure(error)
          this.#hasFailed = true
        },
      )
      .finally(() => {
        this.#isAsking = false
      })
  }
}
