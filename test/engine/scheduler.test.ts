/** The scheduler under a clock of the test's own: what goes out when, in which batches, and what comes of it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { buildPlan, type Plan } from '../../src/engine/plan/plan.ts'
import { RandomHex } from '../../src/engine/random.ts'
import { Admission } from '../../src/engine/send/admission.ts'
import { type Lease, Scheduler } from '../../src/engine/send/scheduler.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import { TraceSource } from '../../src/engine/trace.ts'
import type { Outcome } from '../../src/model/attempt.ts'
import type { Webhook } from '../../src/model/webhook.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import type { Outgoing, Sender } from '../../src/worker/sender.ts'
import { event, nameOf, recordOf, T0 } from '../contract/outbox-world.ts'
import { outcome, success, webhook } from './webhooks.ts'

/** A sender that posts nowhere: the test says what comes of each delivery. */
class ScriptedSender implements Sender<Lease> {
  readonly name = 'scripted'
  readonly batches: (readonly Outgoing[])[] = []
  isReady = true
  inFlight = 0

  readonly #leases = new Map<string, Lease>()

  post(deliveries: readonly Lease[]): void {
    this.batches.push(deliveries.map((delivery) => ({ ...delivery, deliveryId: nameOf(delivery.deliveryId) })))
    for (const lease of deliveries) this.#leases.set(nameOf(lease.deliveryId), lease)
    this.inFlight += deliveries.length
  }

  /** What it has of them, which it has no longer then. */
  take(names: readonly string[]): Lease[] {
    const leases = names.flatMap((name) => this.#leases.get(name) ?? [])
    for (const name of names) this.#leases.delete(name)
    this.inFlight -= leases.length
    return leases
  }

  get ids(): string[] {
    return this.batches.flatMap((batch) => batch.map(({ deliveryId }) => deliveryId))
  }

  readonly queuedBatches = 0

  utilization(): number {
    return 0
  }

  configure(): void {
    this.batches.length = 0
  }

  forget(): void {
    this.batches.length = 0
  }

  async close(): Promise<void> {
    this.isReady = false
  }
}

/** An outbox that can be told not to write. */
class FailingOutbox extends MemoryOutbox {
  isBroken = false

  override settle(...args: Parameters<MemoryOutbox['settle']>): Promise<void> {
    return this.isBroken ? Promise.reject(new Error('disk full')) : super.settle(...args)
  }
}

class World {
  nowMs = T0
  readonly outbox = new FailingOutbox()
  readonly sender = new ScriptedSender()
  readonly inactive = new Set<string>()
  readonly told: string[] = []
  readonly admission: Admission
  readonly scheduler: Scheduler
  plan: Plan

  constructor(webhooks: readonly Webhook[], maxInFlight = 1000) {
    const hex = new RandomHex()
    const clock: Clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs }
    this.plan = this.#planOf(webhooks)
    this.admission = new Admission(
      { deliveries: 100, invokes: 10 },
      { unpark: (id) => this.outbox.unpark(id), onCircuit: () => undefined },
    )
    this.scheduler = new Scheduler({
      outbox: this.outbox,
      senders: [this.sender],
      admission: this.admission,
      clock,
      traces: new TraceSource((digits) => hex.next(digits)),
      random: () => 0.5,
      maxInFlight,
      lookUp: (id) => {
        const planned = this.plan.webhooks.get(id)
        return planned === undefined ? undefined : { planned, isActive: !this.inactive.has(id) }
      },
      listener: {
        onFirstAttempt: (lagMs) => this.told.push(`lag ${lagMs}`),
        onQueued: () => undefined,
        onSettled: (id, result) => this.told.push(`${id} ${result}`),
        onOrphan: (id) => this.told.push(`${id} orphan`),
        onFailed: () => undefined,
        onGone: (id) => {
          this.inactive.add(id)
        },
        onStoreError: (error) => this.told.push(String(error)),
        onStoreWritten: () => undefined,
      },
    })
  }

  replacePlan(webhooks: readonly Webhook[]): void {
    this.plan = this.#planOf(webhooks)
  }

  /** Lets time pass, timers included. */
  async pass(ms: number): Promise<void> {
    for (let step = 0; step < ms; step += 1) {
      this.nowMs += 1
      await vi.advanceTimersByTimeAsync(1)
    }
  }

  async accept(...args: Parameters<typeof event>): Promise<void> {
    await this.outbox.accept([event(...args)])
    this.scheduler.poke()
    await this.pass(1)
  }

  async answer(ids: readonly string[], answered: Outcome): Promise<void> {
    const leases = this.sender.take(ids)
    this.scheduler.onOutcomes(
      leases,
      leases.map(() => answered),
    )
    await this.pass(1)
  }

