/**
 * A decision that was erased was no longer counted, but its bytes stayed where they were until all before it had left: whoever
 * erased each call at its end had an hour of them in memory, whatever the limit.
 */
import { expect, test } from 'vitest'
import { KeptDecisions } from '../../src/engine/calls/decisions.ts'
import { collectGarbage } from '../setup/collect-garbage.ts'
import { madeDecision } from './made-decision.ts'

const MIB = 1_048_576

/** What is collected is given back by a thread of its own, which the next collection waits for. */
function bufferBytes(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

test('decisions take no more room than they may, whether they are erased or not', () => {
  const kept = new KeptDecisions(2 * MIB)
  const before = bufferBytes()
  kept.take(madeDecision('kept', 'kept'))
  for (let call = 0; call < 1000; call += 1) {
    kept.take(madeDecision(`d${call}`, `call-${call}`, { ani: 'x'.repeat(32_768) }))
    kept.forget('default', `call-${call}`)
  }
  expect(bufferBytes() - before).toBeLessThan(6 * MIB)
  kept.take(madeDecision('last', 'last'))
  expect(kept.of('default', 'last', 0)).toHaveLength(1)
})
