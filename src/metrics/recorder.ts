/**
 * A thread's pen: counts into the thread's own block, without allocating and without telling anybody.
 * Invariant: one recorder a block and one thread a recorder, since plain additions of two writers would lose counts.
 * Used by each worker with the block it was given, and by the main thread through `Metrics`.
 */
import type { Phases } from '../model/attempt.ts'
import {
  ATTEMPT_DURATION_AT,
  ATTEMPT_RESULTS,
  ATTEMPTS_AT,
  type AttemptKind,
  type AttemptResult,
  addTo,
  cellsOf,
  DELIVERIES_AT,
  DELIVERY_RESULTS,
  type DeliveryResult,
  DURATION_BOUNDS_MS,
  type EngineHistogram,
  engineBoundsMs,
  engineHistogramAt,
  INVOKE_DURATION_AT,
  INVOKE_RESULTS,
  INVOKES_AT,
  type InvokeResult,
  observe,
  overheadAt,
  PHASES,
  phaseAt,
  rowAt,
  type Stage,
} from './layout.ts'
import { writePhases } from './phase-cells.ts'

/** Writes one block. Durations are in milliseconds; rows are those of `Metrics.rowOf`. */
export class Recorder {
  /** Undefined: nothing is counted. */
  readonly #cells: Float64Array | undefined
  /** Those of the attempt that is being counted. */
  readonly #phases = new Float64Array(PHASES.length)

  /** Without a block nothing is counted. Throws `internal` where `block` was not made by `createBlock`. */
  constructor(block: SharedArrayBuffer | undefined) {
    this.#cells = block === undefined ? undefined : cellsOf(block)
  }

  /** One HTTP try, of a delivery or an invoke. */
  attempt(row: number, result: AttemptResult, durationMs: number): void {
    const cells = this.#cells
    if (cells === undefined) return
    const at = rowAt(row)
    addTo(cells, at + ATTEMPTS_AT + ATTEMPT_RESULTS.indexOf(result), 1)
    observe(cells, at + ATTEMPT_DURATION_AT, DURATION_BOUNDS_MS, durationMs)
  }

  /** Where an attempt's time went, or part of it: phases that are known elsewhere are counted there. */
  phases(kind: AttemptKind, phases: Phases): void {
    const cells = this.#cells
    if (cells === undefined) return
    const durationsMs = this.#phases
    writePhases(durationsMs, 0, phases)
    for (let index = 0; index < durationsMs.length; index += 1) {
      const durationMs = durationsMs[index] ?? Number.NaN
      if (!Number.isNaN(durationMs)) observe(cells, phaseAt(kind, index), DURATION_BOUNDS_MS, durationMs)
    }
  }

  /** What the engine itself added in a stage. */
  overhead(stage: Stage, durationMs: number): void {
    const cells = this.#cells
    if (cells === undefined) return
    observe(cells, overheadAt(stage), DURATION_BOUNDS_MS, durationMs)
  }

  /** What became of deliveries. */
  delivery(row: number, result: DeliveryResult, count: number): void {
    const cells = this.#cells
    if (cells === undefined) return
    addTo(cells, rowAt(row) + DELIVERIES_AT + DELIVERY_RESULTS.indexOf(result), count)
  }

  /** One invoke, from its request to its decision. */
  invoke(row: number, result: InvokeResult, durationMs: number): void {
    const cells = this.#cells
    if (cells === undefined) return
    const at = rowAt(row)
    addTo(cells, at + INVOKES_AT + INVOKE_RESULTS.indexOf(result), 1)
    observe(cells, at + INVOKE_DURATION_AT, DURATION_BOUNDS_MS, durationMs)
  }

  /** One duration in a histogram of the whole engine. */
  engine(histogram: EngineHistogram, durationMs: number): void {
    const cells = this.#cells
    if (cells === undefined) return
    observe(cells, engineHistogramAt(histogram), engineBoundsMs(histogram), durationMs)
  }
}
