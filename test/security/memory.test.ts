/**
 * What calls leave in memory is bounded in bytes, whatever customers' servers answer: decisions are kept for an hour, and under attack
 * memory rises until they have the room that they may have. Here they have it at once, and then it must stay as it is.
 */
import { expect, test } from 'vitest'
import { KeptDecisions, type MadeDecision } from '../../src/engine/calls/decisions.ts'
import { PlannedWebhook } from '../../src/engine/plan/plan.ts'
import { backup } from '../../src/model/decision.ts'
import { webhook } from '../engine/webhooks.ts'
import { collectGarbage } from '../setup/collect-garbage.ts'

const MIB = 1_048_576
const ROOM_BYTES = 3 * MIB
/** Far more than there is room for. */
const CALLS = 4000

const PLANNED = new PlannedWebhook(webhook('ask'), 1, new Set(), {
  rules: new Map(),
  metricsRowOf: () => 0,
  engineVersion: '1.2.3',
})

/** An invoke as it ends, with all of the answer still in hand. */
function made(number: number, body: Uint8Array, note: string): MadeDecision {
  const subject = `call-${number}`
  const event = { id: `e${number}`, hasOwnId: true, source: '/', type: 'call', subject, account: 'default', time: '' }
  const decision = backup('invalid-response', 'the body is not valid utf-8')
  const exchange = { kind: 'answered', status: 200, contentType: '', retryAfter: '', body, bytes: body.length } as const
  return {
    ...{
      id: `i${number}`,
      planned: PLANNED,
      context: {},
      traceparent: '',
      startedAtMs: 0,
      durationMs: 1,
      attempt: undefined,
      decision,
    },
    event: { ...event, traceparent: '', data: { note } },
    tries: [
      { isFallback: false, startedAtMs: 0, ended: { decision, exchange: { ...exchange, durationMs: 1, phases: {} } } },
    ],
  }
}

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

test.each([
  ['plain text', Buffer.alloc(65_536, 'x'), 'note'],
  ['rubbish, which takes two bytes a character', Buffer.alloc(65_536, 0xff), 'note'],
  ['nothing, with much data', Buffer.alloc(0), 'é💥'.repeat(1000)],
])(
  'decisions on answers of %s take the room that they may have and no more, however many there are',
  (_name, body, note) => {
    const kept = new KeptDecisions(ROOM_BYTES)
    const after = (from: number): number => {
      for (let number = from; number < from + CALLS; number += 1) {
        kept.take(made(number, body, note))
        // Written at once, as the engine's next turns would do.
        if (number % 100 === 0) kept.of('default', 'nobody', 0)
      }
      kept.of('default', 'nobody', 0)
      return heapBytes()
    }
    const empty = heapBytes()
    const full = after(0)
    expect(full - empty).toBeLessThan(1.5 * ROOM_BYTES)
    expect(after(CALLS) - full).toBeLessThan(ROOM_BYTES / 6)
    expect(after(2 * CALLS) - full).toBeLessThan(ROOM_BYTES / 6)
  },
)
