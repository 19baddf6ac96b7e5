/**
 * What tells the duplicates of events in the outbox in memory: a digest of account, source and id, which stays when all else of
 * the event is erased, for 24 h, and of a bounded number of events. The digests stand in a ring, the latest in place of the first,
 * in typed arrays: as texts in a map a million of them would be moved by every collection, and by the map whenever it grows.
 */
import { hash, randomBytes } from 'node:crypto'
import type { AcceptedEvent } from '../../model/delivery.ts'
import { DUPLICATE_WINDOW_MS } from '../contract.ts'

/** Events whose duplicates are told: about 56 MB, of which the process has what was used so far. */
export const MOST_SEEN_EVENTS: number = 1_000_000

/** Of SHA-256; its first four tell where to look. */
const DIGEST_BYTES = 32

/** See the head of this file. */
export class SeenEvents {
  /** Part of what is digested, so that nobody outside can choose where an event is looked for. */
  readonly #seed = randomBytes(16).toString('base64')
  readonly #most: number
  /** By place in the ring. */
  readonly #digests: Buffer
  readonly #acceptedAtMs: Float64Array
  /** By some bits of a digest the place of the latest event with them, plus one; 0: there is none. */
  readonly #latest: Uint32Array
  /** By place, the same for the event before it with the same bits; of no meaning where that one's place was taken since. */
  readonly #before: Uint32Array
  #lastPlace = -1
  #size = 0

  /** Beyond `most` the first ones are forgotten before their time. */
  constructor(most: number) {
    this.#most = most
    this.#digests = Buffer.alloc(most * DIGEST_BYTES)
    this.#acceptedAtMs = new Float64Array(most)
    this.#latest = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, most))))
    this.#before = new Uint32Array(most)
  }

  /** What tells an event's duplicates; undefined where it has no id of its own. */
  digestOf({ hasOwnId, account, source, id }: AcceptedEvent): Buffer | undefined {
    return hasOwnId ? hash('sha256', JSON.stringify([this.#seed, account, source, id]), 'buffer') : undefined
  }

  /** Whether one with this digest was added within 24 h before `nowMs`. */
  has(digest: Buffer | undefined, nowMs: number): boolean {
    const place = digest === undefined ? -1 : this.#placeOf(digest)
    return place >= 0 && nowMs - (this.#acceptedAtMs[place] ?? 0) < DUPLICATE_WINDOW_MS
  }

  add(digest: Buffer | undefined, acceptedAtMs: number): void {
    if (digest === undefined) return
    const place = (this.#lastPlace + 1) % this.#most
    const slot = this.#slotOf(digest)
    this.#digests.set(digest, place * DIGEST_BYTES)
    this.#acceptedAtMs[place] = acceptedAtMs
    this.#before[place] = this.#latest[slot] ?? 0
    this.#latest[slot] = place + 1
    this.#lastPlace = place
    this.#size = Math.min(this.#size + 1, this.#most)
  }

  /** The latest place with a digest; -1: there is none. */
  #placeOf(digest: Buffer): number {
    let place = (this.#latest[this.#slotOf(digest)] ?? 0) - 1
    let youngest = -1
    while (place >= 0) {
      const age = (this.#lastPlace - place + this.#most) % this.#most
      // One that is not older than the one after it has the place of another that was forgotten.
      if (age <= youngest || age >= this.#size) return -1
      if (this.#isAt(place, digest)) return place
      youngest = age
      place = (this.#before[place] ?? 0) - 1
    }
    return -1
  }

  #isAt(place: number, digest: Buffer): boolean {
    const at = place * DIGEST_BYTES
    for (let index = 0; index < DIGEST_BYTES; index += 1) if (this.#digests[at + index] !== digest[index]) return false
    return true
  }

  #slotOf(digest: Buffer): number {
    return digest.readUInt32BE() & (this.#latest.length - 1)
  }
}
