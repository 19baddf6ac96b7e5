/** What follows from an attempt's outcome, line by line. */
import { describe, expect, test } from 'vitest'
import { type Ended, isFirstAttempt, settle } from '../../src/engine/send/settle.ts'
import { outcome, success } from './webhooks.ts'

const NOW = 1_000_000
const DAY_MS = 86_400_000

function ended(changes: Partial<Ended> = {}): Ended {
  return {
    delivery: delivery(),
    outcome: outcome(),
    queueMs: undefined,
    webhook: { scheduleMs: [0, 5000, 300_000], jitter: 0 },
    isProbe: false,
    nowMs: NOW,
    random: 0.5,
    ...changes,
  }
}

function delivery(changes: Partial<Ended['delivery']> = {}): Ended['delivery'] {
  return { id: 'd1', attempts: 0, crashes: 0, acceptedAtMs: NOW - 10, waitsSinceMs: NOW - 10, ...changes }
}

describe('settling a delivery', () => {
  test('a success ends it as delivered, with the attempt kept', () => {
    const { settlement, deactivate } = settle(ended({ outcome: success(), delivery: delivery({ attempts: 2 }) }))
    expect(settlement).toMatchObject({ id: 'd1', to: 'delivered', atMs: NOW, record: { attempt: 3, status: 200 } })
    expect(deactivate).toBe(false)
  })

  test.each([
    ['how long it was in the queue', 7, { queueMs: 7, firstByteMs: 5 }],
    ['nothing of a queue where it was never begun with', undefined, { firstByteMs: 5 }],
  ])('the attempt tells %s', (_, queueMs, phases) => {
    const { settlement } = settle(ended({ outcome: { ...success(), phases: { firstByteMs: 5 } }, queueMs }))
    expect(settlement.record?.phases).toEqual(phases)
  })

  test.each([
    [0, 5000],
    [1, 300_000],
  ])('a failure after %i attempts waits for the next of the schedule', (attempts, delayMs) => {
    const { settlement } = settle(ended({ delivery: delivery({ attempts }) }))
    expect(settlement).toMatchObject({ to: 'again', dueMs: NOW + delayMs, uses: 'attempt' })
  })

  test('a failure of the last attempt is dead with its reason', () => {
    const { settlement } = settle(ended({ delivery: delivery({ attempts: 2 }) }))
    expect(settlement).toMatchObject({ to: 'dead', reason: 'status' })
  })

  test.each([
    [0, 4000],
    [0.5, 5000],
    [0.999999, 6000],
  ])('jitter of 0.2 at random %f moves a wait of 5 s to about %i ms', (random, aboutMs) => {
    const { settlement } = settle(ended({ webhook: { scheduleMs: [0, 5000], jitter: 0.2 }, random }))
    expect(settlement.to === 'again' && Math.abs(settlement.dueMs - NOW - aboutMs)).toBeLessThanOrEqual(1)
  })

  test.each([
    ['longer than the schedule', '60', 60_000],
    ['shorter than the schedule', '1', 5000],
    ['as long as it may be', String(DAY_MS / 1000), DAY_MS],
    ['beyond a day', String(DAY_MS / 1000 + 1), DAY_MS],
    ['nonsense', 'soon', 5000],
  ])('a Retry-After %s is honoured within limits', (_, retryAfter, delayMs) => {
    const { settlement } = settle(ended({ outcome: outcome({ status: 503, retryAfter }) }))
    expect(settlement).toMatchObject({ to: 'again', dueMs: NOW + delayMs })
  })

  test('410 deactivates the webhook and holds the delivery without using up an attempt', () => {
    const gone = settle(ended({ outcome: outcome({ status: 410 }), delivery: delivery({ attempts: 2 }) }))
    expect(gone).toMatchObject({ deactivate: true, settlement: { to: 'again', dueMs: NOW, uses: 'none' } })
  })

  test('a probe that fails uses up no attempt, also on the last', () => {
    const { settlement } = settle(ended({ isProbe: true, delivery: delivery({ attempts: 2 }) }))
    expect(settlement).toMatchObject({ to: 'again', dueMs: NOW, uses: 'none' })
  })

  test.each([
    ['429, which closes the circuit', 429, '60', 60_000],
    ['503', 503, '60', 60_000],
    ['503 and more than a day', 503, String(DAY_MS / 1000 + 1), DAY_MS],
    ['503 and nonsense', 503, 'soon', 0],
  ])('a probe that is answered %s waits for as long as Retry-After says', (_, status, retryAfter, delayMs) => {
    const { settlement } = settle(ended({ isProbe: true, outcome: outcome({ status, retryAfter }) }))
    expect(settlement).toMatchObject({ to: 'again', dueMs: NOW + delayMs, uses: 'none' })
  })

  test('a Retry-After does not put off the end of holding', () => {
    const held = delivery({ waitsSinceMs: NOW - DAY_MS - 1 })
    const { settlement } = settle(ended({ isProbe: true, delivery: held, outcome: outcome({ retryAfter: '60' }) }))
    expect(settlement).toMatchObject({ to: 'dead', reason: 'expired' })
  })

  test.each([
    ['as long as it may be', DAY_MS, { to: 'again', uses: 'none' }],
    ['longer than its schedule, a day at least', DAY_MS + 1, { to: 'dead', reason: 'expired' }],
  ])('a probe that fails of a delivery held %s', (_, heldMs, expected) => {
    const held = ended({ isProbe: true, delivery: delivery({ waitsSinceMs: NOW - heldMs }) })
    expect(settle(held).settlement).toMatchObject(expected)
  })

  test('a request that can not be sent is dead at once', () => {
    const invalid = outcome({ result: 'invalid', status: 0, reason: 'invalid-request' })
    expect(settle(ended({ outcome: invalid })).settlement).toMatchObject({ to: 'dead', reason: 'invalid-request' })
  })

  test.each([
    [0, { to: 'again', dueMs: NOW, uses: 'crash' }],
    [1, { to: 'again', dueMs: NOW, uses: 'crash' }],
    [2, { to: 'dead', reason: 'internal' }],
  ])('with %i workers dead before, the death of its worker is taken so', (crashes, expected) => {
    const unsettled = outcome({ result: 'unsettled', reason: 'internal', status: 0 })
    expect(settle(ended({ outcome: unsettled, delivery: delivery({ crashes }) })).settlement).toMatchObject(expected)
  })

  test.each([
    ['a failure', outcome()],
    ['the death of its worker', outcome({ result: 'unsettled', reason: 'internal', status: 0 })],
  ])('%s for a webhook that is gone is dead', (_, failed) => {
    const { settlement } = settle(ended({ webhook: undefined, outcome: failed }))
    expect(settlement).toMatchObject({ to: 'dead', reason: 'webhook-removed' })
  })
})

