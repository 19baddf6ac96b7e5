/** Rows by which events are found are written later than the events: nobody can tell, whenever the process ends. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AcceptedEvent } from '../../src/model/delivery.ts'
import { FORMAT, readFormat, writeFormat } from '../../src/outbox/embedded/files/format.ts'
import { info, verify } from '../../src/outbox/embedded/files/inspect.ts'
import { openTables } from '../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import type { EmbeddedOutbox } from '../../src/outbox/embedded/outbox.ts'
import { generationSize, leftFrom } from '../../src/outbox/embedded/thread/late-index.ts'
import { event, T0 } from '../contract/outbox-world.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'switchhook-late-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function make(number: number): AcceptedEvent {
  return event(`e${number}`, [`crm:${number}`], { subject: `call-${number % 100}` })
}

/** The store as a process leaves it that is killed now: its files, while it is in use. */
async function killed(outbox: EmbeddedOutbox): Promise<string> {
  const path = join(folder(), 'copy')
  await outbox.backup(path)
  return path
}

/** Rows of the two tables, and whether some are still to be written. */
async function rows(path: string): Promise<{ seen: number; calls: number; isAllWritten: boolean }> {
  const tables = openTables(path, { isReadOnly: true })
  const counted = {
    seen: tables.seen.count(),
    calls: tables.calls.count(),
    isAllWritten: leftFrom(tables) === undefined,
  }
  await tables.close()
  return counted
}

async function acceptAll(outbox: EmbeddedOutbox, first: number, count: number): Promise<void> {
  for (let done = 0; done < count; done += 500) {
    await outbox.accept(Array.from({ length: Math.min(500, count - done) }, (_, index) => make(first + done + index)))
  }
}

const MIB = 1024 * 1024

test.each([
  { name: 'an empty store', kept: 0, events: 30_000, bytes: 64 * MIB },
  { name: 'a store of half a million', kept: 16 * 30_000, events: 30_000, bytes: 64 * MIB },
  { name: 'a few more', kept: 16 * 30_001, events: 30_001, bytes: 64 * MIB },
  { name: 'a million', kept: 1_048_576, events: 65_536, bytes: 64 * MIB },
  { name: 'two million', kept: 2_097_152, events: 131_072, bytes: 128 * MIB },
  { name: 'four million', kept: 16 * 250_000, events: 250_000, bytes: 256_000_000 },
  { name: 'a billion', kept: 1_000_000_000, events: 250_000, bytes: 256_000_000 },
])('a generation of $name has $events events or $bytes bytes', ({ kept, events, bytes }) => {
  expect(generationSize(kept)).toEqual({ events, bytes })
})

