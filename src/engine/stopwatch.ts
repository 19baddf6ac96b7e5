/**
 * Wall time that does not jump and has fractions: where it stood when it was started, and what has passed since. For spans, which
 * are drawn beside those of other machines and measured against each other. Used by what tells a tracer of itself.
 */
import type { Clock } from '../clock.ts'

/** Unix milliseconds, each time that it is called. */
export function stopwatch(clock: Clock): () => number {
  const startedAtMs = clock.nowMs()
  const startedAt = clock.monotonicMs()
  return () => startedAtMs + (clock.monotonicMs() - startedAt)
}
