/**
 * After the clock was set back, a webhook with a `rate`, and one whose endpoint had just come back online, stood still until
 * the clock had caught up: what was cut off a bucket's debt was forgotten whenever nothing could be taken, and so cut anew,
 * to the same, each time. Live calls of such a webhook were `overloaded` for as long.
 */
import { expect, test } from 'vitest'
import { Admission } from '../../src/engine/send/admission.ts'
import { webhook } from '../engine/webhooks.ts'

const HOUR_MS = 3_600_000

function limited(): Admission {
  return new Admission({ deliveries: 100, invokes: 10 }, { unpark: () => undefined, onCircuit: () => undefined })
}

/** Asks every 10 ms for a second; gives how many went out. */
function sentInASecond(admission: Admission, fromMs: number, ask: (nowMs: number) => boolean): number {
  let sent = 0
  for (let nowMs = fromMs; nowMs < fromMs + 1000; nowMs += 10) {
    admission.wake(nowMs)
    if (ask(nowMs)) sent += 1
  }
  return sent
}

test.each([0, HOUR_MS])('a limited webhook is sent to at its rate after the clock went back by %i ms', (backMs) => {
  const target = webhook('a', { ratePerSecond: 40 })
  const admission = limited()
  const ask = (nowMs: number): boolean => {
    const ticket = admission.admitDelivery(target, nowMs)
    if (ticket !== undefined) admission.ended(ticket, '', 200, nowMs)
    return ticket !== undefined
  }
  const invoke = (nowMs: number): boolean => {
    const ticket = admission.admitInvoke(target, target.endpoint, false, nowMs)
    if (typeof ticket === 'string') return false
    admission.ended(ticket, '', 200, nowMs)
    return true
  }
  sentInASecond(admission, 2 * HOUR_MS, ask)
  const sent = sentInASecond(admission, 2 * HOUR_MS + 1000 - backMs, ask)
  expect(sent).toBeGreaterThanOrEqual(32)
  expect(sent).toBeLessThanOrEqual(42)
  expect(sentInASecond(admission, 2 * HOUR_MS + 2000 - 2 * backMs, invoke)).toBeGreaterThanOrEqual(32)
})

test.each([0, HOUR_MS])('a backlog comes back to an endpoint after the clock went back by %i ms', (backMs) => {
  const target = webhook('a', { circuit: { failures: 1, withinMs: 1000, probeMs: 100 } })
  const admission = limited()
  const ask = (reason: '' | 'connection') => (nowMs: number) => {
    const ticket = admission.admitDelivery(target, nowMs)
    if (ticket !== undefined) admission.ended(ticket, reason, reason === '' ? 200 : 0, nowMs)
    return ticket !== undefined
  }
  sentInASecond(admission, 2 * HOUR_MS, ask('connection'))
  for (let nowMs = 2 * HOUR_MS + 1000; nowMs < 2 * HOUR_MS + 1300; nowMs += 10) ask('')(nowMs)
  expect(sentInASecond(admission, 2 * HOUR_MS + 1300 - backMs, ask(''))).toBeGreaterThanOrEqual(15)
})
