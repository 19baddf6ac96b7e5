/**
 * Webhooks as numbers: four bytes in the keys instead of their ids. Given on the main thread, in the order of first use,
 * and written with the first change that needs them; until that is on disk they go with each.
 */

/** See the head of this file. Main thread only. */
export class WebhookNumbers {
  readonly #numbers = new Map<string, number>()
  readonly #ids = new Map<number, string>()
  readonly #unconfirmed = new Set<number>()
  #last = 0

  constructor(stored: Iterable<readonly [number: number, id: string]>) {
    for (const [number, id] of stored) this.#set(number, id)
  }

  /** The number of a webhook, a new one where it has none. */
  numberOf(id: string): number {
    const number = this.#numbers.get(id)
    if (number !== undefined) return number
    this.#set(this.#last + 1, id)
    this.#unconfirmed.add(this.#last)
    return this.#last
  }

  /** The number of a webhook; undefined where it has none. */
  known(id: string): number | undefined {
    return this.#numbers.get(id)
  }

  idOf(number: number): string {
    return this.#ids.get(number) ?? ''
  }

  /** Those of `ids` whose numbers are not known to be on disk. */
  unconfirmed(ids: Iterable<string>): (readonly [number: number, id: string])[] {
    const found: (readonly [number, string])[] = []
    for (const id of ids) {
      const number = this.numberOf(id)
      if (this.#unconfirmed.has(number)) found.push([number, id])
    }
    return found
  }

  /** These are on disk now. */
  confirm(written: Iterable<readonly [number: number, id: string]>): void {
    for (const [number] of written) this.#unconfirmed.delete(number)
  }

  #set(number: number, id: string): void {
    this.#numbers.set(id, number)
    this.#ids.set(number, id)
    this.#last = Math.max(this.#last, number)
  }
}