describe('the first attempt of a delivery', () => {
  const late = { scheduleMs: [1000, 5000], jitter: 0.2 }
  const acceptedAtMs = NOW - 5000

  test.each([
    ['one that succeeds', { outcome: success() }, true],
    ['one that fails', {}, true],
    ['one whose worker dies', { outcome: outcome({ result: 'unsettled', status: 0 }) }, true],
    ['one that can not be sent', { outcome: outcome({ result: 'invalid', status: 0 }) }, true],
    ['a probe that fails', { isProbe: true }, false],
    ['a probe that succeeds', { isProbe: true, outcome: success() }, true],
    ['a probe that fails at the end of its holding', { isProbe: true, delivery: delivery({ waitsSinceMs: 0 }) }, false],
    ['one that is answered 410', { outcome: outcome({ status: 410 }) }, false],
    ['a second one', { delivery: delivery({ attempts: 1 }) }, false],
    ['one after its worker died', { delivery: delivery({ crashes: 1 }) }, false],
    [
      'one at the latest time of its schedule',
      { webhook: late, delivery: delivery({ acceptedAtMs, waitsSinceMs: acceptedAtMs + 1200 }) },
      true,
    ],
    [
      'one that was made pending anew later',
      { webhook: late, delivery: delivery({ acceptedAtMs, waitsSinceMs: acceptedAtMs + 1201 }) },
      false,
    ],
  ])('is or is not %s', (_, changes, expected) => {
    const subject = ended(changes)
    expect(isFirstAttempt(subject, settle(subject).settlement)).toBe(expected)
  })
})
