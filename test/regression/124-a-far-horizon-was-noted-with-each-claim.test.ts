/**
 * While the first delivery of a webhook that is not in memory was due hours away, each other one that was claimed, and each
 * unpark, left one more note of that time behind; when it came all were taken out in one turn of the loop.
 */
import { beforeEach, expect, test, vi } from 'vitest'
import { DueView, type PageRequest } from '../../src/outbox/embedded/due-view.ts'
import { DueHeap } from '../../src/outbox/queue/due-heap.ts'

const FAR_MS = 50_000_000
const TIMES = 1000

const EVENT = { account: 'default', acceptedAtMs: 0, subject: '', traceparent: '', payload: '{}', context: '' }

let requests: PageRequest[]
let view: DueView

beforeEach(() => {
  requests = []
  view = new DueView({ total: 1000, perWebhook: 1000 }, (request) => requests.push(request))
  view.behind('crm', { dueMs: FAR_MS, place: '0'.repeat(30) })
})

/** A delivery becomes due, and is claimed unless there is no room. */
function pass(number: number, hasRoom: boolean): void {
  const place = `${number.toString(16).padStart(26, '0')}0000`
  const id = `${place.slice(0, 26)}-0`
  const position = { dueMs: number, place }
  view.offer('crm', { id, position, attempts: 0, crashes: 0, waitsSinceMs: 0, isOrdered: false, event: 0 }, EVENT)
  for (const entry of view.claim(number, () => hasRoom, 64)) view.ended(entry)
}

/** The most that any heap has held while `work` was done. */
function largestHeap(work: () => void): number {
  let largest = 0
  const { push } = DueHeap.prototype
  const spy = vi.spyOn(DueHeap.prototype, 'push').mockImplementation(function (this: DueHeap<unknown>, item, dueMs) {
    push.call(this, item, dueMs)
    largest = Math.max(largest, this.size)
  })
  try {
    work()
  } finally {
    spy.mockRestore()
  }
  return largest
}

test.each([
  ['claims', (number: number) => pass(number, true)],
  [
    'unparks',
    (number: number) => {
      pass(number, false)
      view.unpark('crm')
      pass(number, true)
    },
  ],
] as const)('%s before a horizon that is far leave nothing behind', (_, passing) => {
  const most = largestHeap(() => {
    for (let number = 1; number <= TIMES; number += 1) passing(number)
  })
  expect(most).toBeLessThan(10)
  expect(view.nextDueMs()).toBe(FAR_MS)
})

test('a horizon whose note was dropped while its webhook was parked is read when it comes near', () => {
  pass(1, false)
  // What is parked has nothing due: its note goes.
  expect(view.nextDueMs()).toBeUndefined()
  view.unpark('crm')
  expect(view.nextDueMs()).toBe(1)
  for (const entry of view.claim(2, () => true, 64)) view.ended(entry)
  expect(view.nextDueMs()).toBe(FAR_MS)
  view.claim(FAR_MS, () => true, 64)
  expect(requests).toMatchObject([{ webhook: 'crm', from: { dueMs: FAR_MS } }])
  expect(view.nextDueMs()).toBeUndefined()
})

test('a horizon that moved is read when the new one comes near', () => {
  view.behind('crm', { dueMs: FAR_MS / 2, place: '0'.repeat(30) })
  expect(view.nextDueMs()).toBe(FAR_MS / 2)
  view.claim(FAR_MS / 2, () => true, 64)
  expect(requests).toMatchObject([{ from: { dueMs: FAR_MS / 2 } }])
  for (const request of requests.splice(0)) {
    view.addPage(request, { rows: [], events: [], next: { dueMs: FAR_MS, place: '0'.repeat(30) }, damaged: 0 })
  }
  expect(view.nextDueMs()).toBe(FAR_MS)
})
