/**
 * How many deliveries of each webhook are pending, as the last transaction left them. Invariant: whoever watches is told of every
 * change, in the turn in which it is known here. Main thread only; owned by the outbox.
 */
import type { PendingWatcher } from '../contract.ts'

/** See the head of this file. */
export class PendingCounts {
  /** Only of webhooks that have some. */
  readonly #counts = new Map<string, number>()
  #onChange: PendingWatcher = () => undefined

  /** See `Outbox.watch`. */
  watch(onChange: PendingWatcher): void {
    this.#onChange = onChange
  }

  of(webhook: string): number {
    return this.#counts.get(webhook) ?? 0
  }

  /** A webhook has so many from now on. */
  put(webhook: string, pending: number): void {
    const change = pending - this.of(webhook)
    if (pending === 0) this.#counts.delete(webhook)
    else this.#counts.set(webhook, pending)
    this.#onChange(webhook, change)
  }

  /** Webhooks that have some, with how many. */
  entries(): MapIterator<[webhook: string, pending: number]> {
    return this.#counts.entries()
  }

  /** The same without the numbers. */
  webhooks(): MapIterator<string> {
    return this.#counts.keys()
  }
}
