/**
 * Lines of the Prometheus text format 0.0.4, for the families with a series a webhook or endpoint. prom-client writes the
 * others; for two histograms with 1,000 webhooks it holds the thread for 100 ms, in which every live call waits, so these
 * are written piece by piece and joined with pauses. Called by the scrape only.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** What a family counts. */
export type FamilyType = 'counter' | 'histogram' | 'summary'

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
): string {
  const lead = labels === '' ? '' : `${labels},`
  let count = 0
  let text = ''
  for (const [bucket, boundMs] of boundsMs.entries()) {
    count += cells[bucket] ?? 0
    text += `${name}_bucket{${lead}le="${boundMs / 1000}"} ${count}\n`
  }
  count += cells[boundsMs.length] ?? 0
  const sumSeconds = (cells[boundsMs.length + 1] ?? 0) / 1000
  text += `${name}_bucket{${lead}le="+Inf"} ${count}\n`
  return text + sample(`${name}_sum`, labels, sumSeconds) + sample(`${name}_count`, labels, count)
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
