/**
 * Collects the body of one answer. Invariant: holds at most its limit of bytes in at most two pieces, however small the
 * chunks are in which a hostile server drips them (an array of one-byte chunks would cost hundreds of times their size).
 * Used by one exchange.
 */

const NOTHING = new Uint8Array(0)

/** The first bytes of a body, up to a limit. */
export class BodyBuffer {
  readonly #limitBytes: number
  #bytes: Uint8Array = NOTHING
  #length = 0
  /** Whether `#bytes` was allocated here; a single chunk is kept as it came, without a copy. */
  #ownsBytes = false

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** Bytes held. */
  get length(): number {
    return this.#length
  }

  /** Takes what still fits; the rest is dropped. */
  append(chunk: Uint8Array): void {
    const room = this.#limitBytes - this.#length
    if (room <= 0 || chunk.length === 0) return
    if (this.#length === 0) {
      // A copy where only a part is kept: a view would hold the whole chunk in memory.
      this.#bytes = chunk.length <= room ? chunk : chunk.slice(0, room)
      this.#length = this.#bytes.length
      return
    }
    const piece = chunk.length <= room ? chunk : chunk.subarray(0, room)
    this.#reserve(this.#length + piece.length)
    this.#bytes.set(piece, this.#length)
    this.#length += piece.length
  }

  /** What was collected; appending afterwards may change it. */
  bytes(): Uint8Array {
    return this.#bytes.length === this.#length ? this.#bytes : this.#bytes.subarray(0, this.#length)
  }

  #reserve(neededBytes: number): void {
    if (this.#ownsBytes && this.#bytes.length >= neededBytes) return
    const grown = new Uint8Array(Math.min(this.#limitBytes, neededBytes * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
    this.#ownsBytes = true
  }
}