describe('rows by which events are found', () => {
  test.each([
    { name: 'before any was written', events: 300 },
    { name: 'while a generation of them is written', events: 35_000 },
    { name: 'after more than one generation', events: 70_000 },
  ])(
    'are there after a crash $name',
    async ({ events }) => {
      const outbox = await openEmbeddedOutbox({ path: folder() })
      await acceptAll(outbox, 0, events)
      const path = await killed(outbox)
      await outbox.close()
      const before = await rows(path)
      expect(before.isAllWritten).toBe(false)
      expect(before.calls).toBeLessThan(events)
      expect(await verify(path)).toEqual([])
      const again = await openEmbeddedOutbox({ path })
      for (const number of [0, 150, events - 1]) {
        expect(await again.accept([{ ...make(number), acceptedAtMs: T0 + 1 }])).toEqual(['duplicate'])
        expect((await again.find({ event: `e${number}`, limit: 2 })).deliveries).toHaveLength(1)
      }
      expect((await again.find({ subject: 'call-7', limit: 1000 })).deliveries).toHaveLength(events / 100)
      await again.close()
      expect(await rows(path)).toEqual({ seen: events, calls: events, isAllWritten: true })
      expect(await verify(path)).toEqual([])
    },
    60_000,
  )

  test('tell duplicates and find events before they are written', async () => {
    const outbox = await openEmbeddedOutbox({ path: folder() })
    await acceptAll(outbox, 0, 50)
    expect(await outbox.accept([{ ...make(20), acceptedAtMs: T0 + 1 }])).toEqual(['duplicate'])
    expect((await outbox.find({ event: 'e20', limit: 2 })).deliveries).toHaveLength(1)
    await acceptAll(outbox, 50, 50)
    expect((await outbox.find({ subject: 'call-70', limit: 2 })).deliveries).toHaveLength(1)
    await outbox.close()
  })

  test('are complete page by page, newest first, while a generation of them is written, and go with a call', async () => {
    const path = folder()
    const outbox = await openEmbeddedOutbox({ path })
    await acceptAll(outbox, 0, 40_000)
    const events: string[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const { deliveries, next } = await outbox.find({
        subject: 'call-7',
        limit: 50,
        ...(cursor === '' ? {} : { cursor }),
      })
      events.push(...deliveries.map((delivery) => delivery.event.id))
      cursor = next
    }
    expect(events).toEqual(Array.from({ length: 400 }, (_, index) => `e${39_907 - 100 * index}`))
    const of = { kind: 'call', subject: 'call-7' } as const
    expect(await outbox.erase({ of, isDryRun: false, limit: 512, atMs: T0 })).toMatchObject({ events: 400 })
    await acceptAll(outbox, 40_000, 3000)
    expect((await outbox.find({ subject: 'call-7', limit: 1000 })).deliveries).toHaveLength(30)
    const copy = await killed(outbox)
    await outbox.close()
    expect(await rows(path)).toEqual({ seen: 43_000, calls: 43_000 - 400, isAllWritten: true })
    expect(await verify(copy)).toEqual([])
    const again = await openEmbeddedOutbox({ path: copy })
    expect(await again.accept([{ ...make(7), acceptedAtMs: T0 + 1 }])).toEqual(['duplicate'])
    await again.close()
    expect(await rows(copy)).toEqual({ seen: 43_000, calls: 43_000 - 400, isAllWritten: true })
  }, 60_000)

  test('of an id that comes again after a day are those of both events', async () => {
    const path = folder()
    const outbox = await openEmbeddedOutbox({ path })
    const later = T0 + 24 * 3_600_000
    await outbox.accept([make(1)])
    expect(await outbox.accept([{ ...make(1), acceptedAtMs: later }])).toEqual(['accepted'])
    expect(await outbox.accept([{ ...make(1), acceptedAtMs: later + 1 }])).toEqual(['duplicate'])
    expect((await outbox.find({ event: 'e1', limit: 5 })).deliveries).toHaveLength(2)
    await outbox.close()
    expect(await rows(path)).toEqual({ seen: 1, calls: 2, isAllWritten: true })
  })

  test('go with their events, though they were not written yet', async () => {
    const path = folder()
    const outbox = await openEmbeddedOutbox({ path })
    await acceptAll(outbox, 0, 40)
    const claimed = outbox.claim(T0, () => true, 40)
    await outbox.settle(claimed.map(({ id }) => ({ id, atMs: T0, to: 'delivered' })))
    const atMs = T0 + 48 * 3_600_000
    const purge = { kind: 'purge', state: 'delivered', endedBeforeMs: atMs, limit: 1000, atMs } as const
    expect(await outbox.control(purge)).toBe(40)
    await outbox.close()
    expect(await rows(path)).toEqual({ seen: 0, calls: 0, isAllWritten: true })
    expect(await verify(path)).toEqual([])
  })

  test.each(['calls', 'seen'] as const)('of %s that are missing otherwise are found by verify', async (name) => {
    const path = folder()
    const outbox = await openEmbeddedOutbox({ path })
    await acceptAll(outbox, 0, 5)
    await outbox.close()
    const tables = openTables(path)
    const [first] = tables[name].range(Buffer.alloc(1), Buffer.alloc(30, 0xff))
    tables.commit(() => tables[name].remove(first?.key ?? Buffer.alloc(1)))
    await tables.close()
    expect(await verify(path)).toEqual([
      expect.stringContaining(name === 'seen' ? 'it is not found by its id' : 'it is not found by its call'),
    ])
  })

  test('of events that are not there are found by verify', async () => {
    const path = folder()
    const outbox = await openEmbeddedOutbox({ path })
    await acceptAll(outbox, 0, 5)
    await outbox.close()
    const tables = openTables(path)
    const [first] = tables.seen.range(Buffer.alloc(1), Buffer.alloc(30, 0xff))
    if (first === undefined) throw new Error('there is no row')
    tables.commit(() => tables.seen.put(Buffer.alloc(16, 1), first.value))
    await tables.close()
    expect(await verify(path)).toEqual(['table seen names 6 events, 5 belong there'])
  })
})

test('a store of format 2, which has all rows, is one of today', async () => {
  const path = folder()
  const outbox = await openEmbeddedOutbox({ path })
  await acceptAll(outbox, 0, 20)
  await outbox.close()
  const tables = openTables(path)
  tables.commit(() => writeFormat(tables.state, 2))
  await tables.close()
  const copy = join(folder(), 'copy')
  cpSync(path, copy, { recursive: true })
  expect(await verify(copy)).toEqual([])
  expect(await info(copy)).toMatchObject({ format: 2, servedFormat: FORMAT, pending: 20 })
  const again = await openEmbeddedOutbox({ path: copy })
  expect(await again.accept([{ ...make(3), acceptedAtMs: T0 + 1 }])).toEqual(['duplicate'])
  expect((await again.find({ subject: 'call-7', limit: 5 })).deliveries).toHaveLength(1)
  await again.close()
  const brought = openTables(copy, { isReadOnly: true })
  expect(readFormat(brought.state)).toBe(FORMAT)
  await brought.close()
})
