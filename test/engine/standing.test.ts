/** Who is held is told in steps, however many webhooks there are, and is right though deliveries come and go between two of them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Admission } from '../../src/engine/send/admission.ts'
import { Standing } from '../../src/engine/send/standing.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import type { Webhook } from '../../src/model/webhook.ts'
import { webhook } from './webhooks.ts'

/** As many as are told by name. */
const LISTED = 100

/** A standing of webhooks that are all deactivated, over what waits for them. */
function standingOf(pending: Map<string, number>, accountOf: (id: string) => string = () => 'default'): Standing {
  const known = (id: string): Webhook => webhook(id, { account: accountOf(id) })
  return new Standing(
    { pendingByWebhook: () => pending.entries() },
    new Admission({ deliveries: 64, invokes: 64 }, { unpark: () => undefined, onCircuit: () => undefined }),
    { nowMs: () => 0, monotonicMs: () => 0 },
    {
      webhooks: () => [...pending.keys()].map(known),
      lookUp: (id) => ({ planned: { webhook: known(id) }, isActive: false }),
      suspendedOf: () => undefined,
    },
  )
}

describe('what is held', () => {
  test('is looked at one webhook a step', () => {
    const pending = new Map(Array.from({ length: 5000 }, (_, index) => [`w${index}`, 1 + (index % 7)] as const))
    const steps = standingOf(pending).held(() => true)
    let count = 0
    for (let step = steps.next(); step.done !== true; step = steps.next()) count += 1
    expect(count).toBe(5000)
  })

  test('is all that waits, and by name those that hold most, the first of equals first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 450 }), (counts) => {
        const all = counts.map((deliveries, index) => ({ webhook: `w${index}`, deliveries }))
        const pending = new Map(all.map(({ webhook: id, deliveries }) => [id, deliveries] as const))
        const { deliveries, webhooks } = runAtOnce(standingOf(pending).held(() => true))
        expect(deliveries.inactive ?? 0).toBe(counts.reduce((sum, count) => sum + count, 0))
        const most = all.toSorted((a, b) => b.deliveries - a.deliveries).slice(0, LISTED)
        expect(webhooks.map((held) => ({ webhook: held.webhook, deliveries: held.deliveries }))).toEqual(most)
      }),
    )
  })

  test('is counted once of a webhook whose deliveries are gone and come again meanwhile', () => {
    const pending = new Map([
      ['a', 3],
      ['b', 4],
    ])
    const steps = standingOf(pending).held(() => true)
    steps.next()
    pending.delete('a')
    pending.set('a', 5)
    expect(runAtOnce(steps)).toMatchObject({
      deliveries: { inactive: 7 },
      webhooks: [{ webhook: 'b' }, { webhook: 'a' }],
    })
  })

  test('is told of the accounts that are wanted alone', () => {
    const pending = new Map([
      ['ours', 3],
      ['theirs', 4],
    ])
    const standing = standingOf(pending, (id) => (id === 'ours' ? 'acme' : 'other'))
    expect(runAtOnce(standing.held((account) => account === 'acme'))).toMatchObject({
      deliveries: { inactive: 3 },
      webhooks: [{ webhook: 'ours', account: 'acme', reason: 'inactive', deliveries: 3 }],
    })
  })
})
