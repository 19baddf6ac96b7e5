/**
 * Of an event with more deliveries than the store can count half a change was left in the batch that it shares: events and
 * settlements of everybody were refused with it, or applied as what they were not.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type AcceptParts, acceptEvents, type RoutingPlan } from '../../src/engine/accept/accept.ts'
import { Backlog } from '../../src/engine/accept/backlog.ts'
import { Waiting } from '../../src/engine/accept/waiting.ts'
import { CallContexts } from '../../src/engine/calls/call-context.ts'
import { PlannedWebhook } from '../../src/engine/plan/plan.ts'
import { TraceSource } from '../../src/engine/trace.ts'
import { type AcceptVerdict, MOST_DELIVERIES } from '../../src/outbox/contract.ts'
import { verify } from '../../src/outbox/embedded/files/inspect.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { claimAll, delivered, event, recordOf, T0 } from '../contract/outbox-world.ts'
import { webhook } from '../engine/webhooks.ts'
import { callEvent } from './engine-world.ts'

/** A folder for a store, removed with the test. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-125-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'store')
}

/** Names of deliveries, all to one webhook. */
function names(event: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `crm:${event}-${index}`)
}

test('an event that can not be written is refused alone, whatever shares its transaction', async () => {
  const path = newFolder()
  const outbox = await openEmbeddedOutbox({ path, reserveBytes: 0 })
  await outbox.accept([event('e0', ['crm:0'])])
  claimAll(outbox)
  const accept = async (id: string, deliveries: readonly string[]): Promise<readonly AcceptVerdict[]> =>
    outbox.accept([event(id, deliveries)])
  const all = await Promise.allSettled([
    accept('first', names('first', MOST_DELIVERIES + 1)),
    accept('e1', ['log:1']),
    accept('many', names('many', MOST_DELIVERIES + 1)),
    outbox.settle([delivered('crm:0')]),
    accept('e2', ['new:2']),
  ])
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(all[2]).toMatchObject({ reason: { code: 'internal', message: expect.stringContaining("can't be written") } })
  expect(outbox.counts()).toMatchObject({ pending: 2, delivered: 1, dead: 0 })
  expect(await outbox.accept([event('many', ['crm:3'])])).toEqual(['accepted'])
  await outbox.close()
  expect(await verify(path)).toEqual([])
})

test('an event with as many deliveries as there may be is kept whole', async () => {
  const outbox = await openEmbeddedOutbox({ path: newFolder(), reserveBytes: 0 })
  onTestFinished(() => outbox.close())
  expect(await outbox.accept([event('many', names('all', MOST_DELIVERIES))])).toEqual(['accepted'])
  expect(outbox.counts()).toMatchObject({ pending: MOST_DELIVERIES })
  expect(await recordOf(outbox, `crm:all-${MOST_DELIVERIES - 1}`)).toMatchObject({ state: 'pending', webhook: 'crm' })
})

/** A plan in which every event of the call `call` triggers as many webhooks as `triggered` says. */
function planOf(triggered: number): RoutingPlan {
  const ids = Array.from({ length: triggered }, (_, index) => `crm-${index}`)
  const context = { rules: new Map(), metricsRowOf: () => 0, engineVersion: '' }
  const planned = new PlannedWebhook(webhook('crm'), 1, new Set(), context)
  const all = new Set(ids)
  return {
    webhooks: new Map(ids.map((id) => [id, planned])),
    router: { route: (_, type) => (type === 'all' ? all : new Set(['crm-0'])) },
  }
}

test.each([
  [MOST_DELIVERIES, { kind: 'accepted', deliveries: 65_535 }],
  [
    MOST_DELIVERIES + 1,
    { kind: 'rejected', detail: 'the event triggers 65536 webhooks, 65535 is the limit', retryable: false },
  ],
])('an event that triggers %i webhooks is answered by %j, and those beside it are taken', async (triggered, result) => {
  const outbox = new MemoryOutbox()
  let keys = 0
  const parts: AcceptParts = {
    outbox,
    backlog: new Backlog(new Waiting(outbox), { perEndpoint: 1_000_000, total: triggered + 1 }),
    contexts: new CallContexts(),
    clock: { nowMs: () => T0, monotonicMs: () => 0 },
    traces: new TraceSource((digits) => '1'.repeat(digits)),
    nextId: () => (++keys).toString(16).padStart(26, '0'),
    random: () => 0,
    isActive: () => true,
  }
  const one = { kind: 'accepted', deliveries: 1 }
  expect(await acceptEvents(parts, planOf(triggered), [callEvent('all'), callEvent('one')])).toEqual([result, one])
})
