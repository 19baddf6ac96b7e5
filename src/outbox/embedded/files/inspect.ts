/**
 * What operators ask of a store's folder, for the command line: what is in it, whether it is whole, a copy of it. `info` and
 * `backup` work beside a running server; `verify` needs the store for itself.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, open, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { messageOf, SwitchhookError } from '../../../errors.ts'
import type { OutboxCounts } from '../../contract.ts'
import { callKeyOf } from '../records/call-index.ts'
import { decodeDelivery } from '../records/delivery-record.ts'
import { decodeEvent, seenKeyOf } from '../records/event-record.ts'
import { dueKey, endedKey } from '../records/keys.ts'
import { readSeen } from '../records/seen-record.ts'
import { leftFrom } from '../thread/late-index.ts'
import { Tallies } from '../thread/tallies.ts'
import { isStore, markAsStore, problemsOf } from './data-file.ts'
import { makeFolder, syncFolder } from './folder.ts'
import { FolderLock } from './folder-lock.ts'
import { FORMAT, readFormat, readSeed } from './format.ts'
import { DATA_FILE, openTables, type Table, type Tables } from './tables.ts'

/** What is in a store. */
export interface StoreInfo extends OutboxCounts {
  readonly format: number
  /** The format that it is brought up to when it is served next; the same where it has that. */
  readonly servedFormat: number
  /** Size of the data file. */
  readonly fileBytes: number
  /** Webhooks with pending deliveries, with how many. */
  readonly pendingByWebhook: readonly (readonly [webhook: string, pending: number])[]
}

/** Reads what is in a store; throws `not-found` where there is none, `unavailable` where it can't be read. */
export async function info(path: string): Promise<StoreInfo> {
  const folder = existing(path)
  refuseDamaged(folder)
  const tables = openTables(folder, { isReadOnly: true })
  try {
    const format = readFormat(tables.state) ?? 0
    const tallies = new Tallies(tables.state)
    const { pending, delivered, dead, bytes } = tallies.totals
    const oldestAcceptedAtMs = tallies.oldestAcceptedAtMs()
    return {
      format,
      servedFormat: FORMAT,
      fileBytes: statSync(join(folder, DATA_FILE)).size,
      pending,
      delivered,
      dead,
      bytes,
      ...(oldestAcceptedAtMs === undefined ? {} : { oldestAcceptedAtMs }),
      pendingByWebhook: [...tallies.webhooks()]
        .filter((each) => each.pending > 0)
        .map((each) => [each.id, each.pending]),
    }
  } finally {
    await tables.close()
  }
}

/** What is wrong with a store, a line each; none: every page, record and number in it is right. It must not be in use. */
export async function verify(path: string): Promise<readonly string[]> {
  const folder = existing(path)
  const lock = await FolderLock.take(folder)
  try {
    const problems = problemsOf(folder, 'all')
    if (problems.length > 0) return problems
    const tables = openTables(folder, { isReadOnly: true })
    try {
      return new Audit(tables, readFormat(tables.state) ?? FORMAT).run()
    } finally {
      await tables.close()
    }
  } finally {
    await lock.release()
  }
}

/** Copies a store, running or not, to a new folder `to`, which can be opened as a store. Durable when it resolves. */
export async function backup(path: string, to: string): Promise<void> {
  const folder = existing(path)
  refuseDamaged(folder)
  const tables = openTables(folder, { isReadOnly: true })
  try {
    await copyTables((file) => tables.backup(file), to)
  } finally {
    await tables.close()
  }
}

/**
 * Makes a store folder `to` of what `copy` writes to the file that it is given. Whenever this is cut short, there is either
 * no folder of that name or a whole one; what was begun lies beside it, with `.partial` in its name.
 */
export async function copyTables(copy: (file: string) => Promise<void>, to: string): Promise<void> {
  const target = resolve(to)
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new SwitchhookError('conflict', `${target} exists already and is not empty: name a new folder`)
  }
  await makeFolder(dirname(target))
  const partial = await mkdtemp(`${target}.partial-`)
  try {
    const file = join(partial, DATA_FILE)
    await copy(file)
    const copied = await open(file, 'r+')
    try {
      await copied.sync()
    } finally {
      await copied.close()
    }
    await markAsStore(partial)
    await syncFolder(partial)
    await rename(partial, target)
    await syncFolder(dirname(target))
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
}

