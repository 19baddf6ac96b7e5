/**
 * Retention by bytes asks to forget the oldest delivered ones whatever their age, with an endless bound, which no key of the
 * embedded store can hold: nothing was forgotten, and the store was told to be unable to write. So was every purge on a
 * machine whose clock stood in 1970, where 30 days ago is before the first time that a key can hold.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { maintain } from '../../src/engine/upkeep/maintenance.ts'
import type { Outbox } from '../../src/outbox/contract.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { claimAll, delivered, event, T0 } from '../contract/outbox-world.ts'

const DAY_MS = 24 * 3_600_000

async function maintained(outbox: Outbox, nowMs: number, bytes: number): Promise<number> {
  const retention = { deliveredMs: DAY_MS, deadMs: 30 * DAY_MS, bytes }
  const parts = { outbox, retention, scheduleOf: () => [0], pause: async () => undefined, isStopping: () => false }
  return (await maintain(parts, nowMs)).purged
}

async function open(folder: string, backEnd: string): Promise<Outbox> {
  return backEnd === 'memory' ? new MemoryOutbox() : await openEmbeddedOutbox({ path: folder, reserveBytes: 0 })
}

test.each([
  ['memory', T0],
  ['embedded', T0],
  ['memory', 1000],
  ['embedded', 1000],
])('what is too much for the %s outbox is forgotten at %i ms', async (backEnd, nowMs) => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-022-'))
  const outbox = await open(folder, backEnd)
  try {
    const names = Array.from({ length: 5 }, (_, index) => `crm:022-${backEnd}-${nowMs}-${index}`)
    await outbox.accept(names.map((name) => event(name, [name], { acceptedAtMs: nowMs })))
    claimAll(outbox, nowMs)
    await outbox.settle(names.map((name) => delivered(name, nowMs)))
    expect(await maintained(outbox, nowMs, Number.MAX_SAFE_INTEGER)).toBe(0)
    expect(await maintained(outbox, nowMs, 0)).toBe(5)
    expect(outbox.counts()).toMatchObject({ pending: 0, delivered: 0, dead: 0 })
  } finally {
    await outbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
