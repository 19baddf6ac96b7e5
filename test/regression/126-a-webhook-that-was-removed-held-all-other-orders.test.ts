/**
 * What waited for a webhook that was removed ended in one command, however much it was: a million deliveries held all other
 * orders of the store, and the end of the engine, for tens of seconds.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { endRemoved } from '../../src/engine/upkeep/maintenance.ts'
import type { Outbox } from '../../src/outbox/contract.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { event, T0 } from '../contract/outbox-world.ts'

const DELIVERIES = 1000

/** Deliveries of the largest step that leaves others their turn. */
const STEP = 200

/** An outbox with {@link DELIVERIES} of the webhook `gone`. */
async function open(backEnd: string): Promise<Outbox> {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-126-'))
  const outbox = backEnd === 'memory' ? new MemoryOutbox() : await openEmbeddedOutbox({ path: folder, reserveBytes: 0 })
  onTestFinished(async () => {
    await outbox.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const names = Array.from({ length: DELIVERIES }, (_, index) => `gone:${backEnd}-${index}`)
  await outbox.accept(names.map((name) => event(name, [name])))
  return outbox
}

test.each([['memory'], ['embedded']])(
  'others have their turns while what waits in the %s outbox for a removed webhook is ended',
  async (backEnd) => {
    const outbox = await open(backEnd)
    const left: number[] = []
    const pause = async (): Promise<void> => void left.push(outbox.pendingOf('gone'))
    const parts = { outbox, scheduleOf: () => undefined, pause, isStopping: () => false }
    expect(await endRemoved(parts, T0)).toBe(DELIVERIES)
    expect(left).toEqual([1000, 800, 600, 400, 200, 0])
    expect(outbox.counts()).toMatchObject({ pending: 0, dead: DELIVERIES })
  },
)

test.each([['memory'], ['embedded']])(
  'stopping ends what is done to the %s outbox half way, and the next start goes on',
  async (backEnd) => {
    const outbox = await open(backEnd)
    const pause = async (): Promise<void> => undefined
    const isStopping = (): boolean => outbox.pendingOf('gone') <= DELIVERIES - 2 * STEP
    const parts = { outbox, scheduleOf: () => undefined, pause }
    expect(await endRemoved({ ...parts, isStopping }, T0)).toBe(2 * STEP)
    expect(outbox.counts()).toMatchObject({ pending: DELIVERIES - 2 * STEP })
    expect(await endRemoved({ ...parts, isStopping: () => false }, T0)).toBe(DELIVERIES - 2 * STEP)
  },
)

test('what is left of a webhook that comes back half way goes on', async () => {
  const outbox = await open('memory')
  const scheduleOf = (): readonly number[] | undefined => (outbox.pendingOf('gone') < DELIVERIES ? [0] : undefined)
  const parts = { outbox, scheduleOf, pause: async () => undefined, isStopping: () => false }
  expect(await endRemoved(parts, T0)).toBe(STEP)
  expect(outbox.pendingOf('gone')).toBe(DELIVERIES - STEP)
})
