/**
 * A look for an event or a call, an erasure and a purge wrote all rows that the store still owed, in one transaction: up to some
 * 30,000 pages, while everything that came in waited, and whether or not the disk had room for them. So did the opening and the
 * closing of a store whose disk was nearly full.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { verify } from '../../src/outbox/embedded/files/inspect.ts'
import { openTables } from '../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import type { EmbeddedOutbox } from '../../src/outbox/embedded/outbox.ts'
import { leftFrom } from '../../src/outbox/embedded/thread/late-index.ts'
import { event, T0 } from '../contract/outbox-world.ts'

const OF_CALL = { of: { kind: 'call', subject: 'call-3' }, limit: 100, atMs: T0 } as const
const PURGE = { kind: 'purge', state: 'delivered', endedBeforeMs: T0, limit: 100, atMs: T0 } as const

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'switchhook-rows-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return join(path, 'store')
}

async function accept50(outbox: EmbeddedOutbox): Promise<void> {
  const numbers = Array.from({ length: 50 }, (_, number) => number)
  await outbox.accept(
    numbers.map((number) => event(`e${number}`, [`crm:${number}`], { subject: `call-${number % 10}` })),
  )
}

async function rows(path: string): Promise<{ seen: number; calls: number; areOwed: boolean }> {
  const tables = openTables(path, { isReadOnly: true })
  const counted = { seen: tables.seen.count(), calls: tables.calls.count(), areOwed: leftFrom(tables) !== undefined }
  await tables.close()
  return counted
}

/** What lies in the folder if the process is killed now. */
async function killed(outbox: EmbeddedOutbox): Promise<string> {
  const path = folder()
  await outbox.backup(path)
  return path
}

test.each<[name: string, act: (outbox: EmbeddedOutbox) => Promise<unknown>]>([
  ['a look for an event', (outbox) => outbox.find({ event: 'e3', limit: 2 })],
  ['a look for a call', (outbox) => outbox.find({ subject: 'call-3', limit: 2 })],
  ['an erasure that only counts', (outbox) => outbox.erase({ ...OF_CALL, isDryRun: true })],
  ['a purge', (outbox) => outbox.control(PURGE)],
])('%s writes no rows', async (_name, act) => {
  const outbox = await openEmbeddedOutbox({ path: folder() })
  await accept50(outbox)
  await act(outbox)
  expect(await rows(await killed(outbox))).toEqual({ seen: 0, calls: 0, areOwed: true })
  await outbox.close()
})

test('an erasure writes and removes the rows of what it erases, and no others', async () => {
  const path = folder()
  const outbox = await openEmbeddedOutbox({ path })
  await accept50(outbox)
  expect(await outbox.erase({ ...OF_CALL, isDryRun: false })).toMatchObject({ events: 5, pending: 5 })
  expect((await outbox.find({ subject: 'call-3', limit: 9 })).deliveries).toEqual([])
  const copy = await killed(outbox)
  expect(await rows(copy)).toEqual({ seen: 5, calls: 0, areOwed: true })
  await outbox.close()
  for (const each of [path, copy]) {
    expect(await verify(each)).toEqual([])
    const again = await openEmbeddedOutbox({ path: each })
    expect((await again.find({ subject: 'call-3', limit: 9 })).deliveries).toEqual([])
    expect(await again.accept([event('e3', []), event('e4', [])])).toEqual(['duplicate', 'duplicate'])
    await again.close()
    expect(await rows(each)).toEqual({ seen: 50, calls: 45, areOwed: false })
  }
})

test('a store without room is opened and closed without the rows', async () => {
  const outbox = await openEmbeddedOutbox({ path: folder() })
  await accept50(outbox)
  const path = await killed(outbox)
  await outbox.close()
  const full = await openEmbeddedOutbox({ path, reserveBytes: Number.MAX_SAFE_INTEGER })
  expect((await full.find({ event: 'e3', limit: 2 })).deliveries).toHaveLength(1)
  expect((await full.find({ subject: 'call-3', limit: 9 })).deliveries).toHaveLength(5)
  await full.close()
  expect(await rows(path)).toEqual({ seen: 0, calls: 0, areOwed: true })
  expect(await verify(path)).toEqual([])
})
