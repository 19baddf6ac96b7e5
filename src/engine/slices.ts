/**
 * Long work in short pieces: a reload of many thousand webhooks must not keep one live call waiting. Work is written as a
 * generator that yields wherever others may have their turn, and runs at once where nobody waits. Used by plan and reload.
 */
import { performance } from 'node:perf_hooks'

/** Work that can pause at each `yield`; its result is what it returns. */
export type Steps<Result> = Generator<void, Result, void>

/** A live call takes several turns of the loop, and may have to wait for a slice in each: a millisecond or two in all. */
const SLICE_MS = 0.25

/** Does all steps without a pause. */
export function runAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Does the steps, with a `pause` after each quarter of a millisecond of them. Rejects with what a step or a pause throws. */
export async function runInSlices<Result>(steps: Steps<Result>, pause: () => Promise<void>): Promise<Result> {
  let startedAt = performance.now()
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (performance.now() - startedAt < SLICE_MS) continue
    await pause()
    startedAt = performance.now()
  }
}
