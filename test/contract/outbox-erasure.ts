/**
 * The outbox contract, erasure: what goes with a call or a telephone number, what stays, and what is in flight meanwhile.
 */
import { describe, expect, test } from 'vitest'
import type { Outbox } from '../../src/outbox/contract.ts'
import { ERASE_STEP, type EraseCommand, type EraseResult } from '../../src/outbox/erasure.ts'
import { again, claimAll, claimIds, dead, delivered, event, idOf, nameOf, recordOf, T0 } from './outbox-world.ts'

/** Takes step after step until everything was looked at; the sums of all. */
export async function eraseStepwise(outbox: Outbox, command: EraseCommand): Promise<EraseResult> {
  const sums = { events: 0, deliveries: 0, pending: 0 }
  const calls = new Map<string, EraseResult['calls'][number]>()
  let next: string | undefined
  do {
    const result: EraseResult = await outbox.erase(next === undefined ? command : { ...command, cursor: next })
    sums.events += result.events
    sums.deliveries += result.deliveries
    sums.pending += result.pending
    for (const call of result.calls) calls.set(JSON.stringify(call), call)
    next = result.next
  } while (next !== undefined)
  return { ...sums, calls: [...calls.values()] }
}

const COMMAND = { isDryRun: false, limit: ERASE_STEP, atMs: T0 + 1000 } as const

function ofCall(subject: string, changes: Partial<EraseCommand> = {}): EraseCommand {
  return { of: { kind: 'call', subject }, ...COMMAND, ...changes }
}

function ofNumber(number: string, changes: Partial<EraseCommand> = {}): EraseCommand {
  return { of: { kind: 'number', number }, ...COMMAND, ...changes }
}

