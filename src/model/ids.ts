/**
 * Keys of events and ids of invokes: unique, and in the order in which they were made, so that stores keep neighbours together.
 */

/** Makes ids such as `018f3c5e7a2b0004c9d1e6f7a8`; owned by one engine, which gives it clock and randomness. */
export class IdSource {
  readonly #randomHex: () => string
  #lastMs = 0
  #sequence = 0

  /** `randomHex` gives ten hexadecimal digits a call, from a cryptographic source: ids must not be guessable. */
  constructor(randomHex: () => string) {
    this.#randomHex = randomHex
  }

  /** A new id at `nowMs` (milliseconds since the epoch). A clock that steps back never brings ids out of order. */
  next(nowMs: number): string {
    if (nowMs > this.#lastMs) {
      this.#lastMs = nowMs
      this.#sequence = 0
    } else if (++this.#sequence > 0xffff) {
      this.#lastMs += 1
      this.#sequence = 0
    }
    const time = this.#lastMs.toString(16).padStart(12, '0')
    return time + this.#sequence.toString(16).padStart(4, '0') + this.#randomHex()
  }
}

/** Behind every id that an {@link IdSource} made before `timeMs`, and before every one that it made then or later. */
export function lastKeyBefore(timeMs: number): string {
  return (timeMs - 1).toString(16).padStart(12, '0').padEnd(26, 'f')
}
