/**
 * The order of fingerprints by their first bits, in two passes over them: for a quarter of a million some 15 ms, during which the
 * store's thread does nothing else, where a sort takes twice as long and more. Used by `late-events.ts`.
 */

/** Bits that a pass looks at: as many counts as a processor's nearest cache has room for. */
const PASS_BITS = 11
const COUNTS = 2 ** PASS_BITS
const MASK = COUNTS - 1

/** In which order the fingerprints are that begin with `bits`, of 32 bits each; by the first 22, enough for millions of pages. */
export function orderOf(bits: Uint32Array): Uint32Array {
  const asTheyCame = new Uint32Array(bits.length)
  for (let index = 0; index < bits.length; index += 1) asTheyCame[index] = index
  const byLower = pass(bits, asTheyCame, 32 - 2 * PASS_BITS)
  return pass(bits, byLower, 32 - PASS_BITS)
}

/** `order` by some of the bits; those that have the same stay in order. Plain loops: it runs too rarely to be compiled well. */
function pass(bits: Uint32Array, order: Uint32Array, shift: number): Uint32Array {
  const ends = new Uint32Array(COUNTS)
  for (let index = 0; index < bits.length; index += 1) {
    const digit = ((bits[index] ?? 0) >>> shift) & MASK
    ends[digit] = (ends[digit] ?? 0) + 1
  }
  for (let digit = 1; digit < COUNTS; digit += 1) ends[digit] = (ends[digit] ?? 0) + (ends[digit - 1] ?? 0)
  const ordered = new Uint32Array(order.length)
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const index = order[at] ?? 0
    const digit = ((bits[index] ?? 0) >>> shift) & MASK
    const end = (ends[digit] ?? 0) - 1
    ends[digit] = end
    ordered[end] = index
  }
  return ordered
}
