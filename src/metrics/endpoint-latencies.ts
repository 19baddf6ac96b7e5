/**
 * Latency by endpoint as a Prometheus summary: quantiles of the last one to two minutes, sum and count since the start.
 * Endpoints past the limit share `other`. Written where the main thread settles attempts; a scrape reads numbers here, and makes
 * text of them where it makes the rest.
 */
import type { BoundedLabels } from './bounded-labels.ts'
import { familyHead, label, sample } from './exposition.ts'
import { WindowedHistogram } from './windowed-histogram.ts'

/** The quantiles that are shown. */
const QUANTILES: readonly number[] = [0.5, 0.9, 0.99, 0.999]

const QUANTILE_LABELS: readonly string[] = QUANTILES.map((quantile) => label('quantile', String(quantile)))

/** Numbers of an endpoint: count, sum in seconds, and a quantile each in seconds, NaN where there is none. */
const NUMBERS: number = 2 + QUANTILES.length

const NAME = 'switchhook_endpoint_latency_seconds'

interface Latencies {
  readonly recent: WindowedHistogram
  count: number
  sumMs: number
}

/** Latencies of all endpoints at one moment; can be handed to another thread. */
export interface EndpointNumbers {
  readonly endpoints: readonly string[]
  /** {@link NUMBERS} of each. */
  readonly numbers: Float64Array
}

/** Latencies of all endpoints. */
export class EndpointLatencies {
  readonly #endpoints: BoundedLabels
  readonly #byRow = new Map<number, Latencies>()

  constructor(endpoints: BoundedLabels) {
    this.#endpoints = endpoints
  }

  /** Takes in one latency; what is negative or not finite counts as 0. */
  record(endpoint: string, latencyMs: number, nowMs: number): void {
    const row = this.#endpoints.rowOf(endpoint)
    const latencies = this.#byRow.get(row) ?? { recent: new WindowedHistogram(), count: 0, sumMs: 0 }
    this.#byRow.set(row, latencies)
    const ms = latencyMs > 0 && latencyMs < Number.POSITIVE_INFINITY ? latencyMs : 0
    latencies.recent.record(ms, nowMs)
    latencies.count += 1
    latencies.sumMs += ms
  }

  /** What a scrape shows; about a microsecond an endpoint. */
  read(nowMs: number): EndpointNumbers {
    const numbers = new Float64Array(this.#byRow.size * NUMBERS).fill(Number.NaN)
    let at = 0
    for (const { recent, count, sumMs } of this.#byRow.values()) {
      numbers[at] = count
      numbers[at + 1] = sumMs / 1000
      for (const [index, ms] of recent.quantilesMs(QUANTILES, nowMs).entries()) numbers[at + 2 + index] = ms / 1000
      at += NUMBERS
    }
    return { endpoints: Array.from(this.#byRow.keys(), (row) => this.#endpoints.nameOf(row)), numbers }
  }
}

/** The family, in pieces of one endpoint at most. An endpoint without recent values shows sum and count only. */
export function* endpointFamily({ endpoints, numbers }: EndpointNumbers): Generator<string, void, undefined> {
  yield familyHead(NAME, 'summary', 'Latency of an endpoint: quantiles over the last one to two minutes.')
  for (const [index, name] of endpoints.entries()) {
    const endpoint = label('endpoint', name)
    const at = index * NUMBERS
    let text = ''
    for (const [place, quantile] of QUANTILE_LABELS.entries()) {
      const seconds = numbers[at + 2 + place] ?? Number.NaN
      if (!Number.isNaN(seconds)) text += sample(NAME, `${endpoint},${quantile}`, seconds)
    }
    yield text +
      sample(`${NAME}_sum`, endpoint, numbers[at + 1] ?? 0) +
      sample(`${NAME}_count`, endpoint, numbers[at] ?? 0)
  }
}
