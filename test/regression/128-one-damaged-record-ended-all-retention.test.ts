/**
 * A record that could not be read ended each purge, and each end of what was held for too long, at the same row every minute; and
 * where ending that failed nothing was purged. Nothing was forgotten any more, until the disk was full.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type Maintained, maintain } from '../../src/engine/upkeep/maintenance.ts'
import { Upkeep } from '../../src/engine/upkeep/upkeep.ts'
import type { ControlCommand, Outbox, OutboxHealth } from '../../src/outbox/contract.ts'
import { verify } from '../../src/outbox/embedded/files/inspect.ts'
import { openTables, type Table, type Tables } from '../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { parsePlace } from '../../src/outbox/embedded/records/keys.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { claimAll, dead, delivered, event, idOf, recordOf, T0 } from '../contract/outbox-world.ts'

const DAY_MS = 86_400_000
const START = Buffer.alloc(1)
const END = Buffer.alloc(64, 0xff)

let path: string

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-128-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  path = join(folder, 'store')
})

/** A store with two of each: delivered, dead, waiting, and waiting for a webhook that is gone. */
async function fillStore(): Promise<void> {
  const outbox = await openEmbeddedOutbox({ path, reserveBytes: 0 })
  await outbox.accept(['crm:1', 'crm:2', 'crm:3', 'crm:4'].map((name) => event(name, [name])))
  claimAll(outbox)
  await outbox.settle([delivered('crm:1'), delivered('crm:2'), dead('crm:3'), dead('crm:4')])
  await outbox.accept(['crm:5', 'crm:6', 'gone:7', 'gone:8'].map((name) => event(name, [name])))
  await outbox.close()
}

/** The key of a delivery in a table whose keys, or its event's whose keys, end with its place. */
function keyOf(table: Table, name: string): Buffer {
  const place = parsePlace(idOf(name))?.toString('hex') ?? ''
  for (const { key } of table.range(START, END)) {
    const hex = key.toString('hex')
    if (hex.endsWith(place) || hex === place.slice(0, -4)) return key
  }
  throw new Error(`${name} is not there`)
}

/** Overwrites the record of a delivery, or of its event. */
async function damage(
  name: string,
  pick: (tables: Tables) => Table,
  change: (record: Buffer) => Buffer,
): Promise<void> {
  const tables = openTables(path)
  const table = pick(tables)
  const key = keyOf(table, name)
  tables.commit(() => table.put(key, change(table.get(key) ?? Buffer.alloc(0))))
  await tables.close()
}

function maintained(outbox: Outbox, nowMs: number): Promise<Maintained> {
  const retention = { deliveredMs: DAY_MS, deadMs: DAY_MS, bytes: Number.POSITIVE_INFINITY }
  const scheduleOf = (id: string): readonly number[] | undefined => (id === 'gone' ? undefined : [0])
  return maintain({ outbox, retention, scheduleOf, pause: async () => undefined, isStopping: () => false }, nowMs)
}

const cut = (record: Buffer): Buffer => record.subarray(0, record.length - 1)
const none = (): Buffer => Buffer.alloc(1)
const deliveries = ({ deliveries }: Tables): Table => deliveries
const events = ({ events }: Tables): Table => events

describe('what is not damaged ends in its time', () => {
  test.each([
    ['a delivered one', 'crm:1', deliveries, cut],
    ['a dead one', 'crm:3', deliveries, cut],
    ['the event of a delivered one', 'crm:1', events, cut],
    ['the event of a dead one, from its beginning', 'crm:3', events, none],
    ['a waiting one', 'crm:5', deliveries, cut],
    ['the event of a waiting one', 'crm:5', events, cut],
    ['one whose webhook is gone', 'gone:7', deliveries, cut],
  ])('although %s is', async (_, name, pick, change) => {
    await fillStore()
    await damage(name, pick, change)
    const outbox = await openEmbeddedOutbox({ path, reserveBytes: 0 })
    await maintained(outbox, T0 + DAY_MS + 1)
    expect(outbox.counts()).toMatchObject({ pending: 0, delivered: 0 })
    expect(outbox.health()).toEqual({ isWritable: true, detail: '1 damaged deliveries' })
    expect(await maintained(outbox, T0 + 3 * DAY_MS)).toMatchObject({ removed: 0, expired: 0 })
    expect(outbox.counts()).toMatchObject({ pending: 0, delivered: 0, dead: 0 })
    expect(await maintained(outbox, T0 + 5 * DAY_MS)).toEqual({ removed: 0, expired: 0, purged: 0, failures: [] })
    await outbox.close()
    const problems = (await verify(path)).filter((problem) => !problem.startsWith('table calls'))
    expect(problems).toEqual([expect.stringContaining('damaged')])
  })
})

test('what has ended is purged although ending what was held for too long fails', async () => {
  class FailingOutbox extends MemoryOutbox {
    override async control(command: ControlCommand): Promise<number> {
      if (command.kind === 'expire') throw new Error('no')
      return super.control(command)
    }
  }
  const outbox = new FailingOutbox()
  await outbox.accept([event('e1', ['crm:1', 'crm:2'])])
  claimAll(outbox, T0, 1)
  await outbox.settle([dead('crm:1')])
  expect(await maintained(outbox, T0 + DAY_MS + 1)).toEqual({
    removed: 0,
    expired: 0,
    purged: 1,
    failures: [new Error('no')],
  })
  expect(await recordOf(outbox, 'crm:1')).toBeUndefined()
  expect(outbox.counts()).toMatchObject({ pending: 1, dead: 0 })
})

test('the log tells that damaged records were met', async () => {
  class DamagedOutbox extends MemoryOutbox {
    override health(): OutboxHealth {
      return { isWritable: true, detail: '1 damaged deliveries' }
    }
  }
  const told: unknown[] = []
  const ignore = (): undefined => undefined
  const upkeep = new Upkeep({
    outbox: new DamagedOutbox(),
    clock: { nowMs: () => T0, monotonicMs: () => 0 },
    log: { info: ignore, warn: ignore, error: (fields, message) => told.push([fields, message]) },
    retention: () => ({ deliveredMs: DAY_MS, deadMs: DAY_MS, bytes: Number.POSITIVE_INFINITY }),
    scheduleOf: () => [0],
    deadLetters: { inFlightOf: () => 0, add: ignore },
    onStoreWritten: ignore,
    onStoreError: ignore,
  })
  upkeep.start()
  await upkeep.close()
  expect(told).toEqual([[{ detail: '1 damaged deliveries' }, expect.stringContaining('store verify')]])
})
