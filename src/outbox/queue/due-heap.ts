/**
 * A binary heap of what is due when: the earliest first, push and pop in O(log n). Each item stands beside the time for which it was
 * put in, so that nothing is made for it, and it may have another time by now: whoever takes it out tells by the two.
 */

/** The earliest due first, then by a given order. */
export class DueHeap<T> {
  readonly #items: T[] = []
  readonly #duesMs: number[] = []
  readonly #before: (a: T, b: T) => boolean

  /** `before` orders what is due at the same time; by default its order is of no concern. */
  constructor(before: (a: T, b: T) => boolean = () => false) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  /** The earliest item, left in place. */
  peek(): T | undefined {
    return this.#items[0]
  }

  /** For when the earliest item was put in; undefined where there is none. */
  get dueMs(): number | undefined {
    return this.#duesMs[0]
  }

  push(item: T, dueMs: number): void {
    let index = this.#items.length
    this.#put(index, item, dueMs)
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.#items[parentIndex]
      const parentDueMs = this.#duesMs[parentIndex]
      if (parent === undefined || parentDueMs === undefined) break
      if (dueMs === parentDueMs ? !this.#before(item, parent) : dueMs > parentDueMs) break
      this.#put(index, parent, parentDueMs)
      index = parentIndex
    }
    this.#put(index, item, dueMs)
  }

  /** Removes the earliest item. */
  pop(): T | undefined {
    const items = this.#items
    const duesMs = this.#duesMs
    const top = items[0]
    const last = items.pop()
    const lastDueMs = duesMs.pop()
    if (top === undefined || last === undefined || lastDueMs === undefined || items.length === 0) return top
    let index = 0
    for (;;) {
      let childIndex = 2 * index + 1
      if (childIndex + 1 < items.length && this.#isBefore(childIndex + 1, childIndex)) childIndex += 1
      const child = items[childIndex]
      const childDueMs = duesMs[childIndex]
      if (child === undefined || childDueMs === undefined) break
      if (childDueMs === lastDueMs ? !this.#before(child, last) : childDueMs > lastDueMs) break
      this.#put(index, child, childDueMs)
      index = childIndex
    }
    this.#put(index, last, lastDueMs)
    return top
  }

  #isBefore(index: number, otherIndex: number): boolean {
    const dueMs = this.#duesMs[index] ?? 0
    const otherDueMs = this.#duesMs[otherIndex] ?? 0
    const item = this.#items[index]
    const other = this.#items[otherIndex]
    if (dueMs !== otherDueMs || item === undefined || other === undefined) return dueMs < otherDueMs
    return this.#before(item, other)
  }

  #put(index: number, item: T, dueMs: number): void {
    this.#items[index] = item
    this.#duesMs[index] = dueMs
  }
}
