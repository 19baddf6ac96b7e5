/**
 * Where each count stands in a thread's block of shared memory: rows by webhook, then the engine's own histograms.
 * Each block has one writing thread; the main thread reads all of them. A cell is a 64-bit float at a multiple of 8 bytes,
 * written by one store instruction on x64 and arm64 alike, so a reader sees the old or the new count, never half of each:
 * no atomics are needed. Counts stay exact up to 2^53. Used by the recorder (writes) and the blocks (reads).
 */
import { SwitchhookError } from '../errors.ts'
import type { PhaseName } from '../model/attempt.ts'
import { REASONS } from '../model/decision.ts'

/** Webhooks with a row of their own; the rest share {@link OTHER_ROW} (contract, section 5). */
export const WEBHOOK_LIMIT = 1000

/** The row that is labelled `other`. */
export const OTHER_ROW: number = WEBHOOK_LIMIT

/** How an attempt ended, the label `result` of `switchhook_attempts_total`. */
export const ATTEMPT_RESULTS: readonly ['success', ...typeof REASONS] = ['success', ...REASONS]

/** One of {@link ATTEMPT_RESULTS}. */
export type AttemptResult = (typeof ATTEMPT_RESULTS)[number]

/** How an invoke ended, the label `result` of `switchhook_invokes_total`: `success`, or the reason of a `backup` decision. */
export const INVOKE_RESULTS: typeof ATTEMPT_RESULTS = ATTEMPT_RESULTS

/** One of {@link INVOKE_RESULTS}. */
export type InvokeResult = AttemptResult

/**
 * What became of a delivery, each time that something did, the label `result` of `switchhook_deliveries_total`:
 * `delivered`, `retried` (failed, due again), `held` (due again without an attempt used up: an open circuit's probe, a 410),
 * `unsettled` (its worker died, due again), `dead`.
 */
export const DELIVERY_RESULTS = ['delivered', 'retried', 'held', 'unsettled', 'dead'] as const

/** One of {@link DELIVERY_RESULTS}. */
export type DeliveryResult = (typeof DELIVERY_RESULTS)[number]

/** Steps of which the engine's own share of the time is measured (contract, section 5). */
export const STAGES = ['ingress', 'store', 'queue', 'render', 'interpret'] as const

/** One of {@link STAGES}. */
export type Stage = (typeof STAGES)[number]

/** What an attempt is made for, the label `kind` of `switchhook_phase_seconds`. */
export const ATTEMPT_KINDS = ['invoke', 'send'] as const

/** One of {@link ATTEMPT_KINDS}. */
export type AttemptKind = (typeof ATTEMPT_KINDS)[number]

/** The label `phase` of `switchhook_phase_seconds`, in the order in which they happen, and the member that an attempt has it in. */
export const PHASES: readonly (readonly [phase: string, name: PhaseName])[] = [
  ['queue', 'queueMs'],
  ['render', 'renderMs'],
  ['waiting', 'waitingMs'],
  ['dns', 'dnsMs'],
  ['connect', 'connectMs'],
  ['tls', 'tlsMs'],
  ['first_byte', 'firstByteMs'],
  ['body', 'bodyMs'],
  ['interpret', 'interpretMs'],
]

/** Upper bounds of a duration's buckets in milliseconds, each included: 0.1 ms to 10 s, the longest an invoke can take. */
export const DURATION_BOUNDS_MS: readonly number[] = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000,
]

/** Bounds of the delivery lag: those of a duration, and up to a day for what was held (inactive webhook, open circuit). */
export const LAG_BOUNDS_MS: readonly number[] = [
  ...DURATION_BOUNDS_MS,
  30_000,
  60_000,
  300_000,
  1_800_000,
  3_600_000,
  21_600_000,
  86_400_000,
]

/** Histograms of the whole engine: of the time from acceptance to the first attempt, of synced transactions, of late timers. */
export const ENGINE_HISTOGRAMS = ['deliveryLag', 'storeCommit', 'loopDelay'] as const

/** One of {@link ENGINE_HISTOGRAMS}. */
export type EngineHistogram = (typeof ENGINE_HISTOGRAMS)[number]

