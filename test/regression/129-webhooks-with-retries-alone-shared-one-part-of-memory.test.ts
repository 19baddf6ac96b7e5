/**
 * Where the last delivery of a webhook in memory had ended while others were in flight, those that came back for a retry belonged to
 * no account: all such webhooks, of all accounts, shared the part of memory that one account has.
 */
import { expect, test } from 'vitest'
import { DueView } from '../../src/outbox/embedded/due-view.ts'

const LIMITS = { total: 200, perWebhook: 200 }
const RETRY_AT_MS = 1000

const view = new DueView(LIMITS, () => undefined)
let number = 0

/** Deliveries of a webhook whose first attempts have failed, and one that was delivered meanwhile. */
function failAll(account: string, webhook: string, count: number): void {
  for (let index = 0; index <= count; index += 1) {
    number += 1
    const place = `${number.toString(16).padStart(26, '0')}0000`
    const position = { dueMs: 1, place }
    const row = { id: `${place.slice(0, 26)}-0`, position, attempts: 0, crashes: 0, waitsSinceMs: 0, isOrdered: false }
    const event = { account, acceptedAtMs: 0, subject: '', traceparent: '', payload: '{}', context: '' }
    view.offer(webhook, { ...row, event: 0 }, event)
  }
  const [delivered, ...failed] = view.claim(1, () => true, count + 1)
  if (delivered === undefined) throw new Error('nothing was claimed')
  view.ended(delivered)
  for (const entry of failed) view.requeue(entry, RETRY_AT_MS)
}

test('an account with one webhook keeps what another with ten has to give up', () => {
  failAll('small', 'alone', 90)
  for (let webhook = 0; webhook < 10; webhook += 1) failAll('large', `one-of-ten-${webhook}`, 30)
  const kept = view.claim(RETRY_AT_MS, () => true, 1000)
  expect(kept.filter(({ account }) => account === 'small')).toHaveLength(90)
  expect(kept.filter(({ account }) => account === 'large').length).toBeLessThan(200)
})
