/**
 * After a start the first claim asked for a page of every webhook that had something due, all in one turn of the loop: with
 * 30,000 webhooks the main thread stood still for more than a second.
 */
import { expect, test } from 'vitest'
import { DueView, type PageRequest } from '../../src/outbox/embedded/due-view.ts'

/** A time that is far from due for a view that was not asked yet. */
const T0 = 1_000_000_000

const EVENT = { account: 'default', acceptedAtMs: 0, subject: '', traceparent: '', payload: '{}', context: '' }

test('a bounded number of pages is on the way, and those that come make place for others', () => {
  const requests: PageRequest[] = []
  const view = new DueView({ total: 1000, perWebhook: 1000 }, (request) => requests.push(request))
  const positionOf = (webhook: number): { dueMs: number; place: string } => ({
    dueMs: T0 + webhook,
    place: `${webhook.toString(16).padStart(26, '0')}0000`,
  })
  for (let webhook = 1; webhook <= 1000; webhook += 1) view.behind(`crm-${webhook}`, positionOf(webhook))
  const claimed: string[] = []
  let most = 0
  for (let turn = 0; turn < 100 && claimed.length < 1000; turn += 1) {
    claimed.push(...view.claim(T0 + 1000, () => true, 64).map(({ webhook }) => webhook))
    most = Math.max(most, requests.length)
    for (const request of requests.splice(0)) {
      const { from: position, webhook } = request
      const id = `${position.place.slice(0, 26)}-0`
      const row = { id, position, attempts: 0, crashes: 0, waitsSinceMs: 0, isOrdered: false, event: 0 }
      expect(webhook).toBe(`crm-${position.dueMs - T0}`)
      view.addPage(request, { rows: [row], events: [EVENT], damaged: 0 })
    }
  }
  expect(most).toBe(128)
  expect(new Set(claimed).size).toBe(1000)
})

test('while as many pages as may be are on the way nothing is due: what comes tells of itself', () => {
  const requests: PageRequest[] = []
  const view = new DueView({ total: 1000, perWebhook: 1000 }, (request) => requests.push(request))
  for (let webhook = 0; webhook < 200; webhook += 1)
    view.behind(`crm-${webhook}`, { dueMs: T0, place: '00'.repeat(15) })
  view.claim(T0 + 1000, () => true, 64)
  expect(view.nextDueMs()).toBeUndefined()
  for (const request of requests.splice(0, 1)) view.failedPage(request)
  expect(requests).toHaveLength(128)
})
