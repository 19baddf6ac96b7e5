/**
 * Lines of the Prometheus text format 0.0.4, for the families with a series a webhook or endpoint. prom-client writes the
 * others; for two histograms with 1,000 webhooks it holds the thread for 100 ms, in which every live call waits, so these
 * are written piece by piece and joined with pauses. Called by the scrape only.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** What a family counts. */
export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary'

/** Longest time for which a scrape holds the main thread at a stretch, in milliseconds (the live call's way). */
const SLICE_MS = 1

/** The two lines that begin a family; `help` is one line without a backslash. */
export function familyHead(name: string, type: FamilyType, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
}

/** One label, `name="value"`, with what the format reserves escaped. */
export function label(name: string, value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
  return `${name}="${escaped}"`
}

/** One sample; `labels` are joined by commas, or empty. */
export function sample(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`
}

/** What stands behind a bucket's sample in OpenMetrics: one of the values in it, and its trace. */
export interface BucketExemplar {
  readonly traceId: string
  readonly durationMs: number
  /** Unix time in milliseconds. */
  readonly atMs: number
}

/**
 * A histogram's samples in seconds.
 *
 * @param cells counts by bucket (not cumulative), the count above the last bound, the sum in milliseconds
 */
export function histogramSamples(
  name: string,
  labels: string,
  boundsMs: readonly number[],
  cells: readonly number[],
  exemplarOf: (bucket: number) => BucketExemplar | undefined = () => undefined,
): string {
  const lead = labels === '' ? '' : `${labels},`
  let count = 0
  let text = ''
  for (const [bucket, boundMs] of boundsMs.entries()) {
    count += cells[bucket] ?? 0
    text += `${name}_bucket{${lead}le="${boundMs / 1000}"} ${count}${exemplarText(exemplarOf(bucket))}\n`
  }
  count += cells[boundsMs.length] ?? 0
  const sumSeconds = (cells[boundsMs.length + 1] ?? 0) / 1000
  text += `${name}_bucket{${lead}le="+Inf"} ${count}${exemplarText(exemplarOf(boundsMs.length))}\n`
  return text + sample(`${name}_sum`, labels, sumSeconds) + sample(`${name}_count`, labels, count)
}

function exemplarText(exemplar: BucketExemplar | undefined): string {
  if (exemplar === undefined) return ''
  const { traceId, durationMs, atMs } = exemplar
  return ` # {trace_id="${traceId}"} ${durationMs / 1000} ${atMs / 1000}`
}

/** Joins pieces that are made while they are asked for, giving the event loop a turn after every millisecond of work. */
export async function joinInSlices(pieces: Iterable<string>): Promise<string> {
  // As bytes: a growing string of many parts is copied around by the garbage collector, 30 ms at a time.
  const slices: Buffer[] = []
  let slice = ''
  let sliceEndMs = performance.now() + SLICE_MS
  for (const piece of pieces) {
    slice += piece
    if (performance.now() < sliceEndMs) continue
    slices.push(Buffer.from(slice))
    slice = ''
    await nextTurn()
    sliceEndMs = performance.now() + SLICE_MS
  }
  slices.push(Buffer.from(slice))
  return Buffer.concat(slices).toString()
}
