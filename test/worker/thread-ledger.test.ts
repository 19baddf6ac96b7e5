/** What the main thread keeps of a thread: the thread is told each thing once, and each delivery has one outcome. */
import { describe, expect, test } from 'vitest'
import { CATALOG_NAMES } from '../../src/catalog/catalog.ts'
import type { Outcome } from '../../src/model/attempt.ts'
import { packOutcomes, unpackDeliveries } from '../../src/worker/batch-codec.ts'
import type { DeliveryBatch, WorkerReport, WorkerSettings } from '../../src/worker/protocol.ts'
import type { Outgoing } from '../../src/worker/sender.ts'
import { ThreadLedger } from '../../src/worker/thread-ledger.ts'
import { success, webhook } from '../engine/webhooks.ts'

function outgoing(deliveryId: string, webhookId = 'crm', version = 1): Outgoing {
  const source = { webhook: webhook(webhookId), version, metricsRow: 7 }
  return { deliveryId, traceparent: '', payload: '{}', context: '', source }
}

/** The webhooks that a batch tells of, by the number that it gives them. */
function told({ sources }: DeliveryBatch): readonly (readonly [number, string, number])[] {
  return sources.map(([number, source]) => [number, source.webhook.id, source.version])
}

/** The number of each delivery's webhook. */
function numbers({ deliveries }: DeliveryBatch): readonly number[] {
  return [...unpackDeliveries(deliveries)].map((delivery) => delivery.webhook)
}

function slots({ deliveries }: DeliveryBatch): readonly number[] {
  return [...unpackDeliveries(deliveries)].map(({ slot }) => slot)
}

function report(of: readonly number[], outcome: Outcome = success()): WorkerReport {
  return { batches: 0, deliveries: 0, outcomes: packOutcomes(of.map((slot) => ({ slot, outcome }))) }
}

function namesOf(deliveries: readonly Outgoing[]): readonly string[] {
  return deliveries.map(({ deliveryId }) => deliveryId)
}

/** What has ended with a report, each with its outcome. */
function ended(ledger: ThreadLedger, of: readonly number[]): readonly string[] {
  const { deliveries, outcomes } = ledger.end(report(of))
  expect(outcomes).toEqual(deliveries.map(() => success()))
  return namesOf(deliveries)
}

describe('a thread', () => {
  test('is told of a webhook with its first delivery, and again when it has changed, by the same number', () => {
    const ledger = new ThreadLedger()
    const first = ledger.batch([outgoing('d1'), outgoing('d2', 'log'), outgoing('d3')])
    expect(told(first)).toEqual([
      [1, 'crm', 1],
      [2, 'log', 1],
    ])
    expect(numbers(first)).toEqual([1, 2, 1])
    expect(told(ledger.batch([outgoing('d4')]))).toEqual([])
    const changed = ledger.batch([outgoing('d5', 'log', 2), outgoing('d6')])
    expect(told(changed)).toEqual([[2, 'log', 2]])
    expect(numbers(changed)).toEqual([2, 1])
  })

  test('is told once that a webhook is gone, and gets one of the same name by another number', () => {
    const ledger = new ThreadLedger()
    ledger.batch([outgoing('d1')])
    ledger.forget('crm')
    ledger.forget('crm')
    ledger.forget('nobody')
    const next = ledger.batch([outgoing('d2')])
    expect(next.removed).toEqual([1])
    expect(told(next)).toEqual([[2, 'crm', 1]])
    expect(ledger.batch([outgoing('d3')]).removed).toEqual([])
  })

  test('is told settings with the next batch, the last ones only', () => {
    const settings: WorkerSettings = { pointNames: CATALOG_NAMES, maxConnectionsPerEndpoint: 1, refusedListeners: [] }
    const ledger = new ThreadLedger()
    ledger.configure(settings)
    ledger.configure({ ...settings, maxConnectionsPerEndpoint: 2 })
    expect(ledger.batch([outgoing('d1')]).settings).toMatchObject({ maxConnectionsPerEndpoint: 2 })
    expect(ledger.batch([outgoing('d2')]).settings).toBeUndefined()
  })

  test('gets of a webhook what belongs to it, and nothing that is kept beside it', () => {
    const { source, ...rest } = outgoing('d1')
    const planned = { ...source, render: () => 'no thread can be sent a function' }
    const [[, sent] = []] = new ThreadLedger().batch([{ ...rest, source: planned }]).sources
    expect(sent).toEqual(source)
  })
})

describe('a delivery', () => {
  test('is in flight from its batch to its outcome, which comes once', () => {
    const ledger = new ThreadLedger()
    const [first = 0, second = 0] = slots(ledger.batch([outgoing('d1'), outgoing('d2')]))
    expect(namesOf(ledger.deliveries)).toEqual(['d1', 'd2'])
    expect(ended(ledger, [second])).toEqual(['d2'])
    expect(ledger.inFlight).toBe(1)
    expect(ended(ledger, [second, first, 99])).toEqual(['d1'])
    expect(ledger.deliveries).toEqual([])
  })

  test('that is sent again has another slot, so that a late outcome is not taken for its own', () => {
    const ledger = new ThreadLedger()
    const [before = 0] = slots(ledger.batch([outgoing('d1')]))
    ledger.end(report([before]))
    const [again] = slots(ledger.batch([outgoing('d1')]))
    expect(again).not.toBe(before)
    expect(ended(ledger, [before])).toEqual([])
    expect(ledger.inFlight).toBe(1)
  })

  test('keeps its place however long it takes, and however many come after it', () => {
    const ledger = new ThreadLedger()
    const [first = 0] = slots(ledger.batch([outgoing('d1')]))
    for (let round = 0; round < 70_000; round += 1) ledger.end(report(slots(ledger.batch([outgoing('later')]))))
    expect(namesOf(ledger.deliveries)).toEqual(['d1'])
    expect(ended(ledger, [first])).toEqual(['d1'])
  })

  test('is one of 32,768 at most', () => {
    const ledger = new ThreadLedger()
    const most = Array.from({ length: 32_768 }, (_, index) => outgoing(`d${index}`))
    const [first = 0] = slots(ledger.batch(most))
    expect(() => ledger.batch([outgoing('one more')])).toThrow('more than 32768 deliveries')
    expect(ended(ledger, [first])).toEqual(['d0'])
    expect(slots(ledger.batch([outgoing('one more')]))).toEqual([first + 32_768])
  })
})
