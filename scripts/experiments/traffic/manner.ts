/**
 * How a customer's server treats requests, and what the receivers' thread is given to know it.
 */
import type { ArrivalMemory } from './arrival-log.ts'

/**
 * `take`: 200 at once. `slow`: 200 after {@link SLOW_MS}. `hang`: no answer, ever. `reset`: the connection is broken at
 * once. `flaky`: shares of {@link FLAKY} fail, the rest is taken.
 */
export type Manner = 'take' | 'slow' | 'hang' | 'reset' | 'flaky'

/** By the number that stands for them in shared memory. */
export const MANNERS: readonly Manner[] = ['take', 'slow', 'hang', 'reset', 'flaky']

/** Time that a slow server takes. */
export const SLOW_MS = 50

/** Shares of requests that a flaky server never answers, breaks, puts off for a second (`Retry-After`), answers with 500. */
export const FLAKY = { unanswered: 0.002, broken: 0.03, later: 0.005, failed: 0.06 } as const

/** What the thread is started with. */
export interface ReceiverSetup {
  readonly arrivals: ArrivalMemory
  /** Places in {@link MANNERS}, 32 bits each, by the number of the webhook. */
  readonly manners: SharedArrayBuffer
  readonly seed: number
}
