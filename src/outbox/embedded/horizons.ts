/**
 * When windows need what lies behind their horizons: a window is noted once for a time, however often it is noted. Used by
 * `due-view.ts`, which alone knows whether a note still counts.
 */
import { DueHeap } from '../queue/due-heap.ts'

/** What can be noted. */
export interface Noted {
  /** The time that it was noted for last and is still noted for; belongs to {@link Horizons}. */
  notedMs: number | undefined
}

/** See the head of this file. */
export class Horizons<T extends Noted> {
  readonly #heap = new DueHeap<T>()
  readonly #isCurrent: (window: T, dueMs: number) => boolean

  /** Notes for which `isCurrent` is false are dropped. */
  constructor(isCurrent: (window: T, dueMs: number) => boolean) {
    this.#isCurrent = isCurrent
  }

  note(window: T, dueMs: number): void {
    if (window.notedMs === dueMs) return
    window.notedMs = dueMs
    this.#heap.push(window, dueMs)
  }

  /** The earliest time that counts. */
  nextMs(): number | undefined {
    for (;;) {
      const window = this.#heap.peek()
      const dueMs = this.#heap.dueMs
      if (window === undefined || dueMs === undefined) return undefined
      if (this.#isCurrent(window, dueMs)) return dueMs
      this.pop()
    }
  }

  /** Takes out the window with the earliest time. */
  pop(): T | undefined {
    const dueMs = this.#heap.dueMs
    const window = this.#heap.pop()
    if (window !== undefined && window.notedMs === dueMs) window.notedMs = undefined
    return window
  }
}
