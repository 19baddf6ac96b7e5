/**
 * Every minute all counters were looked at in one go, and after each reload all webhooks: a tenth of a second and more of the
 * main thread at 100,000 webhooks, for which live calls had to wait.
 */
import { expect, test } from 'vitest'
import { Admission } from '../../src/engine/send/admission.ts'
import { Loads } from '../../src/engine/send/loads.ts'
import { runInSlices } from '../../src/engine/slices.ts'
import { webhook } from '../engine/webhooks.ts'

test('a sweep looks at so many counters and goes on where it was', () => {
  const loads = new Loads()
  for (let index = 0; index < 10; index += 1) {
    const endpoint = loads.endpoint(`https://${index}.example.com`, `https://${index}.example.com`)
    loads.circuit(endpoint, 'default', 0)
    loads.webhook(`crm-${index}`)
  }
  const known = (): number => [...loads.circuits()].length
  expect(loads.sweep(1, 4)).toBe(false)
  expect(known()).toBe(6)
  expect(loads.sweep(2, 6)).toBe(false)
  expect(known()).toBe(0)
  expect(loads.knownWebhook('crm-0')).toBeDefined()
  expect(loads.sweep(3, 100)).toBe(true)
  expect(loads.knownWebhook('crm-9')).toBeUndefined()
})

test('an endpoint stays as long as an account has a circuit for it', () => {
  const loads = new Loads()
  const endpoint = loads.endpoint('https://crm.example.com', 'https://crm.example.com')
  loads.circuit(endpoint, 'idle', 0)
  loads.circuit(endpoint, 'busy', 0).deliveriesInFlight = 1
  while (!loads.sweep(1, 1));
  expect([...loads.circuits()].map(({ account }) => account)).toEqual(['busy'])
  expect(loads.endpoint('https://crm.example.com', 'https://crm.example.com')).toBe(endpoint)
})

test('closing the circuits of unused endpoints can pause at every webhook', async () => {
  const closed: string[] = []
  const admission = new Admission(
    { deliveries: 1, invokes: 1 },
    { unpark: () => undefined, onCircuit: ({ endpoint }) => closed.push(endpoint) },
  )
  const used = Array.from({ length: 1000 }, (_, index) => webhook(`crm-${index}`))
  const gone = webhook('gone')
  const circuit = { kind: 'open', sinceMs: 0, lastProbeMs: 0, askedWaitMs: 0, reason: '' } as const
  admission.restore([{ endpoint: gone.endpoint.id, account: 'default', circuit }], [...used, gone], 0)
  const steps = admission.keepOnly(used, 1)
  let pauses = 0
  for (let index = 0; index < used.length; index += 1) if (steps.next().done !== true) pauses += 1
  expect([pauses, closed]).toEqual([1000, []])
  await runInSlices(steps, () => Promise.resolve())
  expect(closed).toEqual([gone.endpoint.id])
})
