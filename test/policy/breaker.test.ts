/** The circuit: when it opens, what it lets through meanwhile, what closes it; and that no clock can keep it shut. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CircuitPolicy } from '../../src/model/webhook.ts'
import {
  ASKED_WAIT_LIMIT_MS,
  type Circuit,
  closedCircuit,
  hasRecovered,
  nextProbeMs,
  onResult,
  permit,
} from '../../src/policy/breaker.ts'
import type { CircuitResult } from '../../src/policy/circuit-result.ts'

const POLICY: CircuitPolicy = { failures: 6, withinMs: 60_000, probeMs: 1000 }

/** The circuit after failures at these times. */
function failedAt(timesMs: readonly number[], policy = POLICY): Circuit {
  return timesMs.reduce<Circuit>(
    (circuit, timeMs) => onResult(circuit, policy, 'failure', timeMs, 'connection'),
    closedCircuit(0),
  )
}

/** The permit's state taken, as the engine does. */
function taken(circuit: Circuit, policy: CircuitPolicy, nowMs: number): Circuit {
  const answer = permit(circuit, policy, nowMs)
  return answer.kind === 'probe' ? answer.state : circuit
}

const OPEN = failedAt([0, 1, 2, 3, 4, 5])

describe('opening', () => {
  test.each([
    { name: 'five failures', timesMs: [0, 1, 2, 3, 4], kind: 'closed' },
    { name: 'six failures', timesMs: [0, 1, 2, 3, 4, 5], kind: 'open' },
    { name: 'six at the same moment', timesMs: [9, 9, 9, 9, 9, 9], kind: 'open' },
    { name: 'six over exactly 60 s', timesMs: [0, 1, 2, 3, 4, 60_000], kind: 'open' },
    { name: 'six over 1 ms more', timesMs: [0, 1, 2, 3, 4, 60_001], kind: 'closed' },
    {
      name: 'the last six of seven within 60 s',
      timesMs: [0, 30_000, 30_001, 30_002, 30_003, 61_000, 62_000],
      kind: 'open',
    },
    { name: 'one every 13 s', timesMs: [0, 13_000, 26_000, 39_000, 52_000, 65_000, 78_000], kind: 'closed' },
  ])('$name leave it $kind', ({ timesMs, kind }) => {
    expect(failedAt(timesMs).kind).toBe(kind)
  })

  test('a success in between begins a new row', () => {
    const circuit = onResult(failedAt([0, 1, 2, 3, 4]), POLICY, 'success', 5)
    expect(circuit).toEqual(closedCircuit(0))
    expect([6, 7, 8, 9, 10].reduce((state, timeMs) => onResult(state, POLICY, 'failure', timeMs), circuit).kind).toBe(
      'closed',
    )
  })

  test('what says nothing about the endpoint changes nothing', () => {
    const circuit = failedAt([0, 1, 2, 3, 4])
    expect(onResult(circuit, POLICY, 'neutral', 5)).toBe(circuit)
    expect(onResult(OPEN, POLICY, 'neutral', 6)).toBe(OPEN)
  })

  test('a success without failures before makes no new object', () => {
    const circuit = closedCircuit(0)
    expect(onResult(circuit, POLICY, 'success', 5)).toBe(circuit)
  })

  test('an open circuit tells since when and why', () => {
    expect(OPEN).toEqual({ kind: 'open', sinceMs: 5, lastProbeMs: 5, askedWaitMs: 0, reason: 'connection' })
  })

  test('one failure is enough where the policy says so', () => {
    expect(failedAt([7], { ...POLICY, failures: 1 }).kind).toBe('open')
  })

  test('a webhook with a short policy does not cut the row of one with a longer policy', () => {
    const short: CircuitPolicy = { failures: 2, withinMs: 0, probeMs: 1000 }
    const policies = [POLICY, POLICY, POLICY, POLICY, short, POLICY]
    const circuit = policies.reduce<Circuit>(
      (state, policy, index) => onResult(state, policy, 'failure', index * 10),
      closedCircuit(0),
    )
    expect(circuit.kind).toBe('open')
  })

  test.each([{ failures: 100 }, { failures: 250 }])(
    'a policy of $failures failures opens at that many, not before',
    ({ failures }) => {
      const policy = { ...POLICY, failures }
      const timesMs = Array.from({ length: failures }, (_, index) => index)
      expect(failedAt(timesMs.slice(1), policy).kind).toBe('closed')
      expect(failedAt(timesMs, policy).kind).toBe('open')
    },
  )
})

