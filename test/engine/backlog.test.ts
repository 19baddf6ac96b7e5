/** Backlog limits: the last that fits and the first that does not, and who notices. */
import { describe, expect, test } from 'vitest'
import { Backlog, type BacklogLimits } from '../../src/engine/accept/backlog.ts'
import { Waiting } from '../../src/engine/accept/waiting.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import type { Outbox } from '../../src/outbox/contract.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { claimAll, delivered, event } from '../contract/outbox-world.ts'
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
  const waiting = new Waiting(outbox)
  const backlog = new Backlog(waiting, limits)
  runAtOnce(backlog.putAll(WEBHOOKS))
  waiting.watch(backlog.changed)
  return backlog
}

describe('the backlog of an endpoint and account', () => {
  test('takes what fits exactly, and refuses one more for each of its webhooks', () => {
    const backlog = backlogOf(new MemoryOutbox(), { perEndpoint: 3, total: 100 })
    expect(backlog.take(['a', 'b'])).toBeUndefined()
    expect(backlog.take(['a'])).toBeUndefined()
    expect(backlog.take(['b'])).toBe('the backlog of https://shared.example.com is full: 3 deliveries wait')
  })

  test('refuses an event whole when only a part of it fits', () => {
    const backlog = backlogOf(new MemoryOutbox(), { perEndpoint: 2, total: 100 })
    expect(backlog.take(['other', 'a', 'b'])).toBeUndefined()
    expect(backlog.take(['other', 'a'])).toMatch(/is full/)
    expect(backlog.take(['other'])).toBeUndefined()
  })

  test('is noticed neither by other endpoints nor by other accounts', () => {
    const backlog = backlogOf(new MemoryOutbox(), { perEndpoint: 1, total: 100 })
    backlog.take(['a'])
    expect(backlog.take(['acme-a'])).toBeUndefined()
    expect(backlog.take(['other'])).toBeUndefined()
  })

  test('has room again when deliveries have ended', async () => {
    const outbox = new MemoryOutbox()
    const backlog = backlogOf(outbox, { perEndpoint: 1, total: 100 })
    backlog.take(['a'])
    await outbox.accept([event('e1', ['a:1'])])
    backlog.entered(['a'])
    claimAll(outbox)
    expect(backlog.take(['a'])).toMatch(/is full/)
    await outbox.settle([delivered('a:1')])
    expect(backlog.take(['a'])).toBeUndefined()
  })

  test('has room again when what was on its way was not kept', () => {
    const backlog = backlogOf(new MemoryOutbox(), { perEndpoint: 1, total: 1 })
    backlog.take(['a'])
    backlog.entered(['a'])
    expect(backlog.take(['a'])).toBeUndefined()
  })

  test('goes with a webhook to its next endpoint, what is on its way included', () => {
    const backlog = backlogOf(new MemoryOutbox(), { perEndpoint: 2, total: 100 })
    backlog.take(['a'])
    backlog.put('a', webhook('a', { endpoint: webhook('other').endpoint }))
    backlog.take(['other'])
    expect(backlog.take(['other'])).toBe('the backlog of https://other.example.com is full: 2 deliveries wait')
    backlog.entered(['a'])
    expect(backlog.take(['other'])).toBeUndefined()
  })
})

test('in all, no more waits than the total', async () => {
  const outbox = new MemoryOutbox()
  const backlog = backlogOf(outbox, { perEndpoint: 100, total: 2 })
  await outbox.accept([event('e1', ['a:1'])])
  expect(backlog.take(['other'])).toBeUndefined()
  expect(backlog.take(['other', 'a'])).toBe('the backlog is full: 2 deliveries wait')
})
