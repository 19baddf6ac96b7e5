/**
 * Keys of events and ids of invokes: unique, and in the order in which they were made, so that stores keep neighbours together.
 */

/** Values of six hexadecimal digits. */
const HALF = 0x1000000

/** Makes ids such as `018f3c5e7a2b0004c9d1e6f7a8`; owned by one engine, which gives it clock and randomness. */
export class IdSource {
  readonly #randomHex: () => string
  #lastMs = 0
  /** The last time in twelve digits: writing it anew would cost more than the rest of an id. */
  #timeHex = '000000000000'
  #sequence = 0

  /** `randomHex` gives ten hexadecimal digits a call, from a cryptographic source: ids must not be guessable. */
  constructor(randomHex: () => string) {
    this.#randomHex = randomHex
  }

  /** A new id at `nowMs` (milliseconds since the epoch). A clock that steps back never brings ids out of order. */
  next(nowMs: number): string {
    if (nowMs > this.#lastMs) this.#beginAt(nowMs)
    else if (++this.#sequence > 0xffff) this.#beginAt(this.#lastMs + 1)
    return this.#timeHex + this.#sequence.toString(16).padStart(4, '0') + this.#randomHex()
  }

  #beginAt(timeMs: number): void {
    this.#lastMs = timeMs
    this.#timeHex = twelveDigits(timeMs)
    this.#sequence = 0
  }
}

/** Behind every id that an {@link IdSource} made before `timeMs`, and before every one that it made then or later. */
export function lastKeyBefore(timeMs: number): string {
  return (timeMs - 1).toString(16).padStart(12, '0').padEnd(26, 'f')
}

/** In two halves: V8 writes integers of 31 bits several times faster than larger ones. */
function twelveDigits(value: number): string {
  const high = Math.trunc(value / HALF)
  return high.toString(16).padStart(6, '0') + (value - high * HALF).toString(16).padStart(6, '0')
}