/** Part of `describeOutbox`; `outbox` is the one of the test that runs, new and empty. */
export function describeErasure(outbox: () => Outbox): void {
  const names = async (query: Partial<Parameters<Outbox['find']>[0]> = {}): Promise<string[]> => {
    const { deliveries } = await outbox().find({ limit: 1000, ...query })
    return deliveries.map(({ id }) => nameOf(id))
  }

  describe('erasing', () => {
    test('removes all of a call in every state, and nothing of other calls', async () => {
      await outbox().accept([
        event('e1', ['crm:delivered', 'log:dead', 'crm:again']),
        event('e2', ['crm:waiting'], { dueMs: T0 + 9 }),
        event('e3', ['crm:other'], { subject: 'call-2', dueMs: T0 + 9 }),
      ])
      claimAll(outbox())
      await outbox().settle([delivered('crm:delivered'), dead('log:dead'), again('crm:again', T0 + 5)])
      const result = await outbox().erase(ofCall('call-1'))
      const calls = [{ account: 'default', subject: 'call-1' }]
      expect(result).toEqual({ events: 2, deliveries: 4, pending: 2, calls })
      expect(await names()).toEqual(['crm:other'])
      expect(await recordOf(outbox(), 'crm:delivered')).toBeUndefined()
      expect(outbox().counts()).toMatchObject({ pending: 1, delivered: 0, dead: 0 })
      expect(outbox().pendingOf('crm')).toBe(1)
      expect(claimIds(outbox(), T0 + 9)).toEqual(['crm:other'])
      expect(await outbox().erase(ofCall('call-1'))).toEqual({ events: 0, deliveries: 0, pending: 0, calls: [] })
    })

    test.each([
      ['exactly so', '5551234567', { caller_id: '5551234567' }, true],
      ['among other values', '5551234567', { call: { parties: [{ from: '(555) 123-4567' }] } }, true],
      ['as a number', '5551234567', { caller_id: 5551234567 }, true],
      ['with its country code, where that was given', '+1 555 123 4567', { caller_id: '15551234567' }, true],
      ['without, where it was given with it', '+1 555 123 4567', { caller_id: '555-123-4567' }, true],
      ['with a country code that was not given', '5551234567', { caller_id: '+15551234567' }, false],
      ['as a part of a longer one', '5551234567', { caller_id: '55512345678' }, false],
      ['another one', '5551234567', { caller_id: '5551234568' }, false],
    ])('finds a number %s', async (_, number, data, isFound) => {
      await outbox().accept([event('e1', ['crm:1'], { payload: JSON.stringify(data), dueMs: T0 + 9 })])
      expect(await outbox().erase(ofNumber(number))).toMatchObject({ events: isFound ? 1 : 0 })
      expect(claimIds(outbox(), T0 + 9)).toEqual(isFound ? [] : ['crm:1'])
    })

    test('finds a number in the context and the subject of an event too', async () => {
      await outbox().accept([
        event('e1', ['crm:1'], { context: '{"called_back":"+15551234567"}' }),
        event('e2', ['crm:2'], { subject: '+1-555-123-4567' }),
        event('e3', ['crm:3']),
      ])
      expect(await outbox().erase(ofNumber('+15551234567'))).toMatchObject({ events: 2, deliveries: 2 })
      expect(await names()).toEqual(['crm:3'])
    })

    test('keeps to the accounts that it was told', async () => {
      await outbox().accept([event('e1', ['crm:1']), event('e1', ['crm:2'], { account: 'acme' })])
      expect(await outbox().erase(ofCall('call-1', { accounts: [] }))).toMatchObject({ events: 0 })
      expect(await outbox().erase(ofCall('call-1', { accounts: ['acme', 'none'] }))).toMatchObject({ events: 1 })
      expect(await names()).toEqual(['crm:1'])
    })

    test('changes nothing in a dry run, and counts the same', async () => {
      await outbox().accept([event('e1', ['crm:1', 'crm:2']), event('e2', ['crm:3'])])
      claimAll(outbox(), T0, 1)
      const command = ofCall('call-1')
      const counts = await outbox().erase({ ...command, isDryRun: true })
      expect(await names()).toHaveLength(3)
      expect(await outbox().erase(command)).toEqual(counts)
    })

    test('still tells duplicates of what was erased, for 24 h', async () => {
      await outbox().accept([event('e1', ['crm:1'])])
      await outbox().erase(ofCall('call-1'))
      expect(await outbox().accept([event('e1', ['crm:2'])])).toEqual(['duplicate'])
      const dayLater = event('e1', ['crm:3'], { acceptedAtMs: T0 + 24 * 3_600_000 })
      expect(await outbox().accept([dayLater])).toEqual(['accepted'])
    })

    test.each(['delivered', 'again', 'dead'] as const)('lets what is in flight end, settled as %s', async (to) => {
      await outbox().accept([event('e1', ['crm:1', 'crm:2'])])
      claimAll(outbox(), T0, 1)
      expect(await outbox().erase(ofCall('call-1'))).toMatchObject({ deliveries: 2, pending: 2 })
      expect(await names()).toEqual([])
      expect(await recordOf(outbox(), 'crm:1')).toBeUndefined()
      expect(outbox().counts().pending).toBe(1)
      expect(await outbox().control({ kind: 'retry', id: idOf('crm:1'), atMs: T0 })).toBe(0)
      expect(await outbox().control({ kind: 'remove-webhook', webhook: 'crm', limit: 9, atMs: T0 })).toBe(0)
      const settlement = { delivered: delivered('crm:1'), again: again('crm:1', T0), dead: dead('crm:1') }[to]
      await outbox().settle([settlement])
      expect(outbox().counts()).toMatchObject({ pending: 0, delivered: 0, dead: 0 })
      expect(outbox().pendingOf('crm')).toBe(0)
      expect(claimIds(outbox(), T0 + 9)).toEqual([])
    })

    test('lets the next of an ordered call go out when what was erased is not in flight any more', async () => {
      const withNumber = { ordered: true, payload: '{"caller_id":"5551234567"}' }
      await outbox().accept([
        event('e1', ['crm:1', 'log:1'], withNumber),
        event('e2', ['crm:2', 'log:2'], withNumber),
        event('e3', ['crm:3', 'log:3'], { ordered: true }),
      ])
      expect(outbox().claim(T0, (webhook) => webhook === 'crm', 10)).toHaveLength(1)
      outbox().unpark('log')
      expect(await outbox().erase(ofNumber('5551234567'))).toMatchObject({ deliveries: 4, pending: 4 })
      expect(claimIds(outbox())).toEqual(['log:3'])
      await outbox().settle([again('crm:1', T0)])
      expect(claimIds(outbox())).toEqual(['crm:3'])
    })

    test('takes effect in the order called', async () => {
      const before = outbox().accept([event('e1', ['crm:1'], { ordered: true })])
      const erased = outbox().erase(ofCall('call-1'))
      const after = outbox().accept([event('e2', ['crm:2'], { ordered: true })])
      expect(await Promise.all([before, erased, after])).toMatchObject([['accepted'], { events: 1 }, ['accepted']])
      expect(await names()).toEqual(['crm:2'])
      expect(claimIds(outbox())).toEqual(['crm:2'])
    })

    test.each([1, 7, ERASE_STEP])(
      'looks at no more events than it was told, here %i, and misses none',
      async (limit) => {
        const count = 300
        await outbox().accept(
          Array.from({ length: count }, (_, index) =>
            event(`e${index}`, [`crm:${index}`], {
              subject: `call-${index % 2}`,
              payload: '{"caller_id":"5551234567"}',
            }),
          ),
        )
        const first = await outbox().erase(ofNumber('5551234567', { limit, isDryRun: true }))
        expect(first.events).toBeLessThanOrEqual(limit)
        expect(first.next).toBeDefined()
        expect(await eraseStepwise(outbox(), ofCall('call-0', { limit }))).toMatchObject({ events: count / 2 })
        expect(await names({ subject: 'call-0' })).toEqual([])
        expect(await eraseStepwise(outbox(), ofNumber('5551234567', { limit }))).toMatchObject({ events: count / 2 })
        expect(await names()).toEqual([])
      },
    )

    test.each([[ofNumber('none')], [ofNumber('1234')], [ofCall('')]])(
      'refuses what is no number and no call',
      async (command) => {
        await expect(outbox().erase(command)).rejects.toMatchObject({ code: 'usage' })
      },
    )
  })
}
