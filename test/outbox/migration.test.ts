/** Stores of older formats: brought up when they are opened, wherever that is cut short; told, verified and copied as they are. */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Outbox } from '../../src/outbox/contract.ts'
import { FORMAT, readFormat, writeFormat } from '../../src/outbox/embedded/files/format.ts'
import { backup, info, verify } from '../../src/outbox/embedded/files/inspect.ts'
import { DATA_FILE, openTables } from '../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import type { EmbeddedOutbox } from '../../src/outbox/embedded/outbox.ts'
import { CALL_KEY_BYTES } from '../../src/outbox/embedded/records/call-index.ts'
import { Tallies } from '../../src/outbox/embedded/thread/tallies.ts'
import { eraseStepwise } from '../contract/outbox-erasure.ts'
import { event, T0 } from '../contract/outbox-world.ts'
import { FIXTURE_MS, FIXTURE_NOTES, fillFixture, unpackFixture } from './store-fixture.ts'

const CHILD = join(import.meta.dirname, 'embedded-child.ts')
const LATER_MS = FIXTURE_MS + 10_000 * 3_600_000

const root = mkdtempSync(join(tmpdir(), 'switchhook-migration-'))
let path: string
let stores = 0

beforeEach(() => {
  stores += 1
  path = join(root, String(stores))
})

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

/** All that can be seen of a store, and then all that can be sent of it, to its end. */
async function everything(outbox: Outbox): Promise<object> {
  const { deliveries } = await outbox.find({ limit: 1000 })
  const notes = FIXTURE_NOTES.map(([table]) => [...outbox.notes.all(table)])
  const { bytes: _, ...counts } = outbox.counts()
  const sent: object[] = []
  while (outbox.counts().pending > 0) {
    const claimed = outbox.claim(LATER_MS, () => true, 1000)
    expect(claimed.length).toBeGreaterThan(0)
    sent.push(...claimed)
    await outbox.settle(claimed.map(({ id }) => ({ id, atMs: LATER_MS, to: 'delivered' })))
  }
  return { deliveries, notes, counts, sent }
}

/** The same after a restart: what was in flight is due again. */
async function filledToday(): Promise<EmbeddedOutbox> {
  const today = join(root, `${stores}-today`)
  const first = await openEmbeddedOutbox({ path: today })
  await fillFixture(first)
  await first.close()
  return await openEmbeddedOutbox({ path: today })
}

/** Makes a closed store of the format before out of one of today: what a step adds is taken away. */
async function takeBack(folder: string, keepMost = 0): Promise<void> {
  const tables = openTables(folder)
  const keys = [...tables.calls.range(Buffer.alloc(1), Buffer.alloc(30, 0xff))].map(({ key }) => key).slice(keepMost)
  tables.commit(() => {
    const tallies = new Tallies(tables.state)
    for (const key of keys) tables.calls.remove(key)
    tallies.totals.bytes -= keys.length * CALL_KEY_BYTES
    tallies.save()
    writeFormat(tables.state, 1)
  })
  await tables.close()
}

describe('a store of format 1', () => {
  test('is brought up when it is opened, and has all that it had, to be sent as ever', async () => {
    unpackFixture(1, path)
    const progress: object[] = []
    const outbox = await openEmbeddedOutbox({ path, onMigration: (each) => progress.push(each) })
    expect(progress).toEqual([
      { fromFormat: 1, toFormat: 2, done: 0, total: 23 },
      { fromFormat: 1, toFormat: 2, done: 23, total: 23 },
    ])
    const today = await filledToday()
    expect(await everything(outbox)).toEqual(await everything(today))
    await today.close()
    await outbox.close()
    expect(await verify(path)).toEqual([])
    expect(await info(path)).toMatchObject({ format: FORMAT })
  })

  test('finds its deliveries by their calls and tells its duplicates', async () => {
    unpackFixture(1, path)
    const outbox = await openEmbeddedOutbox({ path })
    const today = await filledToday()
    for (const subject of ['call-0', 'call-1', 'call-in-order', 'call-é', 'nobody', '']) {
      expect(await outbox.find({ limit: 100, subject })).toEqual(await today.find({ limit: 100, subject }))
    }
    // 12 was only remembered, as texts; 20 never had a delivery.
    for (const number of [0, 12, 20, 22]) {
      const account = number === 22 ? 'ünï' : number % 3 === 0 && number !== 12 ? 'acme' : 'default'
      const again = { ...event(`event-${number}`, ['crm:x']), source: '/switch/7', account }
      const late = { ...again, acceptedAtMs: FIXTURE_MS + 24 * 3_600_000 - 1 }
      expect([number, await outbox.accept([late])]).toEqual([number, ['duplicate']])
    }
    await today.close()
    await outbox.close()
  })

  test('has nothing left of a number after erasing it', async () => {
    unpackFixture(1, path)
    const outbox = await openEmbeddedOutbox({ path })
    const command = { isDryRun: false, limit: 5, atMs: LATER_MS } as const
    const erased = await eraseStepwise(outbox, { of: { kind: 'number', number: '+18005550100' }, ...command })
    expect(erased).toMatchObject({ events: 21, pending: 19 })
    await outbox.backup(join(path, 'copy'))
    expect((await outbox.find({ limit: 100 })).deliveries).toMatchObject([{ event: { id: 'event-19' } }])
    await outbox.close()
    expect(await verify(path)).toEqual([])
    expect(await verify(join(path, 'copy'))).toEqual([])
  })

  test('is told, verified and copied as it is; the copy is a store too', async () => {
    unpackFixture(1, path)
    expect(await info(path)).toMatchObject({ format: 1, servedFormat: FORMAT, pending: 20, delivered: 7, dead: 8 })
    expect(await verify(path)).toEqual([])
    await backup(path, join(path, 'copy'))
    expect(await info(path)).toMatchObject({ format: 1 })
    expect(await verify(join(path, 'copy'))).toEqual([])
    const outbox = await openEmbeddedOutbox({ path: join(path, 'copy') })
    expect(outbox.counts()).toMatchObject({ pending: 20, delivered: 7, dead: 8 })
    await outbox.close()
    expect(await info(join(path, 'copy'))).toMatchObject({ format: FORMAT })
  })

  test('of a damaged event is brought up all the same, and verify tells of it', async () => {
    unpackFixture(1, path)
    const tables = openTables(path)
    for (const { key, value } of tables.events.range(Buffer.alloc(1), Buffer.alloc(20, 0xff))) {
      value[value.length - 3] = 0
      tables.commit(() => tables.events.put(key, value))
      break
    }
    await tables.close()
    await (await openEmbeddedOutbox({ path })).close()
    expect((await verify(path)).join()).toContain('damaged')
  })
})

