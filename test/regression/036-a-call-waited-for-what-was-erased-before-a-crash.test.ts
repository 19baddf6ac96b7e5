/**
 * A delivery erased in flight holds the line of its ordered call until it is let go, at the latest by the next start. Where the
 * disk was full at that start it was let go when there was room, but the main thread was not told: what stood behind it waited
 * for the start after.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Disk } from '../../src/outbox/embedded/files/disk.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import type { Message } from '../../src/outbox/embedded/protocol.ts'
import { Store } from '../../src/outbox/embedded/thread/store.ts'
import { claimIds, event, idOf, T0 } from '../contract/outbox-world.ts'

test('what stands behind an erased delivery is told of when a disk that was full at the start has room', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-036-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const before = await openEmbeddedOutbox({ path: folder, reserveBytes: 0 })
  await before.accept([
    event('erased', ['crm:erased'], { ordered: true, payload: '{"from":"+15551234567"}' }),
    event('behind', ['crm:behind'], { ordered: true }),
  ])
  expect(claimIds(before)).toEqual(['crm:erased'])
  const of = { kind: 'number', number: '+15551234567' } as const
  expect(await before.erase({ of, isDryRun: false, limit: 10, atMs: T0 })).toMatchObject({ events: 1, pending: 1 })
  await before.close()

  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const full = vi.spyOn(Disk.prototype, 'freeBytes').mockReturnValue(0)
  const messages: Message[] = []
  const store = new Store({ path: folder, reserveBytes: 0 }, (message) => messages.push(message))
  expect(store.opened()).toMatchObject({ heads: [], figures: { pending: 2 } })
  full.mockRestore()
  await vi.advanceTimersByTimeAsync(1000)
  expect(messages.filter(({ kind }) => kind === 'released')).toMatchObject([
    { released: { figures: { pending: 1 }, next: [{ row: { id: idOf('crm:behind') } }] } },
  ])
  vi.useRealTimers()
  store.handle({ number: 1, request: { kind: 'close' } })
  await vi.waitFor(() => expect(messages.at(-1)).toMatchObject({ kind: 'answer', answer: { kind: 'close' } }), {
    timeout: 30_000,
  })
})
