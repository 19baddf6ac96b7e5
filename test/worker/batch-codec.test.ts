/** The border's encoding: whatever is packed comes out again, and what crosses is as few objects as are claimed. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PHASES } from '../../src/metrics/layout.ts'
import type { Outcome, OutcomeResult, Phases } from '../../src/model/attempt.ts'
import { REASONS } from '../../src/model/decision.ts'
import {
  type CrossingDelivery,
  type CrossingOutcome,
  packDeliveries,
  packOutcomes,
  unpackDeliveries,
  unpackOutcomes,
} from '../../src/worker/batch-codec.ts'

/** The shortest text that crosses as it is. */
const LONG = `{"note":"${'x'.repeat(16_384 - '{"note":""}'.length)}"}`

/** Any text, lone surrogates included. */
const anyText = fc.string({ unit: 'binary', maxLength: 40 })

const anyDelivery: fc.Arbitrary<CrossingDelivery> = fc.record({
  slot: fc.nat({ max: 2 ** 32 - 1 }),
  webhook: fc.nat({ max: 100_000 }),
  deliveryId: anyText,
  traceparent: anyText,
  // Few of them, so that neighbours often share one, as the deliveries of an event do.
  payload: fc.constantFrom('', '{}', '{"caller":"Renée"}', '{"city":"東京"}', '\ud800', LONG, LONG.slice(1)),
  context: fc.oneof({ weight: 9, arbitrary: anyText }, { weight: 1, arbitrary: fc.constant(LONG) }),
})

const anyDuration = fc.double({ min: 0, max: 1e7, noNaN: true })

const anyPhases: fc.Arbitrary<Phases> = fc.record(Object.fromEntries(PHASES.map(([, name]) => [name, anyDuration])), {
  requiredKeys: [],
})

const anyOutcome: fc.Arbitrary<CrossingOutcome> = fc.record({
  slot: fc.nat({ max: 2 ** 32 - 1 }),
  outcome: fc.record<Outcome>({
    result: fc.constantFrom<OutcomeResult>('success', 'failure', 'invalid', 'unsettled'),
    startedAtMs: fc.integer({ min: 0, max: 8.64e15 }),
    durationMs: anyDuration,
    status: fc.integer({ min: 0, max: 999 }),
    reason: fc.constantFrom('' as const, ...REASONS),
    detail: anyText,
    retryAfter: anyText,
    bytes: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    excerpt: anyText,
    phases: anyPhases,
  }),
})

/** As it is on the other side of the border. */
function across<T>(packed: T): T {
  return structuredClone(packed)
}

describe('deliveries', () => {
  test('come out as they went in, in their order', () => {
    fc.assert(
      fc.property(fc.array(anyDelivery, { maxLength: 70 }), (deliveries) => {
        expect([...unpackDeliveries(across(packDeliveries(deliveries)))]).toEqual(deliveries)
      }),
    )
  })

  test('that stand side by side carry the payload that they share once', () => {
    const payload = `{"note":"${'x'.repeat(1000)}"}`
    const [first, second, third] = ['a', 'b', 'c'].map((deliveryId, index) => ({
      slot: index,
      webhook: index,
      deliveryId,
      traceparent: '',
      payload: index === 2 ? '{}' : payload,
      context: '',
    }))
    if (first === undefined || second === undefined || third === undefined) throw new Error('there are three')
    expect(packDeliveries([first, second, third]).texts.joined).toHaveLength('{}'.length + payload.length)
    expect(packDeliveries([first, third, second]).texts.joined).toHaveLength('{}'.length + 2 * payload.length)
  })

  test.each([
    ['short enough are joined with others', LONG.slice(1), 2 * LONG.length - 2, []],
    ['long are not written once more', LONG, 0, [LONG, LONG]],
  ])('that are %s', (_how, text, joined, apart) => {
    const delivery = { slot: 1, webhook: 1, deliveryId: 'd1', traceparent: '', payload: text, context: text }
    const packed = packDeliveries([delivery])
    expect(packed.texts.joined).toHaveLength(joined)
    expect(packed.apart).toEqual(apart)
  })
})

describe('outcomes', () => {
  test('come out as they went in, in their order', () => {
    fc.assert(
      fc.property(fc.array(anyOutcome, { maxLength: 70 }), (outcomes) => {
        expect(unpackOutcomes(across(packOutcomes(outcomes)))).toEqual(outcomes)
      }),
    )
  })

  test('tell a phase that took no time from one that did not happen', () => {
    const outcome: Outcome = {
      result: 'failure',
      startedAtMs: 1,
      durationMs: 0,
      status: 0,
      reason: 'connection',
      detail: 'refused',
      retryAfter: '',
      bytes: 0,
      excerpt: '',
      phases: { dnsMs: 0 },
    }
    expect(unpackOutcomes(across(packOutcomes([{ slot: 0, outcome }])))).toStrictEqual([{ slot: 0, outcome }])
  })
})
