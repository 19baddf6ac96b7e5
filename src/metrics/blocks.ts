/**
 * All threads' blocks, read as one. What a dead thread counted is folded into a base block, so that no count ever falls.
 * Main thread only. Read while others write: each cell is right by itself, cells read one after the other may be an
 * attempt apart. Used by the scrape and by snapshots.
 */
import { cellsOf, createBlock } from './layout.ts'

/** The sum of all blocks, live and folded. */
export class Blocks {
  readonly #live = new Map<SharedArrayBuffer, Float64Array>()
  /** Never written once it is here: a scrape under way reads it beside the blocks that were folded since. */
  #baseBlock: SharedArrayBuffer = createBlock()
  #base: Float64Array = cellsOf(this.#baseBlock)
  /** The base and all live cells, in an array because a scrape walks it for every cell. */
  #all: readonly Float64Array[] = [this.#base]

  /** @param blocks counted in from the start */
  constructor(blocks: Iterable<SharedArrayBuffer> = []) {
    for (const block of blocks) this.add(block)
  }

  /** All blocks, the base included: in another thread they make the same sums. */
  get shared(): readonly SharedArrayBuffer[] {
    return [this.#baseBlock, ...this.#live.keys()]
  }

  /** Counts a thread in. Safe to call twice with the same block. */
  add(block: SharedArrayBuffer): void {
    this.#live.set(block, cellsOf(block))
    this.#all = [this.#base, ...this.#live.values()]
  }

  /** Folds the block of a thread that has ended; what is written to it later is lost. Does nothing for an unknown block. */
  fold(block: SharedArrayBuffer): void {
    const cells = this.#live.get(block)
    if (cells === undefined) return
    this.#live.delete(block)
    const nextBlock = createBlock()
    const next = cellsOf(nextBlock)
    for (let at = 0; at < cells.length; at += 1) next[at] = (this.#base[at] ?? 0) + (cells[at] ?? 0)
    this.#baseBlock = nextBlock
    this.#base = next
    this.#all = [this.#base, ...this.#live.values()]
  }

  /** The sum of one cell. */
  total(at: number): number {
    let sum = 0
    for (const cells of this.#all) sum += cells[at] ?? 0
    return sum
  }

  /** The sums of `count` cells from `at`. */
  totals(at: number, count: number): readonly number[] {
    const sums: number[] = []
    for (let index = 0; index < count; index += 1) sums.push(this.total(at + index))
    return sums
  }
}
