/**
 * Texts that are kept for long and read rarely, as bytes outside of V8's heap: the collector, which would copy each of them
 * twice and look at it again and again, never sees them. Invariant: texts are dropped in the order in which they were put
 * in, and what is erased can be read nowhere any more. Used by the decisions that are kept for an hour.
 */

/** Bytes taken from the system at a time; a longer text has room of its own. */
const CHUNK_BYTES = 1_048_576

/** Of UTF-8, for a unit of UTF-16. */
const MOST_BYTES_A_UNIT = 3

/** Where a text lies. */
export interface TextPlace {
  readonly chunk: number
  readonly start: number
  readonly end: number
}

/** See the head of this file. */
export class TextRoom {
  readonly #chunks = new Map<number, Buffer>()
  #newest = -1
  #room = Buffer.alloc(0)
  #end = 0

  /** Bytes taken from the system. */
  get bytes(): number {
    let bytes = 0
    for (const chunk of this.#chunks.values()) bytes += chunk.length
    return bytes
  }

  /** Puts a text behind all others, in parts: those of one that is large need not be joined first. Lone surrogates become U+FFFD. */
  put(...parts: readonly string[]): TextPlace {
    this.#makeRoom(parts)
    const start = this.#end
    for (const part of parts) this.#end += this.#room.write(part, this.#end)
    return { chunk: this.#newest, start, end: this.#end }
  }

  /** A text that was neither erased nor dropped; else what has become of its place. */
  read({ chunk, start, end }: TextPlace): string {
    return this.#chunks.get(chunk)?.toString('utf8', start, end) ?? ''
  }

  /** Overwrites a text; its room comes back when those before it are dropped. */
  erase({ chunk, start, end }: TextPlace): void {
    this.#chunks.get(chunk)?.fill(0, start, end)
  }

  /** Gives back the room of all that was put in before `place`, or of all where it is undefined. */
  dropBefore(place: TextPlace | undefined): void {
    const first = place?.chunk ?? this.#newest + 1
    for (const chunk of this.#chunks.keys()) {
      if (chunk >= first) return
      this.#chunks.delete(chunk)
    }
    if (place !== undefined) return
    this.#room = Buffer.alloc(0)
    this.#end = 0
  }

  #makeRoom(parts: readonly string[]): void {
    const room = this.#room.length - this.#end
    let units = 0
    for (const part of parts) units += part.length
    // Counting them takes as long as writing them.
    if (units * MOST_BYTES_A_UNIT <= room) return
    const bytes = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0)
    if (bytes > room) this.#open(bytes)
  }

  #open(leastBytes: number): void {
    this.#newest += 1
    this.#room = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, leastBytes))
    this.#end = 0
    this.#chunks.set(this.#newest, this.#room)
  }
}
