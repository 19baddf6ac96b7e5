/** Trace contexts as texts: what is read is what is written, and what is none is not read. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { continuedTraceparent, isTraceparent, traceContextOf, traceparentOf } from '../../src/tracing/trace-context.ts'

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

const IDS = `${'a'.repeat(32)}-${'b'.repeat(16)}`

/** Trace Context, 3.2.4, "Versioning of traceparent". */
test.each([
  ['this version', `00-${IDS}-01`, `00-${IDS}-01`],
  ['this version with all flags, as it came', `00-${IDS}-ff`, `00-${IDS}-ff`],
  ['this version with something behind it', `00-${IDS}-01-x`, undefined],
  ['a later version', `01-${IDS}-01`, `00-${IDS}-01`],
  ['the last version', `fe-${IDS}-00`, `00-${IDS}-00`],
  ['a later version that says more', `cc-${IDS}-01-what-the-future-will-be-like`, `00-${IDS}-01`],
  ['a later version with an empty end', `cc-${IDS}-01-`, `00-${IDS}-01`],
  ['a later version with flags that nobody knows', `01-${IDS}-fe`, `00-${IDS}-00`],
  ['a later version with longer flags', `cc-${IDS}-01.what`, undefined],
  ['a later version cut off', `01-${IDS}-0`, undefined],
  ['a later version with a trace of zeros', `01-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, undefined],
  ['the version that is none', `ff-${IDS}-01`, undefined],
  ['a version in capitals', `0A-${IDS}-01`, undefined],
  ['a version of one digit', `1-${IDS}-01`, undefined],
  ['nothing', '', undefined],
])('%s is continued as far as it is understood: %s', (_, received, continued) => {
  expect(continuedTraceparent(received)).toBe(continued)
})
