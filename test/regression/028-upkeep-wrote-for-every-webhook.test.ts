/**
 * Every minute each webhook that had something waiting got a command to end what was held for too long, although there was
 * none: a synced transaction each, and what was in memory of it was read anew. With 10,000 webhooks that took 17 s a minute.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { endRemoved, maintain } from '../../src/engine/upkeep/maintenance.ts'
import type { ControlCommand, Outbox } from '../../src/outbox/contract.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { event, recordOf, T0 } from '../contract/outbox-world.ts'

const DAY_MS = 86_400_000

/** A new outbox, and the commands that it was given. */
async function open(backEnd: string): Promise<{ readonly outbox: Outbox; readonly commands: ControlCommand[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-028-'))
  const outbox = backEnd === 'memory' ? new MemoryOutbox() : await openEmbeddedOutbox({ path: folder, reserveBytes: 0 })
  onTestFinished(async () => {
    await outbox.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const commands: ControlCommand[] = []
  const control = outbox.control.bind(outbox)
  outbox.control = (command) => {
    commands.push(command)
    return control(command)
  }
  return { outbox, commands }
}

function partsOf(outbox: Outbox): Parameters<typeof maintain>[0] {
  const retention = { deliveredMs: DAY_MS, deadMs: DAY_MS, bytes: Number.POSITIVE_INFINITY }
  return { outbox, retention, scheduleOf: () => [0], pause: async () => undefined, isStopping: () => false }
}

test.each([['memory'], ['embedded']])(
  'of the %s outbox only webhooks with something overdue are told to end it',
  async (backEnd) => {
    const { outbox, commands } = await open(backEnd)
    const names = Array.from({ length: 100 }, (_, index) => `${backEnd}-w${index}:1`)
    await outbox.accept(names.map((name) => event(name, [name], { ordered: true })))
    await outbox.accept([event(`${backEnd}-early`, [`${backEnd}-early:1`], { acceptedAtMs: T0 - 1 })])
    const expired = async (nowMs: number): Promise<number> => (await maintain(partsOf(outbox), nowMs)).expired

    expect(await expired(T0 + DAY_MS - 1)).toBe(0)
    expect(commands.filter(({ kind }) => kind === 'expire')).toEqual([])
    expect(await expired(T0 + DAY_MS)).toBe(1)
    expect(commands.filter(({ kind }) => kind === 'expire')).toHaveLength(1)
    expect(await expired(T0 + DAY_MS + 1)).toBe(100)
  },
)

test('deliveries of a webhook that came back while others were removed go on', async () => {
  const { outbox } = await open('memory')
  await outbox.accept([event('e1', ['back:028'])])
  const webhooks = new Map<string, readonly number[]>()
  const pause = async (): Promise<void> => void webhooks.set('back', [0])
  const parts = { outbox, scheduleOf: (id: string) => webhooks.get(id), pause, isStopping: () => false }
  expect(await endRemoved(parts, T0)).toBe(0)
  expect(await recordOf(outbox, 'back:028')).toMatchObject({ state: 'pending' })
})