describe('a migration that is cut short', () => {
  const EVENTS = 20_000

  async function largeStore(folder: string): Promise<void> {
    const outbox = await openEmbeddedOutbox({ path: folder })
    for (let start = 0; start < EVENTS; start += 5000) {
      const events = Array.from({ length: 5000 }, (_, index) => {
        const number = start + index
        const key = (T0 + number * 1000).toString(16).padStart(12, '0') + number.toString(16).padStart(14, '0')
        const deliveries = [{ webhook: 'crm', dueMs: LATER_MS, ordered: false }]
        return { ...event(`e${number}`, []), key, subject: `call-${number % 1000}`, deliveries }
      })
      await outbox.accept(events)
    }
    await outbox.close()
  }

  test('goes on where it was when the process is killed in the middle of it', async () => {
    await largeStore(path)
    const { bytes } = await info(path)
    let wasCut = 0
    for (let round = 0; round < 30 && wasCut < 2; round += 1) {
      if ((await info(path)).format === FORMAT) await takeBack(path)
      const child = spawn(process.execPath, [CHILD, path, '0', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
      const ended = new Promise((resolve) => child.on('close', resolve))
      await Promise.race([new Promise((resolve) => child.stdout.on('data', resolve)), ended])
      await sleep(Math.random() * 150)
      child.kill('SIGKILL')
      await ended
      expect(await verify(path)).toEqual([])
      const tables = openTables(path, { isReadOnly: true })
      const done = tables.calls.count()
      await tables.close()
      if (done > 0 && done < EVENTS) wasCut += 1
    }
    expect(wasCut).toBeGreaterThan(0)
    const progress: { done: number }[] = []
    const outbox = await openEmbeddedOutbox({ path, onMigration: (each) => progress.push(each) })
    expect(progress.at(-1)?.done).toBeLessThan(EVENTS)
    expect((await outbox.find({ limit: 100, subject: 'call-7' })).deliveries).toHaveLength(EVENTS / 1000)
    await outbox.close()
    expect(await verify(path)).toEqual([])
    expect(await info(path)).toMatchObject({ format: FORMAT, bytes })
  }, 120_000)

  test('takes what was done already as done, wherever that ends', async () => {
    const outbox = await openEmbeddedOutbox({ path })
    await outbox.accept(Array.from({ length: 50 }, (_, index) => event(`e${index}`, [`crm:${index}`])))
    await outbox.close()
    for (const kept of [0, 1, 25, 50]) {
      const copy = `${path}-${kept}`
      mkdirSync(copy)
      for (const file of [DATA_FILE, 'switchhook-store']) copyFileSync(join(path, file), join(copy, file))
      await takeBack(copy, kept)
      await (await openEmbeddedOutbox({ path: copy })).close()
      expect(await verify(copy)).toEqual([])
    }
  })
})

describe('a format', () => {
  test.each([
    [FORMAT, FORMAT],
    [1, 1],
  ])('%i is known', async (format, read) => {
    await (await openEmbeddedOutbox({ path })).close()
    const tables = openTables(path)
    tables.commit(() => writeFormat(tables.state, format))
    expect(readFormat(tables.state)).toBe(read)
    await tables.close()
  })

  test.each([
    [0, 'which no program ever wrote'],
    [FORMAT + 1, `knows formats up to ${FORMAT}: start a newer one`],
  ])('%i is refused by all that opens a store', async (format, message) => {
    await (await openEmbeddedOutbox({ path })).close()
    const tables = openTables(path)
    tables.commit(() => writeFormat(tables.state, format))
    await tables.close()
    await expect(openEmbeddedOutbox({ path })).rejects.toThrow(message)
    await expect(info(path)).rejects.toThrow(message)
    await expect(verify(path)).rejects.toThrow(message)
  })
})
