/**
 * A binary heap: the smallest item first, push and pop in O(log n). Used for what is due when.
 */

/** Items ordered by `before`, which must be a strict order and must not change for an item while it is in the heap. */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #before: (a: T, b: T) => boolean

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  /** The smallest item, left in place. */
  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    let index = items.length
    items.push(item)
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = items[parentIndex]
      if (parent === undefined || !this.#before(item, parent)) break
      items[index] = parent
      index = parentIndex
    }
    items[index] = item
  }

  /** Removes the smallest item. */
  pop(): T | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined || items.length === 0) return top
    let index = 0
    for (;;) {
      let childIndex = 2 * index + 1
      let child = items[childIndex]
      if (child === undefined) break
      const right = items[childIndex + 1]
      if (right !== undefined && this.#before(right, child)) {
        child = right
        childIndex += 1
      }
      if (!this.#before(child, last)) break
      items[index] = child
      index = childIndex
    }
    items[index] = last
    return top
  }
}
