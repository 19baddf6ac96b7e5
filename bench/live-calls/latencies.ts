/**
 * Latencies in HDR histograms, in microseconds: recorded in one process, added up in another, told as percentiles and as
 * points of a drawing.
 */
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'
import type { LatencyPoint } from '../measuring/result.ts'

/** Longest latency that is told apart: a minute; what took longer counts as this. */
const LONGEST_US = 60_000_000

/** Percentiles of a drawing: evenly spaced where most requests are, and then ten times closer to 100 again and again. */
const DRAWN = [0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 100]

/** A histogram of nothing yet. */
export function newLatencies(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_US,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  })
}

/** Records a latency; one below a microsecond (clocks are not finer) counts as that. */
export function record(latencies: Histogram, latencyMs: number): void {
  latencies.recordValue(Math.min(LONGEST_US, Math.max(1, Math.round(latencyMs * 1000))))
}

/** As text, for another process. */
export function encodeLatencies(latencies: Histogram): string {
  return encodeIntoCompressedBase64(latencies)
}

/** What {@link encodeLatencies} made. */
export function decodeLatencies(text: string): Histogram {
  return decodeFromCompressedBase64(text, 'packed', false)
}

/** So many percent took at most so long, in milliseconds. */
export function percentileMs(latencies: Histogram, percent: number): number {
  return latencies.getValueAtPercentile(percent) / 1000
}

/** What a drawing shows of several slices together. */
export function latencyPoints(slices: readonly Histogram[]): readonly LatencyPoint[] {
  const all = newLatencies()
  for (const slice of slices) all.add(slice)
  return DRAWN.map((percentile) => ({ percentile, latencyMs: percentileMs(all, percentile) }))
}
