/**
 * A tracer that fails later than it is called, with a promise, ended the process, since nobody caught that; and a trace without a
 * right `traceparent` went to the customer's server as it was, or, where it could not be sent, made a dead letter of the delivery.
 */
import { expect, test } from 'vitest'
import { guarded } from '../../src/tracing/guarded.ts'
import type { Tracing } from '../../src/tracing/tracing.ts'
import { outcome, webhook } from '../engine/webhooks.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const EVENT = { id: 'e1', hasOwnId: true, source: '/', type: 't', subject: '', account: 'a', time: '', data: {} }
const DELIVERY = { id: 'd1', account: 'a', traceparent: TRACEPARENT, attempts: 0 }
const CRM = webhook('crm')

/** A tracer whose every trace has this header, and that fails with a promise wherever it gives nothing. */
function tracer(traceparent: string): Tracing {
  const fail = async (): Promise<void> => {
    throw new Error('broken')
  }
  return {
    accept: () => ({ traceparent, routed: fail, end: fail }),
    invoke: () => ({ traceparent, send: () => ({ traceparent, end: fail }), end: fail }),
    deliver: () => ({ traceparent, settled: fail }),
    kept: fail,
    close: fail,
  }
}

test('what a tracer promises and does not keep is told, and nothing else', async () => {
  const told: unknown[] = []
  const tracing = guarded(tracer(TRACEPARENT), (error) => told.push(error))
  const accepted = tracing.accept({ ...EVENT, traceparent: '' }, 1)
  accepted?.routed?.(1, 2, 3)
  accepted?.end?.(undefined, 4)
  tracing.deliver(DELIVERY, CRM, 5)?.settled?.(outcome(), { to: 'delivered' }, 6)
  tracing.kept([DELIVERY], 7)
  tracing.close(8)
  await expect.poll(() => told).toEqual(Array(5).fill(new Error('broken')))
})

test.each(['', 'none', TRACEPARENT.toUpperCase(), `${TRACEPARENT}\r\nx: y`])(
  'a trace with the header %j is told, and taken for none',
  (traceparent) => {
    const told: unknown[] = []
    const tracing = guarded(tracer(traceparent), (error) => told.push(error))
    expect(tracing.accept({ ...EVENT, traceparent: '' }, 1)).toBeUndefined()
    expect(tracing.invoke('i1', CRM, { ...EVENT, traceparent: '' }, 1)).toBeUndefined()
    expect(tracing.deliver(DELIVERY, CRM, 1)).toBeUndefined()
    expect(told).toHaveLength(3)
  },
)
