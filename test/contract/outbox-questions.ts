/**
 * The outbox contract, second half: what an outbox tells of itself and of its deliveries, and the notes it keeps.
 */
import { describe, expect, test } from 'vitest'
import type { Outbox } from '../../src/outbox/contract.ts'
import { again, claimAll, dead, delivered, event, idOf, nameOf, recordOf, T0 } from './outbox-world.ts'

/** Part of `describeOutbox`; `outbox` is the one of the test that runs, new and empty. */
export function describeQuestions(outbox: () => Outbox): void {
  describe('what is told of it', () => {
    test('counts the pending deliveries of each webhook, those in flight included', async () => {
      await outbox().accept([event('e1', ['crm:1', 'log:1']), event('e2', ['crm:2'])])
      claimAll(outbox())
      expect(outbox().pendingOf('crm')).toBe(2)
      await outbox().settle([delivered('crm:1'), dead('log:1')])
      expect([...outbox().pendingByWebhook()]).toEqual([['crm', 1]])
      expect(outbox().pendingOf('log')).toBe(0)
      await outbox().control({ kind: 'retry', id: idOf('log:1'), atMs: T0 })
      expect(outbox().pendingOf('log')).toBe(1)
    })

    test('tells whose pending deliveries were due before a time, in flight, behind others or not', async () => {
      await outbox().accept([event('e1', ['early:1', 'sent:1', 'done:1']), event('e2', ['early:2'], { dueMs: T0 + 5 })])
      await outbox().accept([event('e3', ['behind:1'], { ordered: true, dueMs: T0 + 9 })])
      await outbox().accept([
        event('e4', ['behind:2'], { ordered: true, dueMs: T0 + 2 }),
        event('e5', ['late:1'], { dueMs: T0 + 3 }),
      ])
      claimAll(outbox())
      await outbox().settle([delivered('done:1'), again('early:1', T0 + 4)])
      const overdue = async (dueBeforeMs: number): Promise<string[]> =>
        [...(await outbox().overdue(dueBeforeMs))].sort()
      expect(await overdue(T0)).toEqual([])
      expect(await overdue(T0 + 1)).toEqual(['sent'])
      expect(await overdue(T0 + 3)).toEqual(['behind', 'sent'])
      expect(await overdue(T0 + 4)).toEqual(['behind', 'late', 'sent'])
      expect(await overdue(Number.POSITIVE_INFINITY)).toEqual(['behind', 'early', 'late', 'sent'])
      expect(await overdue(-1)).toEqual([])
    })

    test('takes room for what it keeps', async () => {
      const before = outbox().counts().bytes
      await outbox().accept(Array.from({ length: 500 }, (_, index) => event(`e${index}`, [`crm:${index}`])))
      expect(outbox().counts().bytes).toBeGreaterThan(before)
    })
  })

  describe('notes', () => {
    test('are kept by table and key, the latest each, until forgotten', async () => {
      outbox().notes.put('circuits', 'a', '1')
      outbox().notes.put('circuits', 'a', '2')
      outbox().notes.put('circuits', 'b', '3')
      outbox().notes.put('contexts', 'a', '4')
      outbox().notes.put('circuits', 'b', undefined)
      await outbox().notes.flush()
      expect([...outbox().notes.all('circuits')]).toEqual([['a', '2']])
      expect([...outbox().notes.all('contexts')]).toEqual([['a', '4']])
      expect([...outbox().notes.all('nothing')]).toEqual([])
    })
  })

  describe('finding', () => {
    test('lists newest first, page by page, each delivery once', async () => {
      await outbox().accept(Array.from({ length: 5 }, (_, index) => event(`e${index}`, [`crm:${index}`])))
      const first = await outbox().find({ limit: 2 })
      expect(first.deliveries.map(({ id }) => nameOf(id))).toEqual(['crm:4', 'crm:3'])
      const second = await outbox().find({ limit: 2, cursor: first.next ?? '' })
      const third = await outbox().find({ limit: 2, cursor: second.next ?? '' })
      expect([...second.deliveries, ...third.deliveries].map(({ id }) => nameOf(id))).toEqual([
        'crm:2',
        'crm:1',
        'crm:0',
      ])
      expect(third.next).toBeUndefined()
    })

    test.each([
      [{ webhook: 'log' }, ['log:1']],
      [{ state: 'delivered' }, ['crm:1']],
      [{ event: 'e2' }, ['crm:2']],
      [{ subject: 'call-1' }, ['log:1', 'crm:1']],
      [{ subject: 'call-2', accounts: ['acme'] }, ['crm:2']],
      [{ subject: 'call-2', accounts: ['default'] }, []],
      [{ subject: 'call-1', webhook: 'crm', state: 'delivered' }, ['crm:1']],
      [{ subject: 'call-1', event: 'e2' }, []],
      [{ accounts: ['acme'] }, ['crm:2']],
      [{ accounts: [] }, []],
      [{ webhook: 'crm', state: 'pending' }, ['crm:2']],
    ] as const)('filters by %o', async (filter, expected) => {
      await outbox().accept([
        event('e1', ['crm:1', 'log:1']),
        event('e2', ['crm:2'], { account: 'acme', subject: 'call-2', dueMs: T0 + 9 }),
      ])
      claimAll(outbox())
      await outbox().settle([delivered('crm:1')])
      const page = await outbox().find({ ...filter, limit: 10 })
      expect(page.deliveries.map(({ id }) => nameOf(id))).toEqual(expected)
    })

    test('lists all of a call page by page, however far its events are apart', async () => {
      const hourly = Array.from({ length: 60 }, (_, index) => {
        const acceptedAtMs = T0 + index * 3_600_000
        const key = acceptedAtMs.toString(16).padStart(12, '0') + index.toString(16).padStart(14, '0')
        const deliveries = ['crm', 'log'].map((webhook) => ({ webhook, dueMs: acceptedAtMs, ordered: false }))
        return { ...event(`e${index}`, []), key, subject: `call-${index % 7}`, acceptedAtMs, deliveries }
      })
      await outbox().accept(hourly)
      for (const [call, limit] of [
        [3, 3],
        [0, 2],
        [6, 50],
      ] as const) {
        const found: string[] = []
        let cursor: string | undefined
        do {
          const page = await outbox().find({
            limit,
            subject: `call-${call}`,
            ...(cursor === undefined ? {} : { cursor }),
          })
          found.push(...page.deliveries.map(({ event: { id }, webhook }) => `${id} ${webhook}`))
          cursor = page.next
        } while (cursor !== undefined)
        const ofCall = hourly.filter(({ subject }) => subject === `call-${call}`).toReversed()
        expect(found).toEqual(ofCall.flatMap(({ id }) => [`${id} log`, `${id} crm`]))
      }
    })

    test('tells what an event carried where it is asked for', async () => {
      const content = { payload: '{"ani":"1"}', context: '{"lead":7}' }
      await outbox().accept([{ ...event('e1', ['crm:1']), ...content }])
      const query = { limit: 1, subject: 'call-1' }
      const [full] = (await outbox().find({ ...query, withContent: true })).deliveries
      const [plain] = (await outbox().find(query)).deliveries
      expect(full).toEqual({ ...plain, content })
      expect(plain).not.toHaveProperty('content')
      expect(await recordOf(outbox(), 'crm:1')).not.toHaveProperty('content')
      expect(await outbox().get(full?.id ?? '', true)).toEqual(full)
    })

    test('tells a delivery with its event, and when it is due', async () => {
      await outbox().accept([event('e1', ['crm:1'], { dueMs: T0 + 9 })])
      expect(await recordOf(outbox(), 'crm:1')).toEqual({
        id: 'crm:1',
        webhook: 'crm',
        account: 'default',
        event: { id: 'e1', source: '/switch', type: 'call.end', subject: 'call-1' },
        state: 'pending',
        acceptedAtMs: T0,
        dueMs: T0 + 9,
        attempts: [],
      })
      expect(await recordOf(outbox(), 'nobody')).toBeUndefined()
    })
  })
}
