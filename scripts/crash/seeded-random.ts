/**
 * Random numbers that a seed repeats. Each part of the experiment draws from a stream of its own, so that what one draws
 * never moves what another gets: the same seed kills at the same moments, however the load happened to run.
 */

/** See the head of this file. */
export class SeededRandom {
  #state: number

  /** `stream` names who draws. */
  constructor(seed: number, stream: string) {
    this.#state = [...stream].reduce((hash, character) => mix(hash ^ character.charCodeAt(0)), mix(seed))
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    return mix(this.#state) / 2 ** 32
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  /** True with this probability. */
  chance(ratio: number): boolean {
    return this.next() < ratio
  }

  /** One of them; undefined where there is none. */
  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.next() * items.length)]
  }
}

/** Spreads the bits of a 32-bit number over all of it (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
