/**
 * What events cost on the disk, waiting and delivered, and whether the room of what is forgotten is used again: by age, as
 * what ended long ago goes, and by bytes, as the oldest delivered ones go when there is too much of it.
 */
import { statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { maintain, type Retention } from '../../../src/engine/upkeep/maintenance.ts'
import { DATA_FILE } from '../../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../../src/outbox/embedded/open.ts'
import type { EmbeddedOutbox } from '../../../src/outbox/embedded/outbox.ts'
import { EventMaker } from './events.ts'
import { deliverAll, fillDelivered, SENDERS } from './work.ts'

/** Bytes of disk an event, of a store that holds only such events. */
export interface DiskCost {
  readonly deliveries: number
  readonly pending: number
  readonly delivered: number
  /** Of the file itself once all are delivered, with the pages that are free at the moment. */
  readonly file: number
}

/** A store that is filled and emptied again and again. */
export interface Reuse {
  readonly retention: 'age' | 'bytes'
  /** Size of the data file after each round. */
  readonly fileBytes: readonly number[]
  /** What is wrong, a line each. */
  readonly broken: readonly string[]
}

const HOUR_MS = 3_600_000

/** Rounds of {@link measureReuse}. */
const ROUNDS = 8

/** Rounds until the file has its size: the store lives on pages of the rounds before. */
const WARM_ROUNDS = 2

/** How much larger than after the warm rounds the file may be at the end. */
const GROWTH_LIMIT = 1.1

/** And bytes beside: lmdb's list of free pages moves a few dozen pages about, which a file of a few MiB shows (24 rounds). */
const GROWTH_ROOM_BYTES = 64 * 4096

/** Fills a new store in `folder` with `events` of so many deliveries each, opens it anew, delivers them, and measures in between. */
export async function measureDiskCost(folder: string, events: number, deliveries: number): Promise<DiskCost> {
  const path = join(folder, `cost-${deliveries}`)
  const open = (): Promise<EmbeddedOutbox> => openEmbeddedOutbox({ path, reserveBytes: 0 })
  let outbox = await open()
  const maker = new EventMaker()
  const nowMs = Date.now()
  for (let first = 0; first < events; first += SENDERS) {
    const count = Math.min(SENDERS, events - first)
    await outbox.accept(Array.from({ length: count }, (_, index) => maker.make(first + index, deliveries, nowMs)))
  }
  // A store that is closed has written the rows that it writes late.
  await outbox.close()
  outbox = await open()
  const pending = await liveBytes(outbox, join(folder, 'copy'))
  await deliverAll(outbox, nowMs)
  const delivered = await liveBytes(outbox, join(folder, 'copy'))
  await outbox.close()
  const file = statSync(join(path, DATA_FILE)).size
  await rm(path, { recursive: true })
  return { deliveries, pending: pending / events, delivered: delivered / events, file: file / events }
}

/** Eight times a day and an hour pass, in which `events` are delivered; each time what is too old or too much is forgotten. */
export async function measureReuse(folder: string, events: number, by: Reuse['retention']): Promise<Reuse> {
  const path = join(folder, `reuse-${by}`)
  const outbox = await openEmbeddedOutbox({ path, reserveBytes: 0 })
  const maker = new EventMaker()
  const fileBytes: number[] = []
  const broken: string[] = []
  const startedAtMs = Date.now()
  let oneRoundBytes = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const nowMs = startedAtMs + round * 25 * HOUR_MS
    const limitBytes = by === 'bytes' && round > 0 ? oneRoundBytes : Number.MAX_SAFE_INTEGER
    const retention: Retention = {
      deliveredMs: (by === 'age' ? 24 : 10_000) * HOUR_MS,
      deadMs: 30 * 24 * HOUR_MS,
      bytes: limitBytes,
    }
    await forget(outbox, retention, nowMs)
    await fillDelivered(outbox, maker, { first: round * events, count: events, deliveries: 1 }, nowMs)
    if (round === 0) oneRoundBytes = outbox.counts().bytes
    await forget(outbox, retention, nowMs)
    const { delivered, bytes } = outbox.counts()
    if (by === 'age' && delivered !== events)
      broken.push(`round ${round}: ${delivered} delivered are kept, not ${events}`)
    if (bytes > limitBytes) broken.push(`round ${round}: ${bytes} bytes are kept, ${limitBytes} were allowed`)
    if (by === 'bytes' && delivered < events / 2) broken.push(`round ${round}: only ${delivered} delivered are left`)
    fileBytes.push(statSync(join(path, DATA_FILE)).size)
  }
  await outbox.close()
  await rm(path, { recursive: true })
  const warm = fileBytes[WARM_ROUNDS - 1] ?? 0
  const last = fileBytes.at(-1) ?? 0
  if (last > warm * GROWTH_LIMIT + GROWTH_ROOM_BYTES)
    broken.push(`retention by ${by}: the file grew from ${warm} to ${last} bytes`)
  return { retention: by, fileBytes, broken }
}

async function forget(outbox: EmbeddedOutbox, retention: Retention, nowMs: number): Promise<void> {
  // The schedule is none: nothing is pending that could expire.
  await maintain({ outbox, retention, scheduleOf: () => [0], pause: () => nextTurn(), isStopping: () => false }, nowMs)
}

/** Bytes of the pages that hold something: a copy has no others. */
async function liveBytes(outbox: EmbeddedOutbox, copy: string): Promise<number> {
  await outbox.backup(copy)
  const { size } = statSync(join(copy, DATA_FILE))
  await rm(copy, { recursive: true })
  return size
}
