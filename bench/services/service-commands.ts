/**
 * What a service that others would write is asked by the bench, whichever libraries it is made of.
 */

/** Where a service finds what it needs. */
export interface ServiceWish {
  readonly redisPort: number
  /** Of the customer's server. */
  readonly origin: string
}

/** What the process is asked. */
export type ServiceCommands = {
  /** Starts it; gives its origin. */
  readonly start: (wish: ServiceWish) => Promise<string>
  /** Resolves when no job waits or runs any more. */
  readonly settled: (input: undefined) => Promise<void>
}

/** Name of the queue. */
export const QUEUE = 'deliveries'

/** How jobs are kept: tried again as a webhook would be, forgotten once delivered (Redis holds all of it in memory). */
export const JOB_OPTIONS = {
  attempts: 8,
  backoff: { type: 'exponential', delay: 5000 },
  removeOnComplete: true,
  removeOnFail: 1000,
} as const

/** Deliveries under way at once. */
export { IN_FLIGHT as CONCURRENCY } from '../deliveries/in-flight.ts'
