/**
 * The order of fingerprints by their first bits, in two passes over them: some milliseconds for a quarter of a million, during
 * which the store's thread does nothing else; a sort took ten times as long. Used by `late-events.ts`.
 */

/** Bits that a pass looks at: as many counts as a processor's nearest cache has room for. */
const PASS_BITS = 11
const COUNTS = 2 ** PASS_BITS

/** In which order the fingerprints are that begin with `bits`, of 32 bits each; by the first 22, enough for millions of pages. */
export function orderOf(bits: Uint32Array): Uint32Array {
  const byLower = pass(bits, indexes(bits.length), 32 - 2 * PASS_BITS)
  return pass(bits, byLower, 32 - PASS_BITS)
}

/** `order` by some of the bits; those that have the same stay in order. */
function pass(bits: Uint32Array, order: Uint32Array, shift: number): Uint32Array {
  const ends = new Uint32Array(COUNTS)
  for (const each of bits) ends[digit(each, shift)] = (ends[digit(each, shift)] ?? 0) + 1
  for (let value = 1; value < COUNTS; value += 1) ends[value] = (ends[value] ?? 0) + (ends[value - 1] ?? 0)
  const ordered = new Uint32Array(order.length)
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const index = order[at] ?? 0
    const value = digit(bits[index] ?? 0, shift)
    const end = (ends[value] ?? 0) - 1
    ends[value] = end
    ordered[end] = index
  }
  return ordered
}

function digit(bits: number, shift: number): number {
  return (bits >>> shift) & (COUNTS - 1)
}

function indexes(length: number): Uint32Array {
  const all = new Uint32Array(length)
  for (let index = 0; index < length; index += 1) all[index] = index
  return all
}
