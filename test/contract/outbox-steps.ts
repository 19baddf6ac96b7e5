/**
 * The part of the outbox contract about steps: replaying and forgetting many ended deliveries, a bounded number at a time.
 */
import { describe, expect, test } from 'vitest'
import type { Outbox, StepCommand } from '../../src/outbox/contract.ts'
import { claimAll, claimIds, dead, delivered, event, idOf, nameOf, recordOf, T0 } from './outbox-world.ts'

const REPLAY = { kind: 'replay', webhook: 'crm', state: 'dead', sinceMs: 0, untilMs: T0 + 99, atMs: T0 + 99 } as const
const FORGET = { kind: 'forget', state: 'dead', endedBeforeMs: T0 + 99, atMs: T0 + 99 } as const

/** Runs this part against the outbox that `current` gives, which is new and empty in each test. */
export function describeSteps(current: () => Outbox): void {
  /** Dead deliveries of those names, the first of them accepted one millisecond after the other. */
  async function died(...names: readonly string[]): Promise<void> {
    await current().accept(
      names.map((name, index) =>
        event(`e${index}`, [name], {
          acceptedAtMs: T0 + Math.min(index, 40),
          account: index % 2 === 0 ? 'acme' : 'beta',
        }),
      ),
    )
    claimAll(current(), T0 + 50)
    // In another order than accepted: that is not the order of a step.
    await current().settle(names.toReversed().map((name) => dead(name, T0 + 60)))
  }

  /** Steps to the end; what each touched. */
  async function stepAll(command: StepCommand): Promise<number[]> {
    const touched: number[] = []
    let after: string | undefined
    do {
      const result = await current().step(after === undefined ? command : { ...command, after })
      touched.push(result.touched)
      after = result.next
    } while (after !== undefined)
    return touched
  }

  async function left(names: readonly string[]): Promise<string[]> {
    const records = await Promise.all(names.map((name) => recordOf(current(), name)))
    return names.filter((_, index) => records[index] !== undefined)
  }

  describe('a step of a replay', () => {
    test('revives what was accepted in the time asked for, oldest first, with the attempts of a new one', async () => {
      await died('crm:1', 'log:1', 'crm:2', 'crm:3')
      const span = { sinceMs: T0, untilMs: T0 + 3 }
      expect(await current().step({ ...REPLAY, ...span, limit: 10 })).toEqual({ touched: 2 })
      expect(claimIds(current(), T0 + 98)).toEqual([])
      expect(claimAll(current(), T0 + 99)).toMatchObject([
        { id: 'crm:1', attempts: 0, crashes: 0, waitsSinceMs: T0 + 99 },
        { id: 'crm:2' },
      ])
      expect(await recordOf(current(), 'crm:1')).toMatchObject({ state: 'pending', attempts: [{ status: 500 }] })
      expect(current().counts()).toMatchObject({ pending: 2, dead: 2 })
    })

    test('revives only what is in the state asked for', async () => {
      await current().accept([event('e1', ['crm:1']), event('e2', ['crm:2']), event('e3', ['crm:3'])])
      claimAll(current(), T0, 2)
      await current().settle([delivered('crm:1'), dead('crm:2')])
      expect(await current().step({ ...REPLAY, state: 'delivered', limit: 10 })).toEqual({ touched: 1 })
      expect(current().counts()).toMatchObject({ pending: 2, delivered: 0, dead: 1 })
    })

    test.each([
      [1, [1, 1, 1, 0]],
      [2, [2, 1]],
      [3, [3, 0]],
      [4, [3]],
    ])('touches at most %i, and the next goes on where it ended', async (limit, touched) => {
      await died('crm:1', 'log:1', 'crm:2', 'log:2', 'crm:3')
      expect(await stepAll({ ...REPLAY, limit })).toEqual(touched)
      expect(claimIds(current(), T0 + 99)).toEqual(['crm:1', 'crm:2', 'crm:3'])
    })

    test('tells the last one touched where it was full, and nothing where it was not', async () => {
      await died('crm:1', 'crm:2')
      expect(await current().step({ ...REPLAY, limit: 1 })).toEqual({ touched: 1, next: idOf('crm:1') })
      expect(await current().step({ ...REPLAY, limit: 2, after: idOf('crm:1') })).toEqual({ touched: 1 })
    })

    test('goes on behind one that is gone', async () => {
      await died('crm:1', 'crm:2', 'crm:3')
      await current().step({ ...FORGET, limit: 1 })
      expect(await left(['crm:1', 'crm:2'])).toEqual(['crm:2'])
      expect(await current().step({ ...REPLAY, limit: 5, after: idOf('crm:1') })).toEqual({ touched: 2 })
    })

    test('does not revive again what died meanwhile', async () => {
      await died('crm:1', 'crm:2')
      const { next = '' } = await current().step({ ...REPLAY, limit: 1 })
      expect(claimIds(current(), T0 + 99)).toEqual(['crm:1'])
      await current().settle([dead('crm:1', T0 + 99)])
      expect(await current().step({ ...REPLAY, limit: 5, after: next })).toEqual({ touched: 1 })
      expect(claimIds(current(), T0 + 99)).toEqual(['crm:2'])
    })

    test('sends an ordered call in the order accepted, after what it still waits for', async () => {
      const ordered = { ordered: true }
      await current().accept(['crm:1', 'crm:2', 'crm:3'].map((name) => event(name, [name], ordered)))
      for (const name of ['crm:1', 'crm:2']) {
        expect(claimIds(current())).toEqual([name])
        await current().settle([dead(name)])
      }
      expect(await stepAll({ ...REPLAY, limit: 1 })).toEqual([1, 1, 0])
      for (const name of ['crm:3', 'crm:1', 'crm:2']) {
        expect(claimIds(current(), T0 + 99)).toEqual([name])
        await current().settle([delivered(name)])
      }
    })

    test('revives only events of the accounts asked for', async () => {
      await died('crm:1', 'crm:2', 'crm:3')
      expect(await current().step({ ...REPLAY, accounts: ['acme', 'other'], limit: 5 })).toEqual({ touched: 2 })
      expect(claimIds(current(), T0 + 99)).toEqual(['crm:1', 'crm:3'])
      expect(await current().step({ ...REPLAY, accounts: [], limit: 5 })).toEqual({ touched: 0 })
    })

    test('of a webhook that never had a delivery touches nothing', async () => {
      await died('crm:1')
      expect(await current().step({ ...REPLAY, webhook: 'nobody', limit: 5 })).toEqual({ touched: 0 })
    })

    test('is claimed beside what was waiting already, each once', async () => {
      await died(...Array.from({ length: 300 }, (_, index) => `crm:d${index}`))
      await current().accept([event('late', ['crm:later'], { dueMs: T0 + 200 }), event('new', ['crm:new'])])
      await stepAll({ ...REPLAY, limit: 100 })
      const claimed = claimIds(current(), T0 + 99)
      expect(claimed).toHaveLength(301)
      expect(new Set(claimed).size).toBe(301)
      expect(claimIds(current(), T0 + 200)).toEqual(['crm:later'])
    })
  })

  describe('a step of forgetting', () => {
    test.each([
      [{}, ['crm:4']],
      [{ webhook: 'log' }, ['crm:1', 'crm:3', 'crm:4']],
      [{ accounts: ['acme'] }, ['log:2', 'crm:4']],
      [{ webhook: 'crm', accounts: ['beta'] }, ['crm:1', 'log:2', 'crm:3', 'crm:4']],
      [{ endedBeforeMs: T0 + 60 }, ['crm:1', 'log:2', 'crm:3', 'crm:4']],
      [{ endedBeforeMs: T0 + 61 }, ['crm:4']],
      [{ state: 'delivered' }, ['crm:1', 'log:2', 'crm:3']],
    ] as const)('with %j leaves %j', async (changes, expected) => {
      const names = ['crm:1', 'log:2', 'crm:3']
      await died(...names)
      await current().accept([event('late', ['crm:4'])])
      claimAll(current(), T0 + 50)
      await current().settle([delivered('crm:4', T0 + 60)])
      await stepAll({ ...FORGET, limit: 2, ...changes })
      expect(await left([...names, 'crm:4'])).toEqual(expected)
      const page = await current().find({ limit: 10 })
      expect(page.deliveries.map(({ id }) => nameOf(id)).toReversed()).toEqual(expected)
    })

    test('leaves what is pending, and other deliveries of the same event', async () => {
      await current().accept([event('e1', ['crm:1', 'log:1', 'crm:2'])])
      claimAll(current(), T0)
      await current().settle([delivered('crm:1')])
      expect(await current().step({ ...FORGET, state: 'delivered', limit: 5 })).toEqual({ touched: 1 })
      expect(await left(['crm:1', 'log:1', 'crm:2'])).toEqual(['log:1', 'crm:2'])
      expect(current().counts()).toMatchObject({ pending: 2, delivered: 0, dead: 0 })
    })

    test('does not forget that the event was accepted', async () => {
      await died('crm:1')
      await current().step({ ...FORGET, limit: 5 })
      expect(await current().accept([event('e0', ['crm:again'], { account: 'acme' })])).toEqual(['duplicate'])
    })
  })
}
