/**
 * Latency by endpoint as a Prometheus summary: quantiles of the last one to two minutes, sum and count since the start.
 * Endpoints past the limit share `other`. Written where the main thread settles attempts, read by the scrape.
 */
import type { BoundedLabels } from './bounded-labels.ts'
import { familyHead, label, sample } from './exposition.ts'
import { WindowedHistogram } from './windowed-histogram.ts'

/** The quantiles that are shown. */
const QUANTILES: readonly number[] = [0.5, 0.9, 0.99, 0.999]

const NAME = 'switchhook_endpoint_latency_seconds'

interface Latencies {
  readonly recent: WindowedHistogram
  count: number
  sumMs: number
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

  /** The family, in pieces of one endpoint at most. An endpoint without recent values shows sum and count only. */
  *family(nowMs: number): Generator<string, void, undefined> {
    yield familyHead(NAME, 'summary', 'Latency of an endpoint: quantiles over the last one to two minutes.')
    for (const [row, { recent, count, sumMs }] of this.#byRow) {
      const endpoint = label('endpoint', this.#endpoints.nameOf(row))
      let text = ''
      for (const quantile of QUANTILES) {
        const ms = recent.quantileMs(quantile, nowMs)
        if (ms !== undefined) text += sample(NAME, `${endpoint},${label('quantile', String(quantile))}`, ms / 1000)
      }
      yield text + sample(`${NAME}_sum`, endpoint, sumMs / 1000) + sample(`${NAME}_count`, endpoint, count)
    }
  }
}
