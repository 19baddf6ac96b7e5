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

test.each([
  '',
  'nothing',
  `00-${'a'.repeat(31)}-${'b'.repeat(16)}-01`,
  `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
  `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`,
  `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
])('%j is none', (text) => {
  expect(isTraceparent(text)).toBe(false)
  expect(traceContextOf(text)).toBeUndefined()
})
