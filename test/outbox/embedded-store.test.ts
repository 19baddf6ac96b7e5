/**
 * What the embedded outbox promises beside the contract: it outlives the process, keeps memory bounded, belongs to one
 * process, refuses what it does not know or what is damaged, and can be looked into and copied.
 */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { MARKER_FILE } from '../../src/outbox/embedded/files/data-file.ts'
import { FolderLock, LOCK_PREFIX } from '../../src/outbox/embedded/files/folder-lock.ts'
import { FORMAT, writeFormat } from '../../src/outbox/embedded/files/format.ts'
import { backup, info, verify } from '../../src/outbox/embedded/files/inspect.ts'
import { DATA_FILE, openTables } from '../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { claimAll, claimIds, dead, delivered, event, idOf, nameOf, recordOf, T0 } from '../contract/outbox-world.ts'

const root = mkdtempSync(join(tmpdir(), 'switchhook-store-'))
let path: string
let stores = 0

beforeEach(() => {
  stores += 1
  path = join(root, String(stores), 'below')
})

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function lockFiles(): string[] {
  return readdirSync(path).filter((name) => name.startsWith(LOCK_PREFIX))
}

/** A store with some deliveries in each state, closed. */
async function someStore(): Promise<void> {
  const outbox = await openEmbeddedOutbox({ path })
  await outbox.accept(Array.from({ length: 200 }, (_, index) => event(`e${index}`, [`crm:${index}`, `log:${index}`])))
  claimAll(outbox, T0, 100)
  await outbox.settle([delivered('crm:0'), dead('crm:1'), delivered('log:0')])
  await outbox.close()
}

describe('an embedded store', () => {
  test('has the same after a restart, and what was in flight is due again', async () => {
    await someStore()
    const outbox = await openEmbeddedOutbox({ path })
    expect(outbox.counts()).toMatchObject({ pending: 397, delivered: 2, dead: 1, oldestAcceptedAtMs: T0 })
    expect(new Map(outbox.pendingByWebhook())).toEqual(
      new Map([
        ['crm', 198],
        ['log', 199],
      ]),
    )
    expect(new Set(claimIds(outbox, T0)).size).toBe(397)
    expect(await outbox.accept([event('e7', ['crm:again'])])).toEqual(['duplicate'])
    await outbox.close()
  })

  test('is for its owner alone', async () => {
    await someStore()
    expect(statSync(path).mode & 0o777).toBe(0o700)
  })

  test('keeps an ordered call in order beyond what is in memory and over restarts', async () => {
    const bounds = { path, inMemory: 8, inMemoryPerWebhook: 8 }
    let outbox = await openEmbeddedOutbox(bounds)
    for (let index = 0; index < 60; index += 1) {
      await outbox.accept([event(`e${index}`, [`crm:${index}`], { ordered: true, subject: `call-${index % 3}` })])
    }
    const order: string[] = []
    while (outbox.counts().pending > 0) {
      const ids = claimIds(outbox)
      expect(ids.length).toBeLessThanOrEqual(3)
      order.push(...ids)
      await outbox.settle(ids.map((id) => delivered(id)))
      if (order.length === 30) {
        await outbox.close()
        outbox = await openEmbeddedOutbox(bounds)
      }
    }
    for (const call of [0, 1, 2]) {
      const numbers = order.map((name) => Number(name.slice(4))).filter((number) => number % 3 === call)
      expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index * 3 + call))
    }
    await outbox.close()
  })

  test('holds no more in memory than it was told, whatever waits, and gives all of it in due order', async () => {
    const outbox = await openEmbeddedOutbox({ path, inMemory: 100, inMemoryPerWebhook: 50 })
    const events = Array.from({ length: 2000 }, (_, index) =>
      event(`e${index}`, [`w${index % 4}:${index}`], { dueMs: T0 + (index % 97) }),
    )
    for (let start = 0; start < events.length; start += 500) {
      await outbox.accept(events.slice(start, start + 500))
      expect(outbox.weightInMemory).toBeLessThanOrEqual(125 * 4)
    }
    const dueBefore = new Map<string, number>()
    let claimed = 0
    while (claimed < 2000) {
      const batch = outbox.claim(T0 + 1000, () => true, 64)
      for (const { id, webhook } of batch) {
        const dueMs = T0 + (Number(nameOf(id).split(':')[1]) % 97)
        expect(dueMs).toBeGreaterThanOrEqual(dueBefore.get(webhook) ?? 0)
        dueBefore.set(webhook, dueMs)
      }
      claimed += batch.length
      await outbox.settle(batch.map(({ id }) => ({ id, atMs: T0, to: 'delivered' })))
      await outbox.whenRead()
      expect(outbox.weightInMemory).toBeLessThanOrEqual(125 * 4)
    }
    expect(outbox.counts()).toMatchObject({ pending: 0, delivered: 2000 })
    await outbox.close()
  })

  test('forgets events with their last delivery, and duplicates after 24 h', async () => {
    const outbox = await openEmbeddedOutbox({ path })
    await outbox.accept([event('e1', ['crm:1'])])
    claimAll(outbox)
    await outbox.settle([delivered('crm:1')])
    const purge = { kind: 'purge', state: 'delivered', endedBeforeMs: T0 + 1, limit: 10 } as const
    expect(await outbox.control({ ...purge, atMs: T0 + 2 })).toBe(1)
    expect(await outbox.accept([event('e1', ['crm:2'], { acceptedAtMs: T0 + 5 })])).toEqual(['duplicate'])
    await outbox.control({ ...purge, atMs: T0 + 86_400_000 })
    expect(outbox.counts()).toMatchObject({ pending: 0, delivered: 0, dead: 0, bytes: 0 })
    await outbox.close()
    const tables = openTables(path)
    const { events, seen, deliveries, ended, calls } = tables
    expect([events, seen, deliveries, ended, calls].map((table) => table.count())).toEqual([0, 0, 0, 0, 0])
    await tables.close()
  })
})

