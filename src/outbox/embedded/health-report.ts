/**
 * What the embedded outbox tells of its health, of all that it hears: whether the store's thread can write, whether pages can be
 * read, and whether damaged records were met. Main thread only.
 */
import type { StoreHealth } from './protocol.ts'

/** See the head of this file. */
export class HealthReport {
  #written: StoreHealth = { isWritable: true, detail: '' }
  #readError = ''
  #damaged = 0

  get current(): StoreHealth {
    if (!this.#written.isWritable) return this.#written
    if (this.#readError !== '') return { isWritable: false, detail: this.#readError }
    return this.#damaged === 0 ? this.#written : { isWritable: true, detail: `${this.#damaged} damaged deliveries` }
  }

  /** What the store's thread says. */
  written(health: StoreHealth): void {
    this.#written = health
  }

  /** A page could not be read, and why; empty: one could. */
  read(error: string): void {
    this.#readError = error
  }

  /** So many damaged records were met, and passed over; the latest number that is not 0 is told. */
  met(damaged: number): void {
    if (damaged > 0) this.#damaged = damaged
  }
}
