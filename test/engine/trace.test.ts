/** Trace contexts and ids: continued where they are valid, new where not, and in order. */
import { expect, test } from 'vitest'
import { RandomHex } from '../../src/engine/random.ts'
import { TraceSource } from '../../src/engine/trace.ts'
import { IdSource, lastKeyBefore } from '../../src/model/ids.ts'

const VALID = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

function traces(): TraceSource {
  const hex = new RandomHex()
  return new TraceSource((digits) => hex.next(digits))
}

test('a valid trace context is continued', () => {
  expect(traces().begin(VALID)).toBe(VALID)
})

test.each([
  ['nothing', ''],
  ['another version', `01${VALID.slice(2)}`],
  ['capitals', VALID.toUpperCase()],
  ['a trace of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
  ['a span of zeros', `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`],
  ['more than its length', `${VALID}-x`],
])('a new trace begins in place of %s', (_, received) => {
  const begun = traces().begin(received)
  expect(begun).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  expect(begun).not.toBe(received)
})

test('a span keeps trace and flags and has an id of its own', () => {
  const span = traces().span(VALID)
  expect(span).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/)
  expect(span).not.toBe(VALID)
})

test('ids are never all zeros', () => {
  const zeros = new TraceSource((digits) => '0'.repeat(digits))
  expect(zeros.begin('')).toMatch(/^00-0{31}1-0{15}1-00$/)
})

test('random digits are drawn anew when a block is used up', () => {
  const hex = new RandomHex()
  const seen = new Set(Array.from({ length: 3000 }, () => hex.next(16)))
  expect(seen.size).toBe(3000)
  for (const digits of seen) expect(digits).toMatch(/^[0-9a-f]{16}$/)
})

test.each([
  [0, 5000, 5001],
  [4999, 5000, 5000],
  [5000, 5001, 5001],
])('the last key before a time lies between those made at %i ms and at %i ms', (before, timeMs, after) => {
  const highest = new IdSource(() => 'ffffffffff')
  const lowest = new IdSource(() => '0000000000')
  const last = Array.from({ length: 70 }, () => highest.next(before)).at(-1) ?? ''
  expect(last < lastKeyBefore(timeMs)).toBe(true)
  expect(lastKeyBefore(timeMs) < lowest.next(after)).toBe(true)
})

test('delivery ids are unique and in the order made, whatever the clock does', () => {
  const ids = new IdSource(() => '0123456789')
  const times = [...Array.from({ length: 70_000 }, () => 5000), 4000, 4000, 6000, 1, 6001]
  const made = times.map((time) => ids.next(time))
  expect(new Set(made).size).toBe(made.length)
  expect([...made].sort()).toEqual(made)
})

test.each([
  [1, '000000000001'],
  [0xffffff, '000000ffffff'],
  [0x1000000, '000001000000'],
  [1_774_692_300_123, '019d33e7755b'],
  [0xffff_ffff_ffff, 'ffffffffffff'],
])('an id made at %i ms begins with %s', (timeMs, digits) => {
  const ids = new IdSource(() => '0123456789')
  expect(ids.next(timeMs)).toBe(`${digits}00000123456789`)
})
