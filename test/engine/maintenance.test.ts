/** What time does to the outbox: what is held for too long expires, what is kept for long enough goes. */
import { describe, expect, test } from 'vitest'
import { maintain } from '../../src/engine/upkeep/maintenance.ts'
import type { ControlCommand } from '../../src/outbox/contract.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { again, claimAll, claimIds, dead, delivered, event, recordOf, T0 } from '../contract/outbox-world.ts'

const DAY_MS = 86_400_000

const NOTHING = { expired: 0, removed: 0, purged: 0, failures: [] }

function maintainAt(
  outbox: MemoryOutbox,
  nowMs: number,
  bytes = Number.POSITIVE_INFINITY,
): ReturnType<typeof maintain> {
  const schedules = new Map([
    ['short', [0, 5000]],
    ['long', [0, 3 * DAY_MS]],
  ])
  const parts = {
    outbox,
    retention: { deliveredMs: 1000, deadMs: 2000, bytes },
    scheduleOf: (id: string) => schedules.get(id),
    pause: () => Promise.resolve(),
    isStopping: () => false,
  }
  return maintain(parts, nowMs)
}

describe('a delivery that is held', () => {
  test.each([
    ['short', DAY_MS],
    ['long', 3 * DAY_MS],
  ])(
    'by the webhook %s is dead after its schedule would have ended, a day at least, and not before',
    async (webhook, limitMs) => {
      const outbox = new MemoryOutbox()
      await outbox.accept([event('e1', [`${webhook}:1`])])
      expect(await maintainAt(outbox, T0 + limitMs)).toEqual(NOTHING)
      expect(await maintainAt(outbox, T0 + limitMs + 1)).toEqual({ ...NOTHING, expired: 1 })
      expect(await recordOf(outbox, `${webhook}:1`)).toMatchObject({ state: 'dead', reason: 'expired' })
    },
  )

  test('and was a probe meanwhile is dead as long after that', async () => {
    const outbox = new MemoryOutbox()
    await outbox.accept([event('e1', ['short:1'])])
    claimAll(outbox)
    const probedAtMs = T0 + DAY_MS / 2
    await outbox.settle([again('short:1', probedAtMs, 'none')])
    expect(await maintainAt(outbox, probedAtMs + DAY_MS)).toEqual(NOTHING)
    expect(await maintainAt(outbox, probedAtMs + DAY_MS + 1)).toEqual({ ...NOTHING, expired: 1 })
  })

  test('of a webhook that no longer exists is dead at once, and says why', async () => {
    const outbox = new MemoryOutbox()
    await outbox.accept([event('e1', ['gone:1', 'short:1'])])
    expect(await maintainAt(outbox, T0)).toEqual({ ...NOTHING, removed: 1 })
    expect(await recordOf(outbox, 'gone:1')).toMatchObject({ state: 'dead', reason: 'webhook-removed' })
    expect(await recordOf(outbox, 'short:1')).toMatchObject({ state: 'pending' })
  })

  test('goes in steps, however many there are', async () => {
    const outbox = new MemoryOutbox()
    await outbox.accept(Array.from({ length: 450 }, (_, index) => event(`e${index}`, [`short:${index}`])))
    expect(await maintainAt(outbox, T0 + 2 * DAY_MS)).toEqual({ ...NOTHING, expired: 450 })
  })
})

test('what was ended of a webhook that is gone is counted although a later step fails, but for what is in flight', async () => {
  let steps = 0
  class FailingOutbox extends MemoryOutbox {
    override async control(command: ControlCommand): Promise<number> {
      steps += 1
      if (steps === 3) throw new Error('the disk is full')
      return super.control(command)
    }
  }
  const outbox = new FailingOutbox()
  await outbox.accept(Array.from({ length: 450 }, (_, index) => event(`e${index}`, [`gone:${index}`])))
  claimAll(outbox, T0, 10)
  const counted: number[] = []
  const { failures } = await maintain(
    {
      outbox,
      retention: { deliveredMs: DAY_MS, deadMs: DAY_MS, bytes: Number.POSITIVE_INFINITY },
      scheduleOf: () => undefined,
      pause: () => Promise.resolve(),
      isStopping: () => false,
      deadLetters: { inFlightOf: () => 10, add: (_, count) => counted.push(count) },
    },
    T0,
  )
  expect(failures).toEqual([new Error('the disk is full')])
  expect(counted.reduce((sum, count) => sum + count, 0)).toBe(outbox.counts().dead)
})

describe('what has ended', () => {
  test.each([
    ['delivered', delivered, 1000],
    ['dead', dead, 2000],
  ] as const)('as %s is forgotten after its retention, and not before', async (_, end, keptMs) => {
    const outbox = new MemoryOutbox()
    await outbox.accept([event('e1', ['short:1'])])
    claimAll(outbox)
    await outbox.settle([end('short:1', T0)])
    expect(await maintainAt(outbox, T0 + keptMs)).toMatchObject({ purged: 0 })
    expect(await maintainAt(outbox, T0 + keptMs + 1)).toMatchObject({ purged: 1 })
  })

  test('as delivered goes before its time where there are too many bytes; dead letters stay', async () => {
    const outbox = new MemoryOutbox()
    await outbox.accept([event('e1', ['short:1', 'short:2'])])
    claimAll(outbox)
    await outbox.settle([delivered('short:1', T0), dead('short:2', T0)])
    expect(await maintainAt(outbox, T0 + 1, 1)).toEqual({ ...NOTHING, purged: 1 })
    expect(outbox.counts()).toMatchObject({ delivered: 0, dead: 1 })
  })
})

test('what waits in time is left alone', async () => {
  const outbox = new MemoryOutbox()
  await outbox.accept([event('e1', ['short:1'])])
  expect(await maintainAt(outbox, T0 + 1)).toEqual(NOTHING)
  expect(claimIds(outbox)).toEqual(['short:1'])
})
