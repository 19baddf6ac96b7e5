/**
 * Hashes of texts for tables in memory, and the last step of all hashes here. Seeded, so that nobody outside can choose texts that
 * meet. Used by maps, and by the fingerprints of the store.
 */

/** 32 bits of `text`, unsigned, of which all depend on the seed. */
export function hashText(seed: number, text: string): number {
  let hash = seed ^ text.length
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 2_654_435_761)
    hash = (hash << 13) | (hash >>> 19)
  }
  return mix(hash) >>> 0
}

/** The finaliser of MurmurHash3: every bit of `value` reaches every bit of what comes out. */
export function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 2_246_822_507)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 3_266_489_909)
  return mixed ^ (mixed >>> 16)
}
