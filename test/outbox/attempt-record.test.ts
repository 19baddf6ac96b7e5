/** Attempts as they are kept: what is read is what was written, and programs that know fewer phases read them too. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PhaseName } from '../../src/model/attempt.ts'
import type { AttemptRecord } from '../../src/model/delivery.ts'
import { decodeAttempt, encodeAttempt } from '../../src/outbox/embedded/records/attempt-record.ts'
import { ByteWriter } from '../../src/outbox/embedded/records/bytes.ts'

/** Kept to the last bit. */
const WIRE_PHASES: readonly PhaseName[] = ['waitingMs', 'dnsMs', 'connectMs', 'tlsMs', 'firstByteMs', 'bodyMs']
/** Kept to the microsecond, behind everything else. */
const FIRST_PHASES: readonly PhaseName[] = ['queueMs', 'renderMs']

const ATTEMPT: AttemptRecord = {
  attempt: 1,
  startedAtMs: 1_700_000_000_000,
  durationMs: 12.5,
  result: 'failure',
  status: 500,
  reason: 'status',
  detail: 'the server answered 500',
  excerpt: 'out of order',
  phases: {},
}

function encoded(record: AttemptRecord): Uint8Array {
  const writer = new ByteWriter()
  encodeAttempt(writer, record)
  return writer.copy()
}

test('any phases are read as they were written', () => {
  const wire = WIRE_PHASES.map((name) => [name, fc.double({ min: 0, max: 60_000, noNaN: true })] as const)
  const first = FIRST_PHASES.map((name) => [name, fc.nat({ max: 10_000_000 }).map((us) => us / 1000)] as const)
  const anyPhases = fc.record(Object.fromEntries([...wire, ...first]), { requiredKeys: [] })
  fc.assert(
    fc.property(anyPhases, (phases) => {
      expect(decodeAttempt(encoded({ ...ATTEMPT, phases }))).toEqual({ ...ATTEMPT, phases })
    }),
  )
})

test.each([
  ['the longest queue that is kept as it is', 4_294_967.294, 4_294_967.294],
  ['a longer one, as the longest', 4_294_967.295, 4_294_967.294],
  ['none at all', 0, 0],
])('a delivery shows %s', (_, queueMs, kept) => {
  expect(decodeAttempt(encoded({ ...ATTEMPT, phases: { queueMs } })).phases).toEqual({ queueMs: kept })
})

test('what is new stands behind what was there before, so that each program reads the other’s', () => {
  const phases = { waitingMs: 0.5, firstByteMs: 11 }
  const with2 = encoded({ ...ATTEMPT, phases: { ...phases, queueMs: 1, renderMs: 0.05 } })
  const without = encoded({ ...ATTEMPT, phases })
  const before = without.subarray(0, without.length - FIRST_PHASES.length)
  expect(with2.subarray(0, before.length)).toEqual(before)
  expect(decodeAttempt(before)).toEqual({ ...ATTEMPT, phases })
})
