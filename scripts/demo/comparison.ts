/**
 * Whether three sides agree in the end: what the carrier was told at acceptance, what arrived at the customers' servers, and
 * what the engine counts. Pure; every line of the result is one disagreement.
 */
import type { EngineMetrics, EngineStats } from './engine-figures.ts'
import type { LedgerTotals } from './ledger.ts'

/** What the carrier was told. */
export interface CarrierTotals {
  readonly events: number
  readonly deliveries: number
  readonly invokes: number
}

/** Compares the sums; empty where all agree. */
export function compareSides(
  carrier: CarrierTotals,
  customers: LedgerTotals,
  stats: EngineStats,
  metrics: EngineMetrics,
): readonly string[] {
  const rows: readonly [what: string, engine: number, expected: number, side: string][] = [
    ['accepted events', stats.events, carrier.events, 'the carrier was told'],
    ['invokes', stats.invokes, carrier.invokes, 'the carrier made'],
    ['delivered', stats.delivered, customers.deliveredCount, 'the customers have'],
    ['delivered', stats.delivered, carrier.deliveries, 'the carrier was promised'],
    ['still pending', stats.pending, 0, 'expected'],
    ['dead letters', stats.dead, 0, 'expected'],
  ]
  const sums = rows
    .filter(([, engine, expected]) => engine !== expected)
    .map(([what, engine, expected, side]) => `${what}: the engine counts ${engine}, ${side} ${expected}`)
  const webhooks = new Set([...customers.delivered.keys(), ...metrics.delivered.keys()])
  const byWebhook = [...webhooks]
    .map((webhook) => ({
      webhook,
      engine: metrics.delivered.get(webhook) ?? 0,
      customer: customers.delivered.get(webhook) ?? 0,
    }))
    .filter(({ engine, customer }) => engine !== customer)
    .map(
      ({ webhook, engine, customer }) =>
        `${webhook}: the engine counts ${engine} delivered, its server received ${customer}`,
    )
  return [...sums, ...byWebhook]
}
