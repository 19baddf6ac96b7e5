/** When a thread tells what became of its deliveries: alone at once, in numbers together, and nothing later than a millisecond. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { CATALOG_NAMES } from '../../src/catalog/catalog.ts'
import { ATTEMPT_RESULTS, ATTEMPTS_AT, cellsOf, createBlock, rowAt } from '../../src/metrics/layout.ts'
import { AttemptRunner } from '../../src/worker/attempt-runner.ts'
import { MAX_PENDING, type WorkerReport } from '../../src/worker/protocol.ts'
import type { Outgoing } from '../../src/worker/sender.ts'
import { ThreadLedger } from '../../src/worker/thread-ledger.ts'
import { webhook } from '../engine/webhooks.ts'
import { Receiver } from './receiver.ts'

/** A runner, what it has told, and how to give it deliveries. */
class World {
  readonly reports: WorkerReport[] = []
  readonly ended: string[] = []
  readonly #ledger = new ThreadLedger()
  readonly #runner: AttemptRunner
  readonly #receiver: Receiver
  readonly #metricsBlock = createBlock()

  constructor(receiver: Receiver) {
    this.#receiver = receiver
    this.#runner = new AttemptRunner({ version: '1', metricsBlock: this.#metricsBlock }, (report) => {
      this.reports.push(report)
      this.ended.push(...this.#ledger.end(report).deliveries.map(({ deliveryId }) => deliveryId))
    })
    this.#ledger.configure({ pointNames: CATALOG_NAMES, maxConnectionsPerEndpoint: MAX_PENDING, refusedListeners: [] })
  }

  run(ids: readonly string[]): void {
    const { origin } = this.#receiver
    const target = webhook('crm', { endpoint: { id: origin, origin, allow: ['127.0.0.0/8'] } })
    const request = { ...target.request, url: { text: `${origin}/hook`, syntax: 'none' as const } }
    const source = { webhook: { ...target, request }, version: 1, metricsRow: 0 }
    const outgoing = ids.map((deliveryId): Outgoing => {
      return { deliveryId, traceparent: '', payload: '{}', context: '', source }
    })
    this.#runner.run(this.#ledger.batch(outgoing))
  }

  /** Lets the loop turn until so many have been answered, whether or not that was told, and once more. */
  async answered(count: number): Promise<void> {
    const cells = cellsOf(this.#metricsBlock)
    const successes = rowAt(0) + ATTEMPTS_AT + ATTEMPT_RESULTS.indexOf('success')
    while (cells[successes] !== count) await nextTurn()
    await nextTurn()
  }

  close(): Promise<void> {
    return this.#runner.close()
  }
}

async function open(): Promise<{ world: World; receiver: Receiver }> {
  const receiver = await Receiver.start()
  const world = new World(receiver)
  onTestFinished(async () => {
    await world.close()
    await receiver[Symbol.asyncDispose]()
  })
  return { world, receiver }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a thread', () => {
  test('tells of a delivery that is alone at once', async () => {
    const { world } = await open()
    world.run(['d1'])
    await world.answered(1)
    expect(world.ended).toEqual(['d1'])
  })

  test('lets outcomes wait for others while more are under way, for a millisecond', async () => {
    const { world, receiver } = await open()
    receiver.answer = ({ id }, response) => {
      if (!id.startsWith('hangs')) response.end()
    }
    world.run(['hangs-1', 'hangs-2', 'hangs-3', 'd1', 'd2'])
    await world.answered(2)
    expect(world.reports).toEqual([])
    vi.advanceTimersByTime(1)
    await nextTurn()
    expect(world.ended.toSorted()).toEqual(['d1', 'd2'])
    expect(world.reports).toMatchObject([{ batches: 1, deliveries: 5 }])
  })

  test('tells at once when as many have ended as are still under way', async () => {
    const { world, receiver } = await open()
    receiver.answer = ({ id }, response) => {
      if (!id.startsWith('hangs')) response.end()
    }
    world.run(['hangs-1', 'hangs-2', 'd1', 'd2'])
    await world.answered(2)
    expect(world.ended.toSorted()).toEqual(['d1', 'd2'])
  })

  test.each([
    [MAX_PENDING, 1],
    [MAX_PENDING - 1, 0],
  ])('that has begun with %i tells so at once in %i reports, though a server hangs', async (count, reports) => {
    const { world, receiver } = await open()
    receiver.answer = () => undefined
    world.run(Array.from({ length: count }, (_, index) => `d${index}`))
    await nextTurn()
    expect(world.reports).toHaveLength(reports)
    vi.advanceTimersByTime(1)
    await nextTurn()
    expect(world.reports).toMatchObject([{ batches: 1, deliveries: count }])
    expect(world.ended).toEqual([])
  })
})
