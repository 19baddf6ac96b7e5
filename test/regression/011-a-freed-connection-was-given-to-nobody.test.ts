/**
 * A connection that came free was offered to one webhook alone; where that could not use it (its rate did not allow one
 * more), the other webhooks of the endpoint went on waiting although nothing was in flight.
 */
import { expect, test } from 'vitest'
import { Admission } from '../../src/engine/send/admission.ts'
import { webhook } from '../engine/webhooks.ts'

test('a webhook that can not use the place that came free leaves it to the next that waits', () => {
  const parked = new Set<string>()
  const admission = new Admission(
    { deliveries: 1, invokes: 1 },
    { unpark: (id) => parked.delete(id), onCircuit: () => undefined },
  )
  const { endpoint } = webhook('slow')
  const [slow, other] = [webhook('slow', { endpoint, ratePerSecond: 0.01 }), webhook('other', { endpoint })]
  const ask = (target: typeof slow): ReturnType<Admission['admitDelivery']> => {
    const ticket = admission.admitDelivery(target, 0)
    if (ticket === undefined) parked.add(target.id)
    return ticket
  }
  const first = ask(slow)
  if (first === undefined) throw new Error('no ticket for the first')
  ask(slow)
  ask(other)
  expect([...parked]).toEqual(['slow', 'other'])

  admission.ended(first, '', 200, 0)
  expect([...parked]).toEqual(['other'])
  expect(ask(slow)).toBeUndefined()
  expect([...parked]).toEqual(['slow'])
  expect(ask(other)).toBeDefined()
})
