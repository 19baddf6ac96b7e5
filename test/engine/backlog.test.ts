/** Backlog limits: the last that fits and the first that does not, and who notices. */
import { describe, expect, test } from 'vitest'
import { Backlog, type BacklogLimits } from '../../src/engine/accept/backlog.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import type { Outbox } from '../../src/outbox/contract.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { claimAll, delivered, event, T0 } from '../contract/outbox-world.ts'
import { webhook } from './webhooks.ts'

const { endpoint } = webhook('shared')
const WEBHOOKS = [
  webhook('a', { endpoint }),
  webhook('b', { endpoint }),
  webhook('acme-a', { endpoint, account: 'acme' }),
  webhook('other'),
]

/** A backlog that is told of what changes in `outbox`. */
function backlogOf(outbox: Outbox, limits: BacklogLimits): Backlog {
  const backlog = new Backlog(outbox, limits)
  runAtOnce(backlog.putAll(WEBHOOKS))
  outbox.watch(backlog.changed)
  return backlog
}

describe('the backlog of an endpoint and account', () => {
  test('takes what fits exactly, and refuses one more for each of its webhooks', () => {
    const backlog = backlogOf(new MemoryOutbox(), { perEndpoint: 3, total: 100 })
    expect(backlog.take(['a', 'b'], T0)).toBeUndefined()
    expect(backlog.take(['a'], T0)).toBeUndefined()
    expect(backlog.take(['b'], T0)).toBe('the backlog of https://shared.example.com is full: 3 deliveries wait')
  })

  test('refuses an event whole when only a part of it fits', () => {
    const backlog = backlogOf(new MemoryOutbox(), { perEndpoint: 2, total: 100 })
    expect(backlog.take(['other', 'a', 'b'], T0)).toBeUndefined()
    expect(backlog.take(['other', 'a'], T0)).toMatch(/is full/)
    expect(backlog.take(['other'], T0)).toBeUndefined()
  })

  test('is noticed neither by other endpoints nor by other accounts', () => {
    const backlog = backlogOf(new MemoryOutbox(), { perEndpoint: 1, total: 100 })
    backlog.take(['a'], T0)
    expect(backlog.take(['acme-a'], T0)).toBeUndefined()
    expect(backlog.take(['other'], T0)).toBeUndefined()
  })

  test('has room again when deliveries have ended', async () => {
    const outbox = new MemoryOutbox()
    const backlog = backlogOf(outbox, { perEndpoint: 1, total: 100 })
    backlog.take(['a'], T0)
    await outbox.accept([event('e1', ['a:1'])])
    claimAll(outbox)
    await outbox.settle([delivered('a:1')])
    expect(backlog.take(['a'], T0 + 249)).toMatch(/is full/)
    expect(backlog.take(['a'], T0 + 250)).toBeUndefined()
  })
})

test('in all, no more waits than the total', async () => {
  const outbox = new MemoryOutbox()
  const backlog = backlogOf(outbox, { perEndpoint: 100, total: 2 })
  await outbox.accept([event('e1', ['a:1'])])
  expect(backlog.take(['other'], T0)).toBeUndefined()
  expect(backlog.take(['other', 'a'], T0)).toBe('the backlog is full: 2 deliveries wait')
})
