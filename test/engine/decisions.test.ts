/** Decisions that are kept for an hour: how long, how many, and what an erasure leaves of them. */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { KeptDecisions, type MadeDecision } from '../../src/engine/calls/decisions.ts'
import { PlannedWebhook } from '../../src/engine/plan/plan.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import { backup } from '../../src/model/decision.ts'
import { webhook } from './webhooks.ts'

const HOUR_MS = 3_600_000
const PLANNED = new PlannedWebhook(webhook('ask'), 1, new Set(), {
  rules: new Map(),
  metricsRowOf: () => 0,
  engineVersion: '1.2.3',
})

function made(
  id: string,
  subject: string,
  changes: { readonly atMs?: number; readonly ani?: string } = {},
): MadeDecision {
  const { atMs = 0, ani = '' } = changes
  const event = { id, hasOwnId: true, source: '/', type: 'call.ivr', subject, account: 'default', time: '' }
  return {
    ...{
      id,
      planned: PLANNED,
      context: {},
      traceparent: '',
      startedAtMs: atMs,
      durationMs: 1,
      attempt: undefined,
      tries: [],
    },
    event: { ...event, traceparent: '', data: { ani } },
    decision: backup('status', 'status 500'),
  }
}

function idsOf(kept: KeptDecisions, subject: string, nowMs = 0): readonly string[] {
  return kept.of('default', subject, nowMs).map(({ id }) => id)
}

describe('decisions', () => {
  test('of a call are told at once, the newest first, and those of no call not at all', () => {
    const kept = new KeptDecisions()
    for (const decision of [made('a', 'call-1'), made('b', 'call-2'), made('c', 'call-1'), made('d', '')]) {
      kept.take(decision)
    }
    expect(idsOf(kept, 'call-1')).toEqual(['c', 'a'])
    expect(idsOf(kept, '')).toEqual([])
    expect(kept.of('other', 'call-1', 0)).toEqual([])
  })

  test('of all calls are told the newest first, for an hour, without what was erased', () => {
    const kept = new KeptDecisions()
    kept.take(made('a', 'call-1', { atMs: 0 }))
    kept.take(made('b', 'call-2', { atMs: 1 }))
    kept.take(made('c', 'call-3', { atMs: 2 }))
    const latest = (nowMs: number) => [...kept.latest(nowMs)].map(({ id }) => id)
    expect(latest(HOUR_MS - 1)).toEqual(['c', 'b', 'a'])
    expect(latest(HOUR_MS)).toEqual(['c', 'b'])
    kept.forget('default', 'call-2')
    expect(latest(HOUR_MS)).toEqual(['c'])
  })

  test('are written in a later turn of the loop, not in the call’s, and no more than 32 in one', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const kept = new KeptDecisions()
    let written = 0
    const decision = made('a', 'call-1')
    const data = Object.defineProperty({}, 'ani', {
      enumerable: true,
      get: () => {
        written += 1
        return ''
      },
    })
    for (let count = 0; count < 33; count += 1) kept.take({ ...decision, event: { ...decision.event, data } })
    vi.advanceTimersByTime(24)
    expect(written).toBe(0)
    vi.advanceTimersByTime(1)
    expect(written).toBe(32)
    await new Promise(setImmediate)
    expect(written).toBe(33)
  })

  test('keep the data points as their sender wrote them, on several lines too', () => {
    const kept = new KeptDecisions()
    const decision = made('a', 'call-1')
    const dataText = '{\n  "ani":\n  "1"\n}'
    kept.take({ ...decision, event: { ...decision.event, data: { ani: '1' }, dataText } })
    expect(kept.of('default', 'call-1', 0)).toMatchObject([{ payload: dataText, context: '{}' }])
  })

  test('are kept for an hour', () => {
    const kept = new KeptDecisions()
    kept.take(made('a', 'call-1'))
    expect(idsOf(kept, 'call-1', HOUR_MS - 1)).toEqual(['a'])
    expect(idsOf(kept, 'call-1', HOUR_MS)).toEqual([])
  })

  test('leave, the oldest first, where they are more than there is room for', () => {
    const kept = new KeptDecisions(60_000)
    for (let index = 0; index < 1000; index += 1) kept.take(made(`d${index}`, `call-${index % 3}`))
    const left = [0, 1, 2].flatMap((call) => idsOf(kept, `call-${call}`)).map((id) => Number(id.slice(1)))
    expect(left.length).toBeGreaterThan(60)
    expect(left.length).toBeLessThan(120)
    expect(left.sort((a, b) => a - b)).toEqual(left.map((_, index) => 1000 - left.length + index))
  })

  test('come without data where that is larger than 64 KiB', () => {
    const kept = new KeptDecisions()
    const room = 65_536 - '{"ani":""}'.length - '{}'.length
    kept.take(made('a', 'call-1', { ani: 'x'.repeat(room) }))
    kept.take(made('b', 'call-1', { ani: 'x'.repeat(room + 1) }))
    expect(kept.of('default', 'call-1', 0).map(({ payload }) => payload.length)).toEqual([0, 65_534])
  })

  test('are forgotten by call and by what they hold', () => {
    const kept = new KeptDecisions()
    kept.take(made('a', 'call-1'))
    kept.take(made('b', 'call-2', { ani: 'erase' }))
    kept.take(made('c', 'call-2'))
    kept.forget('default', 'call-1')
    runAtOnce(kept.forgetWhere(({ payload }) => payload.includes('erase')))
    expect(idsOf(kept, 'call-1')).toEqual([])
    expect(idsOf(kept, 'call-2')).toEqual(['c'])
    // What was forgotten no longer takes room, nor stands in the way of what is old.
    kept.take(made('d', 'call-2', { atMs: HOUR_MS }))
    expect(idsOf(kept, 'call-2', HOUR_MS)).toEqual(['d'])
  })
})