describe('probing', () => {
  test.each([
    { nowMs: 5, kind: 'held' },
    { nowMs: 1004, kind: 'held' },
    { nowMs: 1005, kind: 'probe' },
    { nowMs: 9_000_000, kind: 'probe' },
  ])('opened at 5 ms, with one probe a second, it answers $kind at $nowMs ms', ({ nowMs, kind }) => {
    expect(permit(OPEN, POLICY, nowMs).kind).toBe(kind)
  })

  test('what is held learns when the next probe is due', () => {
    expect(permit(OPEN, POLICY, 6)).toEqual({ kind: 'held', untilMs: 1005 })
    expect(permit(OPEN, { ...POLICY, probeMs: 200 }, 6)).toEqual({ kind: 'held', untilMs: 205 })
  })

  test('a probe under way holds all others until the next one is due, answered or not', () => {
    const probing = taken(OPEN, POLICY, 2000)
    expect(probing).toEqual({ kind: 'half-open', sinceMs: 5, lastProbeMs: 2000, askedWaitMs: 0, reason: 'connection' })
    expect(permit(probing, POLICY, 2999).kind).toBe('held')
    expect(permit(probing, POLICY, 3000).kind).toBe('probe')
  })

  test('a probe that fails leaves it open since the beginning, with the new reason', () => {
    const circuit = onResult(taken(OPEN, POLICY, 2000), POLICY, 'failure', 2500, 'status')
    expect(circuit).toEqual({ kind: 'open', sinceMs: 5, lastProbeMs: 2000, askedWaitMs: 0, reason: 'status' })
  })

  test('a probe that says nothing leaves the next one due in time', () => {
    const probing = taken(OPEN, POLICY, 2000)
    expect(permit(onResult(probing, POLICY, 'neutral', 2500), POLICY, 3000).kind).toBe('probe')
  })

  test('failures of requests sent before it opened do not put off the probe', () => {
    expect(onResult(OPEN, POLICY, 'failure', 900)).toBe(OPEN)
  })

  test.each([
    { name: 'half-open', before: taken(OPEN, POLICY, 2000) },
    { name: 'open', before: OPEN },
  ])('a success closes it when $name, and that is a recovery', ({ before }) => {
    const after = onResult(before, POLICY, 'success', 2500)
    expect(after).toEqual(closedCircuit(2500))
    expect(hasRecovered(before, after)).toBe(true)
    expect(hasRecovered(after, after)).toBe(false)
    expect(hasRecovered(before, before)).toBe(false)
  })
})

describe('a wait that the server asks for', () => {
  const MINUTE_MS = 60_000

  /** When the next probe is due after one at 2 s that failed at 2.5 s with this `Retry-After`. */
  function nextAfter(retryAfterMs: number): number {
    const circuit = onResult(taken(OPEN, POLICY, 2000), POLICY, 'failure', 2500, 'status', retryAfterMs)
    return circuit.kind === 'closed' ? Number.NaN : nextProbeMs(circuit, POLICY)
  }

  test.each([
    { name: 'none', retryAfterMs: 0, dueMs: 3000 },
    { name: 'one that ends before the next probe', retryAfterMs: 499, dueMs: 3000 },
    { name: 'one that ends after it', retryAfterMs: 501, dueMs: 3001 },
    { name: 'a minute', retryAfterMs: MINUTE_MS, dueMs: 62_500 },
    { name: 'as long as it may be', retryAfterMs: ASKED_WAIT_LIMIT_MS - 500, dueMs: 2000 + ASKED_WAIT_LIMIT_MS },
    { name: 'longer than it may be', retryAfterMs: ASKED_WAIT_LIMIT_MS - 499, dueMs: 2000 + ASKED_WAIT_LIMIT_MS },
    { name: 'a day', retryAfterMs: 24 * 60 * MINUTE_MS, dueMs: 2000 + ASKED_WAIT_LIMIT_MS },
  ])('$name: the next probe is due at $dueMs ms', ({ retryAfterMs, dueMs }) => {
    expect(nextAfter(retryAfterMs)).toBe(dueMs)
  })

  test('holds the first probe too, where the failure that opened the circuit asked for it', () => {
    const circuit = onResult(failedAt([0, 1, 2, 3, 4]), POLICY, 'failure', 5, 'status', MINUTE_MS)
    expect(permit(circuit, POLICY, 5 + MINUTE_MS - 1)).toEqual({ kind: 'held', untilMs: 5 + MINUTE_MS })
    expect(permit(circuit, POLICY, 5 + MINUTE_MS).kind).toBe('probe')
  })

  test('is over with the next probe, whatever becomes of it', () => {
    const asked = onResult(taken(OPEN, POLICY, 2000), POLICY, 'failure', 2500, 'status', MINUTE_MS)
    const probing = taken(asked, POLICY, 2500 + MINUTE_MS)
    expect(permit(probing, POLICY, 2500 + MINUTE_MS + POLICY.probeMs).kind).toBe('probe')
  })

  test('does not outlast a clock set back', () => {
    const asked = onResult(taken(OPEN, POLICY, 2000), POLICY, 'failure', 2500, 'status', MINUTE_MS)
    expect(permit(asked, POLICY, 1999).kind).toBe('probe')
  })
})

