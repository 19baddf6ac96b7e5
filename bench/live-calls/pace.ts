/**
 * What `pacer.ts` tells its thread.
 */

/** When to tell: from `startedAtMs` (see `momentMs`) on, so many times a second. */
export interface Pace {
  readonly startedAtMs: number
  readonly perSecond: number
  readonly count: number
}
