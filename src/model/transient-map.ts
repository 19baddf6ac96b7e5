/**
 * A map for what comes and goes by the thousands a second. V8's own makes its table anew again and again as entries come and go;
 * each table that it leaves keeps what stood in it, and once one has become old all that follow are made among the old as well, so
 * that every entry, and all that it refers to, stays until the next full collection (regression test 112 shows both maps). Here is
 * one table that only changes when their number does, and nothing stays of what was deleted.
 * Used for deliveries that wait or are in flight, for webhooks and accounts that have some, and for requests on their way to the
 * store's thread.
 */
import { randomInt } from 'node:crypto'
import { hashText, mix } from './text-hash.ts'

/** Places of a table at first, and the fewest; always a power of two. */
const LEAST_PLACES = 16

/** See the head of this file. Has no order. */
export class TransientMap<K extends string | number, V> {
  /** Open addressing: an entry stands at the place that its key's hash says, or behind it with no free place in between. */
  #keys: (K | undefined)[] = emptyPlaces(LEAST_PLACES)
  #values: (V | undefined)[] = emptyPlaces(LEAST_PLACES)
  #size = 0
  /** Customers choose the ids of their webhooks: whose table would be slow must not be theirs to choose. */
  readonly #seed = randomInt(2 ** 32)

  get size(): number {
    return this.#size
  }

  has(key: K): boolean {
    return this.#keys[this.#placeOf(key)] !== undefined
  }

  get(key: K): V | undefined {
    return this.#values[this.#placeOf(key)]
  }

  set(key: K, value: V): void {
    let place = this.#placeOf(key)
    if (this.#keys[place] === undefined) {
      this.#size += 1
      if (2 * this.#size > this.#keys.length) {
        this.#resize(2 * this.#keys.length)
        place = this.#placeOf(key)
      }
    }
    this.#keys[place] = key
    this.#values[place] = value
  }

  /** False where there was none. */
  delete(key: K): boolean {
    const place = this.#placeOf(key)
    if (this.#keys[place] === undefined) return false
    this.#size -= 1
    this.#close(place)
    if (this.#keys.length > LEAST_PLACES && 16 * this.#size < this.#keys.length) this.#resize(this.#keys.length / 4)
    return true
  }

  /** All of them, in no order; the map must not change meanwhile. */
  *values(): Iterable<V> {
    for (const [place, key] of this.#keys.entries()) {
      const value = this.#values[place]
      if (key !== undefined && value !== undefined) yield value
    }
  }

  #hashOf(key: string | number): number {
    return typeof key === 'string' ? hashText(this.#seed, key) : mix(this.#seed ^ key)
  }

  /** Where a key is, or the free place where it would be. */
  #placeOf(key: K): number {
    const last = this.#keys.length - 1
    let place = this.#hashOf(key) & last
    for (let other = this.#keys[place]; other !== undefined && other !== key; other = this.#keys[place]) {
      place = (place + 1) & last
    }
    return place
  }

  /** Frees a place, and moves up whatever could not be found behind a free one. */
  #close(free: number): void {
    const last = this.#keys.length - 1
    let hole = free
    for (let place = (hole + 1) & last; ; place = (place + 1) & last) {
      const key = this.#keys[place]
      if (key === undefined) break
      const wanted = this.#hashOf(key) & last
      if (((place - wanted) & last) < ((place - hole) & last)) continue
      this.#keys[hole] = key
      this.#values[hole] = this.#values[place]
      hole = place
    }
    this.#keys[hole] = undefined
    this.#values[hole] = undefined
  }

  #resize(places: number): void {
    const keys = this.#keys
    const values = this.#values
    this.#keys = emptyPlaces(places)
    this.#values = emptyPlaces(places)
    for (const [place, key] of keys.entries()) {
      if (key === undefined) continue
      const to = this.#placeOf(key)
      this.#keys[to] = key
      this.#values[to] = values[place]
    }
    // Nothing may be kept by what is left behind.
    keys.length = 0
    values.length = 0
  }
}

function emptyPlaces(count: number): undefined[] {
  return Array.from({ length: count }, () => undefined)
}
