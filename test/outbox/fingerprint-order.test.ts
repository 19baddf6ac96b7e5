/** Fingerprints come in the order of their first 22 bits, whatever they are and however many. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderOf } from '../../src/outbox/embedded/thread/fingerprint-order.ts'

/** Close to each other, far apart, and at both ends. */
const BITS = fc.oneof(
  fc.nat(0xffff_ffff),
  fc.nat(0xfff),
  fc.constantFrom(0, 0x3ff, 0x400, 0x1f_ffff, 0x20_0000, 0xffff_ffff),
)

test('fingerprints are in the order of their first 22 bits, and those with the same ones stay in order', () => {
  fc.assert(
    fc.property(fc.array(BITS, { maxLength: 200 }), (bits) => {
      const expected = [...bits.keys()].sort((a, b) => ((bits[a] ?? 0) >>> 10) - ((bits[b] ?? 0) >>> 10))
      expect([...orderOf(Uint32Array.from(bits))]).toEqual(expected)
    }),
  )
})
