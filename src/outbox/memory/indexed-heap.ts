/**
 * A binary heap whose members hold their own places, so that any of them leaves it or moves in it in O(log n), and nothing stays
 * of one that has left. A member is in one heap at a time. Used by `memory-pending.ts` for what waits.
 */

/** What can stand in a heap. */
export interface Indexed {
  /** Its place; -1: it is in none. Belongs to the heap alone. */
  heapIndex: number
}

/** The first by a given order first. */
export class IndexedHeap<T extends Indexed> {
  readonly #items: T[] = []
  readonly #before: (a: T, b: T) => boolean

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  /** Adds `item`, which must be in no heap. */
  add(item: T): void {
    this.#rise(this.#items.length, item)
  }

  /** Takes out `item`, which must be in this heap. */
  remove(item: T): void {
    const last = this.#items.pop()
    const index = item.heapIndex
    item.heapIndex = -1
    if (last !== undefined && last !== item) this.#place(index, last)
  }

  /** The order of `item`, which must be in this heap, is another now. */
  moved(item: T): void {
    this.#place(item.heapIndex, item)
  }

  /** Puts `item` where it belongs, from the free place `index` on. */
  #place(index: number, item: T): void {
    const parent = this.#items[(index - 1) >> 1]
    if (index > 0 && parent !== undefined && this.#before(item, parent)) this.#rise(index, item)
    else this.#sink(index, item)
  }

  #rise(from: number, item: T): void {
    let index = from
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.#items[parentIndex]
      if (parent === undefined || !this.#before(item, parent)) break
      this.#set(index, parent)
      index = parentIndex
    }
    this.#set(index, item)
  }

  #sink(from: number, item: T): void {
    let index = from
    for (;;) {
      const left = this.#items[2 * index + 1]
      const right = this.#items[2 * index + 2]
      const child = left !== undefined && right !== undefined && this.#before(right, left) ? right : left
      if (child === undefined || !this.#before(child, item)) break
      const childIndex = child.heapIndex
      this.#set(index, child)
      index = childIndex
    }
    this.#set(index, item)
  }

  #set(index: number, item: T): void {
    this.#items[index] = item
    item.heapIndex = index
  }
}
