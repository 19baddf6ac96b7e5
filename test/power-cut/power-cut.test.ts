/**
 * A power cut: what was promised is on the disk, whatever else the disk has lost. strace records every write and sync of a
 * process that uses the store. For a moment chosen at random the file is made again from that record: with all that was
 * written before the last sync that had ended, and of what came later any part, sector by sector, as a disk may or may not
 * have written it. The store is opened from that file, and everything promised before the moment must be there.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type DeliveryState, deliveryId } from '../../src/model/delivery.ts'
import { markAsStore } from '../../src/outbox/embedded/files/data-file.ts'
import { verify } from '../../src/outbox/embedded/files/inspect.ts'
import { DATA_FILE } from '../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { readTrace, STRACE_OPTIONS, type Step } from './trace.ts'

const ROUNDS = 60
const CUTS = 40
const SEED = 20_261_121
const SECTOR_BYTES = 512

/** A small generator of random numbers with a seed, so that every run cuts at the same moments. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

let steps: readonly Step[] = []

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-power-'))
  const record = join(folder, 'record')
  const store = join(folder, 'store')
  const writer = join(import.meta.dirname, 'writer.ts')
  const command = [...STRACE_OPTIONS, '-o', record, process.execPath, writer, store, `${ROUNDS}`]
  await promisify(execFile)('strace', command, { maxBuffer: 64 * 1024 * 1024 })
  steps = await readTrace(record, join(store, DATA_FILE))
  await rm(folder, { recursive: true })
}, 120_000)

/** The file as a disk may have it that lost its power before step `cut`. */
function fileAfter(cut: number, random: () => number): Buffer {
  const before = steps.slice(0, cut)
  const ended = new Set(before.flatMap((step) => (step.kind === 'sync-end' ? [step.call] : [])))
  const lastSync = before.findLastIndex((step) => step.kind === 'sync-begin' && ended.has(step.call))
  const writes = before.flatMap((step, index) =>
    step.kind === 'write' ? [{ ...step, isKept: step.isSynced || index < lastSync }] : [],
  )
  const file = Buffer.alloc(Math.max(0, ...writes.map(({ at, bytes }) => at + bytes.length)))
  let length = 0
  for (const { at, bytes, isKept } of writes) {
    for (let offset = 0; offset < bytes.length; offset += SECTOR_BYTES) {
      if (!isKept && random() < 0.5) continue
      const sector = bytes.subarray(offset, offset + SECTOR_BYTES)
      sector.copy(file, at + offset)
      length = Math.max(length, at + offset + sector.length)
    }
  }
  return file.subarray(0, length)
}

/** The states that were promised before step `cut`. */
function promisedBefore(cut: number): Map<string, ReadonlySet<DeliveryState>> {
  const promised = new Map<string, ReadonlySet<DeliveryState>>()
  for (const step of steps.slice(0, cut)) {
    if (step.kind !== 'promised') continue
    switch (step.promised.kind) {
      case 'accepted':
        // What happens to it next may be on the disk already though nobody was told.
        for (const key of step.promised.events) {
          for (const index of [0, 1]) {
            const id = deliveryId(key, index)
            if (!promised.has(id)) promised.set(id, new Set(['pending', 'delivered', 'dead']))
          }
        }
        break
      case 'settled':
        for (const [id, state] of step.promised.deliveries)
          promised.set(id, new Set(state === 'pending' ? ['pending', 'delivered', 'dead'] : [state, 'pending']))
        break
      case 'retried':
        if (step.promised.touched > 0) promised.set(step.promised.delivery, new Set(['pending', 'delivered', 'dead']))
    }
  }
  return promised
}

describe('after a power cut', () => {
  test('the record is one of a store at work', () => {
    expect(steps.filter(({ kind }) => kind === 'promised').length).toBeGreaterThan(ROUNDS * 2)
    expect(steps.filter(({ kind }) => kind === 'sync-end').length).toBeGreaterThan(ROUNDS / 2)
    expect(steps.filter(({ kind }) => kind === 'write').length).toBeGreaterThan(ROUNDS * 2)
  })

  test(`at ${CUTS} moments chosen at random, everything promised before is there`, async () => {
    const random = randomOf(SEED)
    const lost: string[] = []
    let checked = 0
    const first = steps.findIndex(({ kind }) => kind === 'promised')
    for (let round = 0; round < CUTS; round += 1) {
      const cut = first + 1 + Math.floor(random() * (steps.length - first))
      const folder = await mkdtemp(join(tmpdir(), 'switchhook-power-'))
      onTestFinished(() => rm(folder, { recursive: true, force: true }))
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, DATA_FILE), fileAfter(cut, random))
      await markAsStore(folder)
      lost.push(...(await verify(folder)).map((problem) => `step ${cut}: ${problem}`))
      const outbox = await openEmbeddedOutbox({ path: folder, reserveBytes: 0 })
      for (const [id, states] of promisedBefore(cut)) {
        const record = await outbox.get(id)
        checked += 1
        if (record === undefined || !states.has(record.state))
          lost.push(`step ${cut}: ${id} is ${record?.state ?? 'lost'}`)
      }
      await outbox.close()
      await rm(folder, { recursive: true })
    }
    expect(lost).toEqual([])
    expect(checked).toBeGreaterThan(CUTS * 10)
  }, 120_000)

  test('a store that promised before it synced would be found out', async () => {
    // All of its promises, but only what was on the disk half-way: the check must be able to fail.
    const middle = steps.findIndex(({ kind }, index) => kind === 'sync-end' && index > steps.length / 2)
    const folder = await mkdtemp(join(tmpdir(), 'switchhook-power-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await writeFile(
      join(folder, DATA_FILE),
      fileAfter(middle, () => 0),
    )
    const outbox = await openEmbeddedOutbox({ path: folder, reserveBytes: 0 })
    const found = await Promise.all([...promisedBefore(steps.length).keys()].map((id) => outbox.get(id)))
    await outbox.close()
    expect(found.some((record) => record === undefined)).toBe(true)
    expect(found.some((record) => record !== undefined)).toBe(true)
  })
})
