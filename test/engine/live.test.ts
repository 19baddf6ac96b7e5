/** Watchers of what happens: bounded queues, and what is said where something is missing. */
import { describe, expect, test } from 'vitest'
import {
  LiveFeed,
  type LiveFilter,
  type LiveMessage,
  QUEUE_LIMIT,
  type Told,
  WATCHERS_LIMIT,
} from '../../src/engine/calls/live.ts'

const happened = (id: number): LiveMessage => {
  const event = { id: String(id), source: '/', type: 'x', subject: '' }
  return { kind: 'event', atMs: 0, account: 'acme', event, deliveries: 0 }
}
const shown = (told: Told): string => (told.kind === 'dropped' ? `${told.count} dropped` : told.event.id)

function watched(filter: LiveFilter = {}) {
  const feed = new LiveFeed()
  let ready = 0
  const watcher = feed.watch(filter, () => {
    ready += 1
  })
  if (watcher === undefined) throw new Error('there is room')
  return { feed, watcher, readyCount: () => ready }
}

describe('a watcher', () => {
  test('is called when something waits where nothing did, and not for what comes behind it', () => {
    const { feed, watcher, readyCount } = watched()
    for (const id of [1, 2]) feed.tell(happened(id))
    expect(readyCount()).toBe(1)
    expect(watcher.take(1).map(shown)).toEqual(['1'])
    expect(watcher.take(9).map(shown)).toEqual(['2'])
    feed.tell(happened(3))
    expect(readyCount()).toBe(2)
  })

  test('loses nothing as long as its queue has room', () => {
    const { feed, watcher } = watched()
    for (let id = 0; id < QUEUE_LIMIT; id += 1) feed.tell(happened(id))
    expect(watcher.take(QUEUE_LIMIT + 1)).toHaveLength(QUEUE_LIMIT)
  })

  test('is told in its place how much was dropped', () => {
    const { feed, watcher } = watched()
    for (let id = 0; id < QUEUE_LIMIT + 2; id += 1) feed.tell(happened(id))
    watcher.take(QUEUE_LIMIT - 1)
    feed.tell(happened(-1))
    expect(watcher.take(9).map(shown)).toEqual([String(QUEUE_LIMIT - 1), '2 dropped', '-1'])
  })

  test('is told of what nobody could look up; how much, only where it sees all accounts', () => {
    for (const [filter, expected] of [
      [{}, '2 dropped'],
      [{ accounts: ['acme'] }, '1 dropped'],
    ] as const) {
      const { feed, watcher } = watched(filter)
      watcher.miss()
      watcher.miss()
      feed.tell(happened(1))
      expect(watcher.take(9).map(shown)).toEqual([expected, '1'])
    }
  })
})

test('there are so many watchers and no more, and closing twice makes room once', () => {
  const feed = new LiveFeed()
  expect(feed.isWatched).toBe(false)
  const [first] = Array.from({ length: WATCHERS_LIMIT }, () => feed.watch({}, () => undefined))
  expect(feed.watch({}, () => undefined)).toBeUndefined()
  first?.close()
  first?.close()
  expect(feed.watch({}, () => undefined)).toBeDefined()
  expect(feed.watch({}, () => undefined)).toBeUndefined()
})