/** Cells of a histogram: one a bound, one for everything above, one for the sum in milliseconds. */
export function histogramCells(boundsMs: readonly number[]): number {
  return boundsMs.length + 2
}

const DURATION_CELLS = histogramCells(DURATION_BOUNDS_MS)

/** Offsets of a row's parts, in cells from the row's first. */
export const ATTEMPTS_AT = 0
export const DELIVERIES_AT: number = ATTEMPTS_AT + ATTEMPT_RESULTS.length
export const INVOKES_AT: number = DELIVERIES_AT + DELIVERY_RESULTS.length
export const ATTEMPT_DURATION_AT: number = INVOKES_AT + INVOKE_RESULTS.length
export const INVOKE_DURATION_AT: number = ATTEMPT_DURATION_AT + DURATION_CELLS
const ROW_CELLS: number = INVOKE_DURATION_AT + DURATION_CELLS

const OVERHEAD_AT: number = (OTHER_ROW + 1) * ROW_CELLS

const PHASES_AT: number = OVERHEAD_AT + STAGES.length * DURATION_CELLS

const ENGINE_AT: number = PHASES_AT + ATTEMPT_KINDS.length * PHASES.length * DURATION_CELLS

/** Cells of a block; about 600 KB, of which the system only backs what was written. */
export const BLOCK_CELLS: number = ENGINE_AT + ENGINE_HISTOGRAMS.length * histogramCells(LAG_BOUNDS_MS)

/** First cell of a row; a number that is no row's gives that of {@link OTHER_ROW}. */
export function rowAt(row: number): number {
  return (row >= 0 && row < OTHER_ROW ? row : OTHER_ROW) * ROW_CELLS
}

/** First cell of a stage's histogram. */
export function overheadAt(stage: Stage): number {
  return OVERHEAD_AT + STAGES.indexOf(stage) * DURATION_CELLS
}

/** First cell of the histogram of an attempt's phase; `index` is its place in {@link PHASES}. */
export function phaseAt(kind: AttemptKind, index: number): number {
  return PHASES_AT + (ATTEMPT_KINDS.indexOf(kind) * PHASES.length + index) * DURATION_CELLS
}

/** First cell of one of the engine's histograms. */
export function engineHistogramAt(histogram: EngineHistogram): number {
  return ENGINE_AT + ENGINE_HISTOGRAMS.indexOf(histogram) * histogramCells(LAG_BOUNDS_MS)
}

/** Bounds of one of the engine's histograms in milliseconds. */
export function engineBoundsMs(histogram: EngineHistogram): readonly number[] {
  return histogram === 'deliveryLag' ? LAG_BOUNDS_MS : DURATION_BOUNDS_MS
}

/** A block for one thread, all counts 0. Made by the main thread and handed to the worker at its start. */
export function createBlock(): SharedArrayBuffer {
  return new SharedArrayBuffer(BLOCK_CELLS * Float64Array.BYTES_PER_ELEMENT)
}

/** A block's cells; throws `internal` where the block was not made by {@link createBlock} of this version. */
export function cellsOf(block: SharedArrayBuffer): Float64Array {
  const cells = new Float64Array(block)
  if (cells.length === BLOCK_CELLS) return cells
  throw new SwitchhookError('internal', `a metrics block has ${BLOCK_CELLS} cells, not ${cells.length}`)
}

/** Adds to one cell. */
export function addTo(cells: Float64Array, at: number, amount: number): void {
  cells[at] = (cells[at] ?? 0) + amount
}

/**
 * Counts a duration in the histogram that begins at `at`. What is no duration (negative, not finite: a clock was set, a
 * start was never taken) counts as 0, so that it cannot spoil the sum for good.
 */
export function observe(cells: Float64Array, at: number, boundsMs: readonly number[], durationMs: number): void {
  const ms = durationMs > 0 && durationMs < Number.POSITIVE_INFINITY ? durationMs : 0
  let bucket = 0
  for (const boundMs of boundsMs) {
    if (ms <= boundMs) break
    bucket += 1
  }
  addTo(cells, at + bucket, 1)
  addTo(cells, at + boundsMs.length + 1, ms)
}