function existing(path: string): string {
  const folder = resolve(path)
  if (!isStore(folder)) throw new SwitchhookError('not-found', `there is no store in ${folder}`)
  return folder
}

function refuseDamaged(folder: string): void {
  const problems = problemsOf(folder, 'roots')
  if (problems.length > 0) {
    throw new SwitchhookError('unavailable', `the store in ${folder} is damaged: ${problems[0]}`, { issues: problems })
  }
}

/** Most complaints that are gathered. */
const MOST_PROBLEMS = 20
const START = Buffer.alloc(1)
const END = Buffer.alloc(64, 0xff)

/** Reads every record of a store and holds the tables against each other. */
class Audit {
  readonly #tables: Tables
  readonly #format: number
  readonly #problems: string[] = []

  constructor(tables: Tables, format: number) {
    this.#tables = tables
    this.#format = format
  }

  run(): readonly string[] {
    this.#events()
    const counted = { pending: 0, delivered: 0, dead: 0 }
    let buried = 0
    this.#each('deliveries', (key, value) => {
      const delivery = decodeDelivery(value)
      const webhook = key.readUInt32BE(0)
      const place = key.subarray(4)
      counted[delivery.state] += 1
      if (delivery.isErased) {
        buried += 1
        return
      }
      if (!this.#tables.events.has(place.subarray(0, 13))) throw new Error('its event is missing')
      const kind = delivery.ordered?.isBlocked === true ? 'blocked' : 'ready'
      const isIndexed =
        delivery.state === 'pending'
          ? this.#tables.due.has(dueKey(webhook, kind, delivery.atMs, place))
          : this.#tables.ended.has(endedKey(delivery.state, delivery.atMs, place))
      if (!isIndexed) throw new Error(`it is ${delivery.state} and not indexed as such`)
    })
    const { totals } = new Tallies(this.#tables.state)
    for (const state of ['pending', 'delivered', 'dead'] as const) {
      if (totals[state] !== counted[state])
        this.#problem(`${totals[state]} deliveries are said to be ${state}, ${counted[state]} are`)
    }
    this.#same('due', counted.pending - buried)
    this.#same('ended', counted.delivered + counted.dead)
    this.#same('dead', counted.dead)
    return this.#problems
  }

  #events(): void {
    let withId = 0
    let withCall = 0
    // The latest events may not be indexed yet.
    const left = leftFrom(this.#tables)
    const seed = readSeed(this.#tables.state)
    this.#each('events', (key, value) => {
      const event = decodeEvent(value)
      if (this.#format < 2) return
      const sameId = readSeen(this.#tables.seen.get(seenKeyOf(seed, event, key)))
      const hasId = sameId.some(({ eventKey }) => eventKey.equals(key))
      const hasCall = event.subject !== '' && this.#tables.calls.has(callKeyOf(seed, event.subject, key))
      if (hasId) withId += 1
      if (hasCall) withCall += 1
      if (left !== undefined && key.compare(left) >= 0) return
      if (!hasId) throw new Error('it is not found by its id')
      if (!hasCall && event.subject !== '') throw new Error('it is not found by its call')
    })
    if (this.#format < 2) return
    // Where an event is damaged, or lacks a row, the numbers differ for no other reason.
    if (this.#problems.length === 0) this.#seen(withId)
    this.#same('calls', withCall)
  }

  #seen(expected: number): void {
    let count = 0
    this.#each('seen', (_, value) => {
      count += readSeen(value).length
    })
    if (count !== expected && this.#problems.length === 0)
      this.#problem(`table seen names ${count} events, ${expected} belong there`)
  }

  #each(name: 'events' | 'deliveries' | 'seen', check: (key: Buffer, value: Buffer) => void): void {
    const table: Table = this.#tables[name]
    for (const { key, value } of table.range(START, END)) {
      try {
        check(key, value)
      } catch (error) {
        this.#problem(`${name} ${key.toString('hex')}: ${messageOf(error)}`)
      }
      if (this.#problems.length >= MOST_PROBLEMS) return
    }
  }

  #same(name: 'due' | 'ended' | 'dead' | 'calls', expected: number): void {
    const count = this.#tables[name].count()
    if (count !== expected) this.#problem(`table ${name} has ${count} entries, ${expected} belong there`)
  }

  #problem(what: string): void {
    this.#problems.push(what)
  }
}
