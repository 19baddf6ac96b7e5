/**
 * Randomness from the operating system, drawn in blocks: ids and spans must not be guessable, and one system call for each
 * would cost more than the rest of a delivery.
 */
import { randomFillSync } from 'node:crypto'

/** Bytes drawn at a time. */
const BLOCK_BYTES = 8192

/** A source of random hexadecimal digits; each engine owns one. */
export class RandomHex {
  #digits = ''
  #used = 0

  /** `count` digits, at most 64. */
  next(count: number): string {
    if (this.#used + count > this.#digits.length) {
      this.#digits = randomFillSync(Buffer.allocUnsafe(BLOCK_BYTES)).toString('hex')
      this.#used = 0
    }
    const digits = this.#digits.slice(this.#used, this.#used + count)
    this.#used += count
    return digits
  }
}