describe('the lock of a store', () => {
  test('refuses a second opening with the host and the process that has it', async () => {
    const outbox = await openEmbeddedOutbox({ path })
    await expect(openEmbeddedOutbox({ path })).rejects.toThrow(new RegExp(`in use by process ${process.pid} on `))
    await outbox.close()
    await (await openEmbeddedOutbox({ path })).close()
    expect(lockFiles()).toEqual([])
  })

  test('goes to one of many that start at once, also over one that was left behind', async () => {
    await someStore()
    for (let round = 0; round < 10; round += 1) {
      const lock = await FolderLock.take(path)
      const [name = ''] = lockFiles()
      const holder: Record<string, unknown> = JSON.parse(readFileSync(join(path, name), 'utf8'))
      await lock.release()
      // The same machine and process number, but the process that had it is another one.
      writeFileSync(join(path, `${LOCK_PREFIX}gone`), JSON.stringify({ ...holder, started: '1', token: 'gone' }))
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => FolderLock.take(path)))
      const won = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
      expect(won).toHaveLength(1)
      await won[0]?.release()
    }
  })

  test('of another host counts as long as its heartbeat is young', async () => {
    await someStore()
    const file = join(path, `${LOCK_PREFIX}z`)
    writeFileSync(
      file,
      JSON.stringify({ host: 'elsewhere', boot: 'x', namespace: 'y', pid: 7, started: '1', token: 'z' }),
    )
    await expect(openEmbeddedOutbox({ path })).rejects.toThrow('in use by process 7 on elsewhere')
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(file, longAgo, longAgo)
    await (await openEmbeddedOutbox({ path })).close()
  })

  test('that is not one of ours is left alone', async () => {
    await someStore()
    writeFileSync(join(path, `${LOCK_PREFIX}what`), 'what?')
    await expect(openEmbeddedOutbox({ path })).rejects.toThrow('is not one of ours')
  })
})

