/**
 * Traces of some calls and attempts, by the bucket of the histogram in which they were counted: from a slow bucket of a
 * dashboard one click leads to a call that was that slow. Only of traces that are sampled, the others lead nowhere; the latest of
 * each bucket, and only so many in all, since a scrape hands them to another thread. Main thread only.
 */
import { DURATION_BOUNDS_MS } from './layout.ts'

/** Histograms by webhook that can have exemplars. */
export type ExemplarHistogram = 'attempt' | 'invoke'

/** One of them. */
export interface Exemplar {
  readonly traceId: string
  readonly durationMs: number
  /** Unix time in milliseconds. */
  readonly atMs: number
}

/** By {@link exemplarKey}. */
export type ExemplarMap = ReadonlyMap<number, Exemplar>

/** Kept at most: the buckets in use of some fifty webhooks; the longest untouched go first. */
export const EXEMPLAR_LIMIT = 512

/** The flag of a sampled trace, the last bit of a `traceparent` (W3C Trace Context, section 3.2.2.5). */
const SAMPLED = 1

/** The key of a webhook's row, its histogram and a bucket of it. */
export function exemplarKey(row: number, histogram: ExemplarHistogram, bucket: number): number {
  const buckets = DURATION_BOUNDS_MS.length + 1
  return (row * 2 + (histogram === 'invoke' ? 1 : 0)) * buckets + bucket
}

/** See the head of this file. */
export class Exemplars {
  readonly #byKey = new Map<number, Exemplar>()

  /** All that are kept. */
  get all(): ExemplarMap {
    return this.#byKey
  }

  /** Keeps a trace where it is sampled; `traceparent` is empty or a valid one. */
  record(row: number, histogram: ExemplarHistogram, durationMs: number, traceparent: string, atMs: number): void {
    if ((Number.parseInt(traceparent.slice(53), 16) & SAMPLED) === 0) return
    const above = DURATION_BOUNDS_MS.findIndex((boundMs) => durationMs <= boundMs)
    const key = exemplarKey(row, histogram, above === -1 ? DURATION_BOUNDS_MS.length : above)
    this.#byKey.delete(key)
    this.#byKey.set(key, { traceId: traceparent.slice(3, 35), durationMs, atMs })
    if (this.#byKey.size <= EXEMPLAR_LIMIT) return
    const [oldest] = this.#byKey.keys()
    if (oldest !== undefined) this.#byKey.delete(oldest)
  }
}