describe('off', () => {
  test('such a webhook always goes, and only its successes count', () => {
    expect(permit(OPEN, 'off', 6).kind).toBe('go')
    expect(onResult(OPEN, 'off', 'success', 6)).toEqual(closedCircuit(6))
    const closed = failedAt([0, 1, 2, 3, 4])
    expect(onResult(closed, 'off', 'failure', 5)).toBe(closed)
  })
})

describe('a clock set back', () => {
  test('lets a probe through at once, and the next one after the usual time', () => {
    const probing = taken(OPEN, POLICY, -3_600_000)
    expect(probing.kind).toBe('half-open')
    expect(permit(probing, POLICY, -3_600_000 + 999).kind).toBe('held')
    expect(permit(probing, POLICY, -3_600_000 + 1000).kind).toBe('probe')
  })

  test('does not make failures forgotten, nor keeps old ones for good', () => {
    expect(failedAt([3_600_000, 3_600_001, 3_600_002, 3, 4, 5]).kind).toBe('open')
    expect(failedAt([3_600_000, 3_600_001, 3_600_002, 3, 4, 60_004]).kind).toBe('closed')
  })
})

describe('against models', () => {
  const results = fc.constantFrom<CircuitResult>('success', 'failure', 'failure', 'failure', 'neutral')

  test('it opens exactly when the last results that say something are enough failures close together', () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 20_000 }), results), { maxLength: 60 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 7 }), (taps, failures) => {
        const policy = { ...POLICY, failures }
        const row: number[] = []
        let circuit: Circuit = closedCircuit(0)
        let nowMs = 0
        for (const [passedMs, result] of taps) {
          nowMs += passedMs
          circuit = onResult(circuit, policy, result, nowMs)
          if (result === 'success') row.length = 0
          if (result === 'failure') row.push(nowMs)
          const first = row.at(-failures)
          const mustOpen = result === 'failure' && first !== undefined && nowMs - first <= policy.withinMs
          expect(circuit.kind).toBe(mustOpen ? 'open' : 'closed')
          if (mustOpen) break
        }
      }),
    )
  })

  test('whatever the clock does, a request gets through within one probe interval, and never two in one', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: -100_000, max: 3000 }), results), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(steps, (taps) => {
        let circuit: Circuit = OPEN
        let nowMs = 5
        for (const [stepMs, result] of taps) {
          nowMs += stepMs
          const answer = permit(circuit, POLICY, nowMs)
          if (answer.kind === 'probe') {
            expect(permit(answer.state, POLICY, nowMs + POLICY.probeMs - 1).kind).toBe('held')
            circuit = onResult(answer.state, POLICY, result, nowMs)
          }
          if (answer.kind === 'held') {
            expect(answer.untilMs - nowMs).toBeLessThanOrEqual(POLICY.probeMs)
            expect(permit(circuit, POLICY, answer.untilMs).kind).toBe('probe')
          }
        }
      }),
    )
  })
})
