/**
 * The outbox contract in tests: every back end passes all of this. `src/outbox/contract.ts` is the same in words.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Outbox } from '../../src/outbox/contract.ts'
import { describeErasure } from './outbox-erasure.ts'
import { describeQuestions } from './outbox-questions.ts'
import { describeSteps } from './outbox-steps.ts'
import { again, claimAll, claimIds, dead, delivered, event, idOf, nameOf, recordOf, T0 } from './outbox-world.ts'

const HOUR_MS = 3_600_000

/** Runs the contract against the outboxes that `open` makes, each new and empty. */
export function describeOutbox(name: string, open: () => Promise<Outbox>): void {
  describe(`the ${name} outbox`, () => {
    let outbox: Outbox
    beforeEach(async () => {
      outbox = await open()
    })
    afterEach(async () => {
      await outbox.close()
    })

    describe('accepting', () => {
      test('keeps an event with all its deliveries', async () => {
        expect(await outbox.accept([event('e1', ['crm:1', 'log:1'])])).toEqual(['accepted'])
        expect(outbox.counts()).toMatchObject({ pending: 2, delivered: 0, dead: 0, oldestAcceptedAtMs: T0 })
      })

      test('keeps an event without deliveries only to tell its duplicates', async () => {
        expect(await outbox.accept([event('e1', []), event('e1', [])])).toEqual(['accepted', 'duplicate'])
        expect(outbox.counts().pending).toBe(0)
      })

      test('tells a duplicate within one call and in a later one', async () => {
        expect(await outbox.accept([event('e1', ['crm:1']), event('e1', ['crm:2'])])).toEqual(['accepted', 'duplicate'])
        expect(await outbox.accept([event('e1', ['crm:3'])])).toEqual(['duplicate'])
        expect(claimIds(outbox)).toEqual(['crm:1'])
      })

      test.each([
        ['another source', { source: '/other' }],
        ['another account', { account: 'acme' }],
        ['an id that was made up', { hasOwnId: false }],
        ['the same id after 24 h', { acceptedAtMs: T0 + 24 * HOUR_MS }],
      ])('takes %s for a new event', async (_, changes) => {
        await outbox.accept([event('e1', ['crm:1'])])
        expect(await outbox.accept([event('e1', ['crm:2'], changes)])).toEqual(['accepted'])
      })

      test('takes the same id for a duplicate one millisecond before 24 h are over', async () => {
        await outbox.accept([event('e1', ['crm:1'])])
        const late = event('e1', ['crm:2'], { acceptedAtMs: T0 + 24 * HOUR_MS - 1 })
        expect(await outbox.accept([late])).toEqual(['duplicate'])
      })
    })

    describe('claiming', () => {
      test('gives what is due and leases it', async () => {
        await outbox.accept([event('e1', ['crm:1'], { context: '{"a":1}', traceparent: '00-a-b-00' })])
        expect(claimAll(outbox)).toEqual([
          {
            id: 'crm:1',
            webhook: 'crm',
            account: 'default',
            attempts: 0,
            crashes: 0,
            waitsSinceMs: T0,
            acceptedAtMs: T0,
            subject: 'call-1',
            traceparent: '00-a-b-00',
            payload: '{"id":"e1"}',
            context: '{"a":1}',
          },
        ])
        expect(claimIds(outbox)).toEqual([])
      })

      test('gives nothing a millisecond too early', async () => {
        await outbox.accept([event('e1', ['crm:1'], { dueMs: T0 + 500 })])
        expect(claimIds(outbox, T0 + 499)).toEqual([])
        expect(outbox.nextDueMs()).toBe(T0 + 500)
        expect(claimIds(outbox, T0 + 500)).toEqual(['crm:1'])
        expect(outbox.nextDueMs()).toBeUndefined()
      })

      test('gives one webhook its deliveries in due order, then in the order accepted', async () => {
        await outbox.accept([
          event('e1', ['crm:late'], { dueMs: T0 + 2 }),
          event('e2', ['crm:a']),
          event('e3', ['crm:b']),
        ])
        expect(claimIds(outbox, T0 + 5)).toEqual(['crm:a', 'crm:b', 'crm:late'])
      })

      test('takes turns between webhooks, so that a backlog delays nobody else', async () => {
        const backlog = Array.from({ length: 500 }, (_, index) => event(`b${index}`, [`busy:${index}`]))
        await outbox.accept([...backlog, event('e1', ['calm:1'])])
        expect(claimIds(outbox, T0, 40)).toContain('calm:1')
      })

      test('takes turns between accounts, so that many webhooks give an account no more than one does', async () => {
        const ofMany = Array.from({ length: 200 }, (_, index) => event(`b${index}`, [`w${index % 20}:${index}`]))
        const ofOne = Array.from({ length: 200 }, (_, index) =>
          event(`s${index}`, [`crm:${index}`], { account: 'acme' }),
        )
        await outbox.accept([...ofMany, ...ofOne])
        const claimed = claimAll(outbox, T0, 200)
        expect(claimed.filter(({ account }) => account === 'acme').length).toBeGreaterThanOrEqual(80)
      })

      test('never gives more than the limit and forgets nothing', async () => {
        await outbox.accept(Array.from({ length: 100 }, (_, index) => event(`e${index}`, [`w${index % 7}:${index}`])))
        const seen: string[] = []
        for (let round = 0; round < 20; round += 1) {
          const ids = claimIds(outbox, T0, 9)
          expect(ids.length).toBeLessThanOrEqual(9)
          seen.push(...ids)
        }
        expect(new Set(seen).size).toBe(100)
      })

      test('asks before each lease, and the answers stand in the order of what is given', async () => {
        await outbox.accept([event('e1', ['a:1', 'b:1', 'a:2', 'b:2'])])
        const asked: string[] = []
        const claimed = outbox.claim(
          T0,
          (webhook) => {
            asked.push(webhook)
            return true
          },
          10,
        )
        expect(asked).toEqual(claimed.map(({ webhook }) => webhook))
      })

      test('parks a webhook that has no room until it is unparked', async () => {
        await outbox.accept([event('e1', ['full:1', 'free:1'])])
        const asked: string[] = []
        const admit = (webhook: string): boolean => {
          asked.push(webhook)
          return webhook !== 'full'
        }
        expect(outbox.claim(T0, admit, 10).map(({ id }) => nameOf(id))).toEqual(['free:1'])
        expect(outbox.claim(T0, admit, 10)).toEqual([])
        expect(asked.filter((webhook) => webhook === 'full')).toHaveLength(1)
        expect(outbox.nextDueMs()).toBeUndefined()
        outbox.unpark('full')
        expect(outbox.nextDueMs()).toBe(T0)
        expect(claimIds(outbox)).toEqual(['full:1'])
      })

      test('parks a webhook in the middle of its backlog without losing the rest', async () => {
        await outbox.accept([event('e1', ['crm:1', 'crm:2', 'crm:3'])])
        let room = 2
        const claimed = outbox.claim(T0, () => room-- > 0, 10)
        expect(claimed.map(({ id }) => nameOf(id))).toEqual(['crm:1', 'crm:2'])
        outbox.unpark('crm')
        expect(claimIds(outbox)).toEqual(['crm:3'])
      })

      test('ignores an unpark of a webhook that is not parked', () => {
        outbox.unpark('nobody')
        expect(claimIds(outbox)).toEqual([])
      })
    })

    describe('settling', () => {
      test('ends a delivery as delivered', async () => {
        await outbox.accept([event('e1', ['crm:1'])])
        claimAll(outbox)
        await outbox.settle([delivered('crm:1', T0 + 7)])
        expect(outbox.counts()).toMatchObject({ pending: 0, delivered: 1, dead: 0 })
        expect(await recordOf(outbox, 'crm:1')).toMatchObject({
          state: 'delivered',
          endedAtMs: T0 + 7,
          attempts: [{ status: 200 }],
        })
      })

      test('brings a delivery back when it is due again, with its attempts counted', async () => {
        await outbox.accept([event('e1', ['crm:1'])])
        claimAll(outbox)
        await outbox.settle([again('crm:1', T0 + 1000)])
        expect(outbox.nextDueMs()).toBe(T0 + 1000)
        expect(claimIds(outbox, T0 + 999)).toEqual([])
        expect(claimAll(outbox, T0 + 1000)).toMatchObject([{ id: 'crm:1', attempts: 1, crashes: 0 }])
      })

      test.each([
        ['attempt', { attempts: 1, crashes: 0 }],
        ['crash', { attempts: 0, crashes: 1 }],
        ['none', { attempts: 0, crashes: 0 }],
      ] as const)('counts what %s uses up', async (uses, expected) => {
        await outbox.accept([event('e1', ['crm:1'])])
        claimAll(outbox)
        await outbox.settle([again('crm:1', T0, uses)])
        expect(claimAll(outbox)).toMatchObject([expected])
      })

      test('tells since when it waits, whatever probes it made meanwhile', async () => {
        await outbox.accept([event('e1', ['crm:1'])])
        claimAll(outbox)
        await outbox.settle([again('crm:1', T0 + 5, 'none')])
        expect(claimAll(outbox, T0 + 5)).toMatchObject([{ waitsSinceMs: T0 }])
        await outbox.settle([again('crm:1', T0 + 9)])
        expect(claimAll(outbox, T0 + 9)).toMatchObject([{ waitsSinceMs: T0 + 9 }])
        await outbox.settle([dead('crm:1')])
        await outbox.control({ kind: 'retry', id: idOf('crm:1'), atMs: T0 + 20 })
        expect(claimAll(outbox, T0 + 20)).toMatchObject([{ waitsSinceMs: T0 + 20 }])
      })

      test('keeps a dead delivery with its reason', async () => {
        await outbox.accept([event('e1', ['crm:1'])])
        claimAll(outbox)
        await outbox.settle([dead('crm:1')])
        expect(outbox.counts()).toMatchObject({ pending: 0, delivered: 0, dead: 1 })
        expect(await recordOf(outbox, 'crm:1')).toMatchObject({ state: 'dead', reason: 'status' })
        expect(claimIds(outbox, T0 + HOUR_MS)).toEqual([])
      })

      test('ignores a settlement for what is not leased', async () => {
        await outbox.accept([event('e1', ['crm:1'])])
        await outbox.settle([delivered('crm:1'), delivered('unknown')])
        expect(claimIds(outbox)).toEqual(['crm:1'])
        await outbox.settle([delivered('crm:1')])
        await outbox.settle([dead('crm:1')])
        expect(await recordOf(outbox, 'crm:1')).toMatchObject({ state: 'delivered' })
      })
    })

    describe('an ordered call', () => {
      const ordered = { ordered: true }

      test('gives one delivery at a time, in the order accepted', async () => {
        await outbox.accept([event('e1', ['crm:1'], ordered), event('e2', ['crm:2'], ordered)])
        expect(claimIds(outbox)).toEqual(['crm:1'])
        expect(claimIds(outbox)).toEqual([])
        await outbox.settle([delivered('crm:1')])
        expect(claimIds(outbox)).toEqual(['crm:2'])
      })

      test('waits for one that failed, and goes on when that is dead', async () => {
        await outbox.accept([event('e1', ['crm:1'], ordered), event('e2', ['crm:2'], ordered)])
        claimAll(outbox)
        await outbox.settle([again('crm:1', T0 + 1000)])
        expect(claimIds(outbox, T0 + 999)).toEqual([])
        expect(claimIds(outbox, T0 + 1000)).toEqual(['crm:1'])
        await outbox.settle([dead('crm:1')])
        expect(claimIds(outbox, T0 + 1000)).toEqual(['crm:2'])
      })

      test('tells which deliveries wait behind another of their call', async () => {
        await outbox.accept([event('e1', ['crm:1', 'log:1'], ordered), event('e2', ['crm:2', 'log:2'])])
        await outbox.accept([event('e3', ['crm:3'], ordered)])
        expect(await recordOf(outbox, 'crm:3')).toMatchObject({ state: 'pending', isBehind: true })
        for (const first of ['crm:1', 'log:1', 'crm:2', 'log:2'])
          expect(await recordOf(outbox, first)).not.toHaveProperty('isBehind')
        claimAll(outbox)
        await outbox.settle([dead('crm:1')])
        for (const free of ['crm:1', 'crm:3']) expect(await recordOf(outbox, free)).not.toHaveProperty('isBehind')
      })

      test('tells which deliveries are in flight: from their claim until they are settled', async () => {
        await outbox.accept([event('e1', ['crm:1', 'log:1'])])
        const inFlight = async (name: string): Promise<boolean> =>
          (await outbox.find({ limit: 10 })).deliveries.some(
            ({ id, isInFlight }) => id === idOf(name) && isInFlight === true,
          )
        expect(await inFlight('crm:1')).toBe(false)
        outbox.claim(T0, (webhook) => webhook === 'crm', 10)
        expect([await inFlight('crm:1'), await inFlight('log:1')]).toEqual([true, false])
        expect(await recordOf(outbox, 'crm:1')).toMatchObject({ isInFlight: true })
        await outbox.settle([again('crm:1', T0 + 1000)])
        expect(await inFlight('crm:1')).toBe(false)
        expect(await recordOf(outbox, 'crm:1')).not.toHaveProperty('isInFlight')
      })

      test('holds neither other calls nor other webhooks', async () => {
        await outbox.accept([
          event('e1', ['crm:1', 'log:1'], ordered),
          event('e2', ['crm:2', 'log:2'], { ...ordered, subject: 'call-2' }),
        ])
        expect(claimIds(outbox).sort()).toEqual(['crm:1', 'crm:2', 'log:1', 'log:2'])
      })

      test('sends a replay after what the call still waits for', async () => {
        await outbox.accept([event('e1', ['crm:1'], ordered), event('e2', ['crm:2'], ordered)])
        claimAll(outbox)
        await outbox.settle([dead('crm:1')])
        await outbox.control({ kind: 'retry', id: idOf('crm:1'), atMs: T0 })
        expect(claimIds(outbox)).toEqual(['crm:2'])
        await outbox.settle([delivered('crm:2')])
        expect(claimIds(outbox)).toEqual(['crm:1'])
      })
    })

    describe('commands', () => {
      test('retry makes a waiting delivery due now', async () => {
        await outbox.accept([event('e1', ['crm:1'], { dueMs: T0 + HOUR_MS })])
        expect(await outbox.control({ kind: 'retry', id: idOf('crm:1'), atMs: T0 + 5 })).toBe(1)
        expect(claimIds(outbox, T0 + 5)).toEqual(['crm:1'])
        expect(claimIds(outbox, T0 + 2 * HOUR_MS)).toEqual([])
      })

      test('retry revives a dead delivery with the attempts of a new one', async () => {
        await outbox.accept([event('e1', ['crm:1'])])
        claimAll(outbox)
        await outbox.settle([again('crm:1', T0)])
        claimAll(outbox)
        await outbox.settle([dead('crm:1')])
        await outbox.control({ kind: 'retry', id: idOf('crm:1'), atMs: T0 + 1 })
        expect(outbox.counts()).toMatchObject({ pending: 1, dead: 0 })
        expect(claimAll(outbox, T0 + 1)).toMatchObject([{ id: 'crm:1', attempts: 0 }])
      })

      test('retry touches nothing that does not exist', async () => {
        expect(await outbox.control({ kind: 'retry', id: idOf('nobody'), atMs: T0 })).toBe(0)
      })

      test('purge removes what ended before the time asked for', async () => {
        await outbox.accept([event('e1', ['crm:1']), event('e2', ['crm:2'])])
        claimAll(outbox)
        await outbox.settle([dead('crm:1', T0 + 1), dead('crm:2', T0 + 2)])
        expect(
          await outbox.control({ kind: 'purge', state: 'dead', endedBeforeMs: T0 + 2, limit: 10, atMs: T0 + 3 }),
        ).toBe(1)
        expect(await recordOf(outbox, 'crm:1')).toBeUndefined()
        expect(await recordOf(outbox, 'crm:2')).toBeDefined()
      })

      test('purge removes no more than asked for, what ended first before the rest', async () => {
        await outbox.accept([event('e1', ['crm:1', 'crm:2', 'crm:3'])])
        claimAll(outbox)
        await outbox.settle([delivered('crm:2', T0 + 1), delivered('crm:1', T0 + 2), delivered('crm:3', T0 + 3)])
        const purge = { kind: 'purge', state: 'delivered', endedBeforeMs: T0 + 9, atMs: T0 + 9 } as const
        expect(await outbox.control({ ...purge, limit: 2 })).toBe(2)
        expect(await recordOf(outbox, 'crm:3')).toBeDefined()
        expect(await outbox.control({ ...purge, limit: 2 })).toBe(1)
        expect(outbox.counts().delivered).toBe(0)
      })

      test('expire ends what was due before the time asked for, leased ones and other webhooks excepted', async () => {
        await outbox.accept([
          event('e0', ['crm:leased']),
          event('e1', ['crm:old', 'log:old'], { dueMs: T0 + 1 }),
          event('e2', ['crm:older'], { dueMs: T0 }),
          event('e3', ['crm:new'], { dueMs: T0 + 2 }),
        ])
        expect(claimIds(outbox, T0, 1)).toEqual(['crm:leased'])
        const expire = { kind: 'expire', webhook: 'crm', dueBeforeMs: T0 + 2, atMs: T0 + 5 } as const
        expect(await outbox.control({ ...expire, limit: 1 })).toBe(1)
        expect(await recordOf(outbox, 'crm:older')).toMatchObject({
          state: 'dead',
          reason: 'expired',
          endedAtMs: T0 + 5,
        })
        expect(await outbox.control({ ...expire, limit: 9 })).toBe(1)
        expect(await recordOf(outbox, 'crm:old')).toMatchObject({ state: 'dead', reason: 'expired' })
        expect(outbox.counts()).toMatchObject({ pending: 3, dead: 2 })
      })

      test('removing a webhook ends its waiting deliveries now and those in flight when they come back', async () => {
        await outbox.accept([event('e1', ['crm:1', 'log:1']), event('e2', ['crm:2'], { dueMs: T0 + 9 })])
        claimAll(outbox)
        expect(await outbox.control({ kind: 'remove-webhook', webhook: 'crm', limit: 9, atMs: T0 })).toBe(2)
        expect(await recordOf(outbox, 'crm:2')).toMatchObject({ state: 'dead', reason: 'webhook-removed' })
        await outbox.settle([again('crm:1', T0 + 1)])
        expect(await recordOf(outbox, 'crm:1')).toMatchObject({ state: 'dead', reason: 'webhook-removed' })
        expect(await recordOf(outbox, 'log:1')).toMatchObject({ state: 'pending' })
      })

      test('removing a webhook ends no more than asked for, the earliest due first, and counts what is in flight once', async () => {
        await outbox.accept([
          event('e1', ['crm:in-flight']),
          event('e2', ['crm:3'], { dueMs: T0 + 3 }),
          event('e3', ['crm:2'], { dueMs: T0 + 2 }),
          event('e4', ['crm:1', 'crm:behind'], { dueMs: T0 + 1, ordered: true }),
        ])
        expect(claimIds(outbox)).toEqual(['crm:in-flight'])
        const remove = { kind: 'remove-webhook', webhook: 'crm', atMs: T0 } as const
        expect(await outbox.control({ ...remove, limit: 2 })).toBe(2)
        expect(await recordOf(outbox, 'crm:1')).toMatchObject({ state: 'dead', reason: 'webhook-removed' })
        expect(await outbox.control({ ...remove, limit: 2 })).toBe(2)
        expect(await recordOf(outbox, 'crm:2')).toMatchObject({ state: 'dead' })
        expect(await recordOf(outbox, 'crm:3')).toMatchObject({ state: 'pending' })
        expect(await outbox.control({ ...remove, limit: 2 })).toBe(1)
        expect(await outbox.control({ ...remove, limit: 2 })).toBe(0)
        expect(outbox.counts()).toMatchObject({ pending: 1, dead: 4 })
        await outbox.settle([again('crm:in-flight', T0)])
        expect(outbox.counts()).toMatchObject({ pending: 0, dead: 5 })
      })
    })

    describeSteps(() => outbox)
    describeErasure(() => outbox)
    describeQuestions(() => outbox)
  })
}
