/**
 * How late this process was, by itself: a timer that asks to be called every few milliseconds adds up by how much it was
 * called too late. A test of a time limit adds that to the latest moment that it allows, so that it is strict on a machine
 * that has time and never fails on one that has none. Used by tests of limits over real sockets.
 */

const EVERY_MS = 5

/** Watches from here to the end of its block. */
export class Lateness implements Disposable {
  #sumMs = 0
  #expectedAt = performance.now() + EVERY_MS
  #timer = setTimeout(() => this.#tick(), EVERY_MS)

  /** Milliseconds by which its timer was late since the beginning, all together. */
  get ms(): number {
    return this.#sumMs + this.#overdueMs()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #tick(): void {
    this.#sumMs += this.#overdueMs()
    this.#expectedAt = performance.now() + EVERY_MS
    this.#timer = setTimeout(() => this.#tick(), EVERY_MS)
  }

  #overdueMs(): number {
    return Math.max(0, performance.now() - this.#expectedAt)
  }
}