describe('a store that can not be used', () => {
  test('of a newer format is refused with both versions', async () => {
    await someStore()
    const tables = openTables(path)
    tables.commit(() => writeFormat(tables.state, FORMAT + 1))
    await tables.close()
    await expect(openEmbeddedOutbox({ path })).rejects.toThrow(
      `the store has format ${FORMAT + 1}, this program knows formats up to ${FORMAT}`,
    )
  })

  test.each([
    ['gone', (file: string) => unlinkSync(file), 'is gone'],
    ['empty', (file: string) => truncateSync(file, 0), 'is empty'],
    ['cut in its first page', (file: string) => truncateSync(file, 300), 'cut off'],
    ['cut in the middle', (file: string) => truncateSync(file, statSync(file).size / 2), 'cut off'],
    ['something else', (file: string) => writeFileSync(file, 'x'.repeat(100_000)), 'no meta page'],
  ])('because its file is %s is reported and left as it is', async (_, damage, message) => {
    await someStore()
    const file = join(path, DATA_FILE)
    damage(file)
    const before = existsSync(file) ? readFileSync(file) : undefined
    await expect(openEmbeddedOutbox({ path })).rejects.toThrow(message)
    expect(existsSync(file) ? readFileSync(file) : undefined).toEqual(before)
    expect(await verify(path)).not.toEqual([])
    expect(lockFiles()).toEqual([])
  })

  test('is found by verify wherever a page is overwritten', async () => {
    await someStore()
    const file = join(path, DATA_FILE)
    const whole = readFileSync(file)
    expect(await verify(path)).toEqual([])
    let found = 0
    for (let page = 2; page < whole.length / 4096; page += 1) {
      const damaged = Buffer.from(whole)
      damaged.fill(0xa5, page * 4096, page * 4096 + 4096)
      writeFileSync(file, damaged)
      if ((await verify(path)).length > 0) found += 1
    }
    // The others are free: nothing that is kept lies on them.
    expect(found).toBeGreaterThan(20)
  })

  test('is found by verify where a byte of an event is another', async () => {
    await someStore()
    const file = join(path, DATA_FILE)
    const bytes = readFileSync(file)
    const at = bytes.indexOf('{"id":"e9"}')
    bytes.write('X', at + 3)
    writeFileSync(file, bytes)
    // The bytes can also lie on a page that is free by now: then the next copy is the one that counts.
    for (let next = at; next >= 0 && (await verify(path)).length === 0; ) {
      next = bytes.indexOf('{"id":"e9"}', next + 1)
      if (next >= 0) bytes.write('X', next + 3)
      writeFileSync(file, bytes)
    }
    expect((await verify(path)).join()).toContain('damaged')
  })
})

describe('the folder of a store', () => {
  test('tells what is in it, beside a process that uses it', async () => {
    await someStore()
    const outbox = await openEmbeddedOutbox({ path })
    expect(await info(path)).toMatchObject({
      format: FORMAT,
      servedFormat: FORMAT,
      pending: 397,
      delivered: 2,
      dead: 1,
      pendingByWebhook: [
        ['crm', 198],
        ['log', 199],
      ],
    })
    await outbox.close()
    await expect(info(join(path, 'nothing'))).rejects.toThrow('there is no store in')
  })

  test('is copied while it is in use; the copy is a store', async () => {
    await someStore()
    const outbox = await openEmbeddedOutbox({ path })
    const copies = [join(path, '..', 'a'), join(path, '..', 'b')]
    await outbox.backup(copies[0] ?? '')
    await backup(path, copies[1] ?? '')
    await expect(outbox.backup(copies[0] ?? '')).rejects.toThrow('exists already')
    await outbox.accept([event('later', ['crm:later'])])
    for (const copy of copies) {
      expect(existsSync(join(copy, MARKER_FILE))).toBe(true)
      expect(await verify(copy)).toEqual([])
      const copied = await openEmbeddedOutbox({ path: copy })
      expect(copied.counts()).toMatchObject({ pending: 397, delivered: 2, dead: 1 })
      expect(await recordOf(copied, 'crm:1')).toMatchObject({ state: 'dead' })
      expect(await copied.get(idOf('crm:later'))).toBeUndefined()
      await copied.close()
    }
    await outbox.close()
  })
})
