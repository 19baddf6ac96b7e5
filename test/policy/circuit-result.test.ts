/** What counts against an endpoint: silence, broken connections and 5xx; not what its owner answers otherwise. */
import { describe, expect, test } from 'vitest'
import { REASONS, type Reason } from '../../src/model/decision.ts'
import { type CircuitResult, circuitResult } from '../../src/policy/circuit-result.ts'

const CASES: readonly (readonly [reason: Reason | '', status: number, result: CircuitResult])[] = [
  ['', 200, 'success'],
  // A webhook that takes any answer for success has heard from its endpoint.
  ['', 503, 'success'],
  ['status', 301, 'success'],
  ['status', 404, 'success'],
  ['status', 410, 'success'],
  ['status', 429, 'success'],
  ['status', 499, 'success'],
  ['status', 500, 'failure'],
  ['status', 503, 'failure'],
  ['status', 599, 'failure'],
  ['connect-timeout', 0, 'failure'],
  ['response-timeout', 0, 'failure'],
  ['response-timeout', 200, 'failure'],
  ['connection', 0, 'failure'],
  ['connection', 200, 'failure'],
  ['tls', 0, 'failure'],
  ['dns', 0, 'failure'],
  ['invalid-response', 200, 'success'],
  ['invalid-response', 500, 'failure'],
  ['response-too-large', 200, 'success'],
  ['response-too-large', 502, 'failure'],
  ['address-refused', 0, 'neutral'],
  ['circuit-open', 0, 'neutral'],
  ['inactive', 0, 'neutral'],
  ['overloaded', 0, 'neutral'],
  ['invalid-request', 0, 'neutral'],
  ['cancelled', 0, 'neutral'],
  ['internal', 0, 'neutral'],
]

describe('circuitResult', () => {
  test.each(CASES)('%j with status %i is a %s', (reason, status, result) => {
    expect(circuitResult(reason, status)).toBe(result)
  })

  test('the table has a case for every reason', () => {
    expect(new Set(CASES.map(([reason]) => reason))).toEqual(new Set(['', ...REASONS]))
  })
})
