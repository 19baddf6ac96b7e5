/**
 * Short fingerprints of texts, for keys that are looked up by account, source, id or call. Seeded with numbers of the
 * store, so that nobody outside can make two texts meet; whoever acts on a match compares the texts themselves.
 */

import { mix } from '../../../model/text-hash.ts'

/** Two 32-bit numbers, drawn when a store is created and kept in it. */
export interface HashSeed {
  readonly high: number
  readonly low: number
}

/** 64 bits of `text` as two unsigned 32-bit halves written to `target` at `offset`. */
export function writeHash(target: Uint8Array, offset: number, seed: HashSeed, text: string): void {
  let high = seed.high ^ text.length
  let low = seed.low
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    high = Math.imul(high ^ unit, 2_654_435_761)
    high = (high << 13) | (high >>> 19)
    low = Math.imul(low ^ unit, 1_597_334_677)
    low = (low << 15) | (low >>> 17)
  }
  // Finalisers, crossed, so that every bit of either lane reaches both halves.
  high = mix(high ^ low)
  low = mix(low ^ high)
  writeU32(target, offset, high)
  writeU32(target, offset + 4, low)
}

/** Writes an unsigned number of 32 bits, big-endian. */
export function writeU32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24
  target[offset + 1] = value >>> 16
  target[offset + 2] = value >>> 8
  target[offset + 3] = value
}
