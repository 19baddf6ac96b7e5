/**
 * Erasing goes through a call's decisions with pauses, and what was due to leave after its hour left the very list that was gone
 * through: the next one moved to a place that had been looked at, and was kept.
 */
import { expect, test } from 'vitest'
import { KeptDecisions } from '../../src/engine/calls/decisions.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import { madeDecision } from './made-decision.ts'

const HOUR_MS = 3_600_000

test('what is to be erased is erased, also where the oldest of its call leaves meanwhile', () => {
  const kept = new KeptDecisions()
  kept.take(madeDecision('another', 'call-1', { atMs: 0 }))
  kept.take(madeDecision('first', 'call-1', { atMs: 1, ani: 'erase' }))
  kept.take(madeDecision('second', 'call-1', { atMs: 2, ani: 'erase' }))
  const erasing = kept.forgetWhere(({ payload }) => payload.includes('erase'))
  erasing.next()
  kept.take(madeDecision('later', 'call-2', { atMs: HOUR_MS }))
  expect(kept.of('default', 'call-2', HOUR_MS)).toHaveLength(1)
  runAtOnce(erasing)
  expect(kept.of('default', 'call-1', HOUR_MS).map(({ id }) => id)).toEqual([])
})
