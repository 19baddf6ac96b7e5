/** What waited for its rate or for a probe waited for as long again as the clock was set back. */
import { expect, test } from 'vitest'
import { Admission } from '../../src/engine/send/admission.ts'
import type { Webhook } from '../../src/model/webhook.ts'
import { webhook } from '../engine/webhooks.ts'

const HOUR_MS = 3_600_000

/** Parks `target` at `nowMs`; `failures` requests fail before. */
function parked(target: Webhook, failures: number, nowMs: number): [Admission, string[]] {
  const unparked: string[] = []
  const admission = new Admission(
    { deliveries: 100, invokes: 1 },
    { unpark: (id) => unparked.push(id), onCircuit: () => undefined },
  )
  for (let failure = 0; failure < failures; failure += 1) {
    const ticket = admission.admitDelivery(target, nowMs)
    if (ticket !== undefined) admission.ended(ticket, 'connection', 0, nowMs)
  }
  while (admission.admitDelivery(target, nowMs) !== undefined);
  admission.wake(nowMs)
  return [admission, unparked]
}

test.each([
  ['its rate', webhook('a', { ratePerSecond: 1 }), 0],
  ['a probe', webhook('a', { circuit: { failures: 1, withinMs: 1000, probeMs: 1000 } }), 1],
])(
  'a webhook that waits for %s is looked at again as soon as the clock is seen to be set back',
  (_, target, failures) => {
    const [admission, unparked] = parked(target, failures, 2 * HOUR_MS)
    expect(unparked).toEqual([])
    admission.wake(HOUR_MS)
    expect(unparked).toEqual(['a'])
  },
)