  #planOf(webhooks: readonly Webhook[]): Plan {
    const context = { rules: new Map(), metricsRowOf: () => 0, engineVersion: '1' }
    return runAtOnce(buildPlan({ webhooks, bindings: [], pointNames: new Set() }, context))
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the scheduler', () => {
  test('sends what is due and ends it when it succeeded', async () => {
    const world = new World([webhook('crm')])
    await world.accept('e1', ['crm:1'], { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' })
    expect(world.sender.batches).toMatchObject([[{ deliveryId: 'crm:1', payload: '{"id":"e1"}' }]])
    expect(world.sender.batches[0]?.[0]?.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-.{16}-01$/)
    await world.answer(['crm:1'], success())
    expect(world.outbox.counts()).toMatchObject({ pending: 0, delivered: 1 })
    expect(world.told).toEqual(['lag 1', 'crm delivered'])
  })

  test('sends what failed again at its time, not before, until the schedule ends', async () => {
    const world = new World([webhook('crm', { scheduleMs: [0, 50, 200] })])
    await world.accept('e1', ['crm:1'])
    await world.answer(['crm:1'], outcome())
    await world.pass(48)
    expect(world.sender.ids).toHaveLength(1)
    await world.pass(2)
    expect(world.sender.ids).toHaveLength(2)
    await world.answer(['crm:1'], outcome())
    await world.pass(201)
    expect(world.sender.ids).toHaveLength(3)
    await world.answer(['crm:1'], outcome())
    expect(world.told).toEqual(['lag 1', 'crm retried', 'crm retried', 'crm dead'])
    expect(await recordOf(world.outbox, 'crm:1')).toMatchObject({
      state: 'dead',
      reason: 'status',
      attempts: [{}, {}, {}],
    })
  })

  test('puts what is due together into one batch, 64 at most', async () => {
    const world = new World([webhook('crm'), webhook('log')])
    await world.accept('e1', [
      ...Array.from({ length: 40 }, (_, index) => `crm:${index}`),
      ...Array.from({ length: 40 }, (_, index) => `log:${index}`),
    ])
    expect(world.sender.batches.map((batch) => batch.length)).toEqual([64, 16])
  })

  test('gives a sender nothing while it is not ready, and goes on when it is', async () => {
    const world = new World([webhook('crm')])
    world.sender.isReady = false
    await world.accept('e1', ['crm:1'])
    expect(world.sender.ids).toEqual([])
    world.sender.isReady = true
    world.scheduler.poke()
    await world.pass(1)
    expect(world.sender.ids).toEqual(['crm:1'])
  })

  test('has no more in flight than allowed, and goes on when one ended', async () => {
    const world = new World([webhook('crm')], 2)
    await world.accept('e1', ['crm:1', 'crm:2', 'crm:3'])
    expect(world.sender.ids).toEqual(['crm:1', 'crm:2'])
    await world.answer(['crm:1'], success())
    expect(world.sender.ids).toEqual(['crm:1', 'crm:2', 'crm:3'])
  })

  test('holds what belongs to an inactive webhook and loses none', async () => {
    const world = new World([webhook('crm')])
    world.inactive.add('crm')
    await world.accept('e1', ['crm:1'])
    expect(world.sender.ids).toEqual([])
    world.inactive.delete('crm')
    world.admission.reconsider('crm')
    world.scheduler.poke()
    await world.pass(1)
    expect(world.sender.ids).toEqual(['crm:1'])
  })

  test('deactivates a webhook that answered 410 and holds the delivery with the others', async () => {
    const world = new World([webhook('crm', { concurrency: 1 })])
    await world.accept('e1', ['crm:1', 'crm:2'])
    await world.answer(['crm:1'], outcome({ status: 410 }))
    await world.pass(100)
    expect(world.sender.ids).toEqual(['crm:1'])
    expect(world.outbox.counts().pending).toBe(2)
    expect(world.told).toContain('crm held')
  })

  test('ends the deliveries of a webhook that is gone', async () => {
    const world = new World([webhook('crm')])
    world.replacePlan([])
    await world.accept('e1', ['crm:1'])
    expect(world.sender.ids).toEqual([])
    expect(await recordOf(world.outbox, 'crm:1')).toMatchObject({ state: 'dead', reason: 'webhook-removed' })
    expect(world.told).toEqual(['crm orphan'])
  })

  test('sends the webhook as it is now on the next attempt', async () => {
    const world = new World([webhook('crm', { scheduleMs: [0, 10] })])
    await world.accept('e1', ['crm:1'])
    world.replacePlan([webhook('crm', { name: 'renamed', scheduleMs: [0, 10] })])
    await world.answer(['crm:1'], outcome())
    await world.pass(12)
    expect(world.sender.batches[1]?.[0]?.source.webhook.name).toBe('renamed')
  })

  test('sends again at once what was in flight when its worker died, three times at most', async () => {
    const world = new World([webhook('crm')])
    await world.accept('e1', ['crm:1'])
    const died = outcome({ result: 'unsettled', reason: 'internal', status: 0 })
    for (let death = 0; death < 3; death += 1) await world.answer(['crm:1'], died)
    expect(world.sender.ids).toEqual(['crm:1', 'crm:1', 'crm:1'])
    expect(await recordOf(world.outbox, 'crm:1')).toMatchObject({ state: 'dead', reason: 'internal' })
  })

  test('holds an endpoint’s deliveries while its circuit is open, and uses up no attempt by probing', async () => {
    const world = new World([
      webhook('crm', { scheduleMs: [0, 10, 10, 10], circuit: { failures: 2, withinMs: 60_000, probeMs: 100 } }),
    ])
    await world.accept('e1', ['crm:1'])
    await world.answer(['crm:1'], outcome({ reason: 'connection', status: 0 }))
    await world.pass(12)
    await world.answer(['crm:1'], outcome({ reason: 'connection', status: 0 }))
    for (let probe = 0; probe < 10; probe += 1) {
      await world.pass(105)
      expect(world.sender.batches.at(-1)).toMatchObject([{ deliveryId: 'crm:1' }])
      expect(world.sender.batches).toHaveLength(3 + probe)
      await world.answer(['crm:1'], outcome({ reason: 'connection', status: 0 }))
    }
    await world.pass(105)
    await world.answer(['crm:1'], success())
    expect(world.outbox.counts()).toMatchObject({ pending: 0, delivered: 1 })
    expect(world.told.filter((line) => line.startsWith('lag'))).toEqual(['lag 1'])
  })

  test('counts the lag of a delivery once, when a probe of it at last succeeds', async () => {
    const world = new World([
      webhook('crm', { scheduleMs: [0, 10], circuit: { failures: 1, withinMs: 60_000, probeMs: 100 } }),
    ])
    const down = outcome({ reason: 'connection', status: 0 })
    await world.accept('e1', ['crm:1'])
    await world.answer(['crm:1'], down)
    await world.accept('e2', ['crm:2'])
    const probed: string[] = []
    for (let probe = 0; probe < 6; probe += 1) {
      await world.pass(105)
      const ids = world.sender.batches.at(-1)?.map(({ deliveryId }) => deliveryId) ?? []
      probed.push(...ids)
      await world.answer(ids, probe < 4 ? down : success())
    }
    expect(probed.filter((id) => id === 'crm:2').length).toBeGreaterThan(1)
    expect(world.outbox.counts()).toMatchObject({ pending: 0, delivered: 2 })
    expect(world.told.filter((line) => line.startsWith('lag'))).toHaveLength(2)
  })

  test('keeps what is settled until the store can write it', async () => {
    const world = new World([webhook('crm')])
    await world.accept('e1', ['crm:1'])
    world.outbox.isBroken = true
    await world.answer(['crm:1'], success())
    expect(world.outbox.counts().pending).toBe(1)
    world.outbox.isBroken = false
    await world.pass(1001)
    expect(world.outbox.counts()).toMatchObject({ pending: 0, delivered: 1 })
    expect(world.told).toContain('Error: disk full')
  })

  test('stops when what is in flight has ended', async () => {
    const world = new World([webhook('crm')])
    await world.accept('e1', ['crm:1'])
    let isStopped = false
    const stopped = world.scheduler.stop(10_000).then(() => {
      isStopped = true
    })
    await world.pass(50)
    expect(isStopped).toBe(false)
    await world.answer(['crm:1'], success())
    await stopped
    await world.accept('e2', ['crm:2'])
    expect(world.sender.ids).toEqual(['crm:1'])
  })

  test('stops after its deadline, whatever is in flight', async () => {
    const world = new World([webhook('crm')])
    await world.accept('e1', ['crm:1'])
    const stopped = world.scheduler.stop(100)
    await world.pass(101)
    await stopped
    expect(world.outbox.counts().pending).toBe(1)
  })

  test('ignores an outcome for what it did not send', async () => {
    const world = new World([webhook('crm')])
    await world.accept('e1', ['crm:1'])
    await world.answer(['crm:1'], success())
    await world.answer(['crm:1', 'nobody'], outcome())
    expect(world.told).toEqual(['lag 1', 'crm delivered'])
  })
})
