/**
 * A list whose members hold their own places, so that one leaves it at once wherever it stands, nothing is copied or made anew as
 * it grows, and nothing is left where one was. A member is in one list at a time. Used by the outbox in
 * memory, for whose turn it is, and for the contexts of calls.
 */

/** What can stand in a list; both belong to the list alone. */
export interface Linked<T> {
  previous: T | undefined
  next: T | undefined
}

/** See the head of this file. Every call but the walk takes the same time, however long the list. */
export class LinkedList<T extends Linked<T>> {
  #first: T | undefined
  #last: T | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get first(): T | undefined {
    return this.#first
  }

  get last(): T | undefined {
    return this.#last
  }

  /** Puts `item`, which must be in no list, behind all others. */
  push(item: T): void {
    const last = this.#last
    item.previous = last
    item.next = undefined
    if (last === undefined) this.#first = item
    else last.next = item
    this.#last = item
    this.#size += 1
  }

  /** Takes out `item`, which must be in this list. */
  remove(item: T): void {
    const { previous, next } = item
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    item.previous = undefined
    item.next = undefined
    this.#size -= 1
  }

  /** From the first to the last; what a walk has given may be taken out before it goes on. */
  *[Symbol.iterator](): Iterator<T> {
    let item = this.#first
    while (item !== undefined) {
      const { next } = item
      yield item
      item = next
    }
  }
}
