/**
 * What the engine says about itself: totals of `GET /v1/stats`, counters and histograms of `GET /metrics`. Read like a
 * dashboard would, from the published texts, and not from the engine's own types.
 */
import { readMetrics as readSamples } from '../../src/client/metrics-text.ts'
import { memberOf } from '../json-member.ts'
import type { Carrier } from './carrier.ts'

/** Totals of `GET /v1/stats`. */
export interface EngineStats {
  readonly atMs: number
  readonly events: number
  readonly delivered: number
  readonly retries: number
  readonly dead: number
  readonly invokes: number
  readonly pending: number
  readonly inFlight: number
  readonly openCircuits: number
  /** Undefined before the first invoke. */
  readonly invokeP50Ms: number | undefined
  readonly invokeP99Ms: number | undefined
}

/** What is read of `GET /metrics`. */
export interface EngineMetrics {
  /** Deliveries that arrived, by webhook. */
  readonly delivered: ReadonlyMap<string, number>
  /** Mean time in milliseconds of each stage of the engine's own work. */
  readonly overheadMs: ReadonlyMap<string, number>
}

/** Asks for the totals. */
export async function readStats(carrier: Carrier): Promise<EngineStats> {
  const stats = await carrier.getJson('/v1/stats')
  const count = (value: unknown, name: string): number => {
    const member = memberOf(value, name)
    if (typeof member !== 'number') throw new Error(`/v1/stats has no number ${name}`)
    return member
  }
  const latency = (name: string): number | undefined => {
    const member = memberOf(stats, name)
    return typeof member === 'number' ? member : undefined
  }
  const circuits = memberOf(stats, 'circuits')
  return {
    atMs: count(stats, 'atMs'),
    events: count(stats, 'events'),
    delivered: count(stats, 'delivered'),
    retries: count(stats, 'retries'),
    dead: count(stats, 'dead'),
    invokes: count(stats, 'invokes'),
    pending: count(memberOf(stats, 'outbox'), 'pending'),
    inFlight: count(stats, 'inFlight'),
    openCircuits: Array.isArray(circuits) ? circuits.length : 0,
    invokeP50Ms: latency('invokeP50Ms'),
    invokeP99Ms: latency('invokeP99Ms'),
  }
}

/** Most unfinished deliveries that are named. */
const NAMED_DELIVERIES = 10

/** Deliveries that are dead or still pending, a line each with what their last attempt came to; the newest only. */
export async function readUnfinished(carrier: Carrier): Promise<readonly string[]> {
  const lines = await Promise.all(
    ['dead', 'pending'].map(async (state) => {
      const page = await carrier.getJson(`/v1/deliveries?state=${state}&limit=${NAMED_DELIVERIES}`)
      const deliveries = memberOf(page, 'deliveries')
      return Array.isArray(deliveries) ? deliveries.map((delivery: unknown) => unfinishedText(delivery, state)) : []
    }),
  )
  return lines.flat()
}

function unfinishedText(delivery: unknown, state: string): string {
  const event = memberOf(delivery, 'event')
  const attempts = memberOf(delivery, 'attempts')
  const last: unknown = Array.isArray(attempts) ? attempts.at(-1) : undefined
  const error =
    last === undefined ? 'never attempted' : `last attempt: ${String(memberOf(last, 'error') ?? 'delivered')}`
  const subject = String(memberOf(event, 'subject'))
  return `${String(memberOf(delivery, 'webhook'))}, call ${subject}: ${state}; ${error}`
}

/** Asks for the metrics. */
export async function readMetrics(carrier: Carrier): Promise<EngineMetrics> {
  return parseMetrics(await carrier.getText('/metrics'))
}

/** What the demo needs of a text in the Prometheus format. */
export function parseMetrics(text: string): EngineMetrics {
  const delivered = new Map<string, number>()
  const sums = new Map<string, number>()
  const overheadMs = new Map<string, number>()
  for (const { name, labels, value } of readSamples(text)) {
    const stage = labels['stage'] ?? ''
    if (name === 'switchhook_deliveries_total' && labels['result'] === 'delivered') {
      delivered.set(labels['webhook'] ?? '', value)
    } else if (name === 'switchhook_overhead_seconds_sum') {
      sums.set(stage, value * 1000)
    } else if (name === 'switchhook_overhead_seconds_count' && value > 0) {
      overheadMs.set(stage, (sums.get(stage) ?? 0) / value)
    }
  }
  return { delivered, overheadMs }
}
