/** Trace contexts as texts: what is read is what is written, and what is none is not read. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTraceparent, traceContextOf, traceparentOf } from '../../src/tracing/trace-context.ts'

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })

test('a context is read as it was written', () => {
  const contexts = fc.record({ traceId: hex(32), spanId: hex(16), traceFlags: fc.nat({ max: 255 }) })
  fc.assert(
    fc.property(contexts, (context) => {
      fc.pre(/[^0]/.test(context.traceId) && /[^0]/.test(context.spanId))
      expect(traceContextOf(traceparentOf(context))).toEqual(context)
    }),
  )
})

test('flags beyond a byte are cut to it', () => {
  const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0x1ff }
  expect(traceparentOf(context)).toBe(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-ff`)
})

/** W3C Trace Context, 3.2.2, as a pattern. */
const VALID = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

test('whatever stands in any of its places, it is one or it is none', () => {
  const text = `00-${'a'.repeat(32)}-${'0'.repeat(15)}1-01`
  const characters = fc.constantFrom(...'0129afgAF-:/`@ é', '\u0161', '\u{1d7d8}', '')
  fc.assert(
    fc.property(fc.nat({ max: text.length }), characters, (place, character) => {
      const changed = text.slice(0, place) + character + text.slice(place + 1)
      expect({ changed, is: isTraceparent(changed) }).toEqual({ changed, is: VALID.test(changed) })
    }),
    { numRuns: 2000 },
  )
})

test.each([
  '',
  'nothing',
  `00-${'a'.repeat(31)}-${'b'.repeat(16)}-01`,
  `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
  `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`,
  `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  `00-${'a'.repeat(33)}-${'b'.repeat(15)}-01`,
  `00-${'A'.repeat(32)}-${'b'.repeat(16)}-01`,
])('%j is none', (text) => {
  expect(isTraceparent(text)).toBe(false)
  expect(traceContextOf(text)).toBeUndefined()
})
