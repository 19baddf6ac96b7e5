/**
 * What every bench has, so that the runner can list, choose and repeat them without knowing any.
 */
import type { BenchResult } from './measuring/result.ts'

/** How long a bench takes: `shortest` for tests, which judge no times; `check` for gates; `full` for reports. */
export type BenchSize = 'shortest' | 'check' | 'full'

/** What a bench is run with. */
export interface BenchSettings {
  readonly size: BenchSize
  /** A folder of its own, empty, removed afterwards. */
  readonly folder: string
  /** A line of progress. */
  readonly progress: (line: string) => void
  /** Wishes of the command line; each bench has its own defaults. */
  readonly wishes: BenchWishes
}

/** What the command line can ask for. */
export interface BenchWishes {
  /** Counted rounds. */
  readonly rounds?: number
  /** Calls a second of open-loop load. */
  readonly perSecond?: number
  /** Length of a slice of open-loop load. */
  readonly sliceMs?: number
  /** Length of the soak. */
  readonly soakMs?: number
}

/** A bench. */
export interface Bench {
  readonly name: string
  /** One line for lists and headings. */
  readonly summary: string
  /** Sizes in which `npm run bench` runs it unless asked for by name. */
  readonly runsIn: readonly BenchSize[]
  readonly run: (settings: BenchSettings) => Promise<BenchResult>
}

/** Counted rounds: at least five where anything is judged. */
export function roundsOf({ size, wishes }: BenchSettings): number {
  return wishes.rounds ?? { shortest: 1, check: 5, full: 7 }[size]
}
