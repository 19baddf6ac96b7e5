/**
 * After a command each webhook was read anew, and where nothing was found its window stayed for good: it took its part of the
 * memory for due deliveries from those that had some, also when the webhook was gone.
 */
import { expect, test } from 'vitest'
import { DueView, type PageRequest } from '../../src/outbox/embedded/due-view.ts'

const NOTHING = { rows: [], events: [], damaged: 0 }

/** Rows that a webhook with a long backlog is read by, beside `others` that were found to have nothing. */
function rowsBeside(others: number): number {
  const requests: PageRequest[] = []
  const view = new DueView({ total: 1000, perWebhook: 1000 }, (request) => requests.push(request))
  for (let other = 0; other < others; other += 1) {
    view.hold(`other-${other}`)
    view.release(`other-${other}`, 0)
    for (const request of requests.splice(0)) view.addPage(request, NOTHING)
  }
  view.readAnew('crm', 0)
  return requests[0]?.rows ?? 0
}

test('webhooks that have nothing leave all of the memory to one that has', () => {
  expect(rowsBeside(100)).toBe(rowsBeside(0))
})
