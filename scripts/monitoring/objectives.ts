/**
 * Service level objectives: what share of calls and deliveries may go wrong, as ratios over several windows, and how fast that
 * share may be used up before somebody is told. The windows and factors are those of Google's SRE workbook (chapter 5, "Multiwindow,
 * multi-burn-rate alerts"): the long window says that it matters, the short one that it still goes on.
 */
import type { Duration, Timing } from './timing.ts'

/** What may go wrong, and how often. */
export interface Objective {
  /** Part of the names of its recorded ratios. */
  readonly id: 'invoke_failures' | 'invoke_slow' | 'delivery_late'
  /** Share that may go wrong over 30 days. */
  readonly budget: number
  /** The share that went wrong over a window, of each instance; no value where nothing happened. */
  readonly ratio: (window: string) => string
}

/** Why an invoke's decision was the backup without anything having failed. */
const NOT_FAILED = 'cancelled|inactive'

/** Bound of a histogram's bucket, in seconds, within which an invoke is fast: longer silence is noticed by callers. */
export const FAST_SECONDS = '1'

/** Bound within which a delivery's first attempt is in time. */
export const IN_TIME_SECONDS = '30'

const OBJECTIVES: readonly Objective[] = [
  {
    id: 'invoke_failures',
    budget: 0.001,
    ratio: (window) => {
      const rate = (results: string): string =>
        `sum without (webhook, result) (rate(switchhook_invokes_total{${results}}[${window}]))`
      // Of the successes, which are counted from the start: failures are not there to be counted before the first one.
      return `1 - ${rate('result="success"')} / ${rate(`result!~"${NOT_FAILED}"`)}`
    },
  },
  {
    id: 'invoke_slow',
    budget: 0.01,
    ratio: (window) => {
      const fast = `sum without (webhook, le) (rate(switchhook_invoke_duration_seconds_bucket{le="${FAST_SECONDS}"}[${window}]))`
      return `1 - ${fast} / sum without (webhook) (rate(switchhook_invoke_duration_seconds_count[${window}]))`
    },
  },
  {
    id: 'delivery_late',
    budget: 0.01,
    ratio: (window) => {
      const inTime = `sum without (le) (rate(switchhook_delivery_lag_seconds_bucket{le="${IN_TIME_SECONDS}"}[${window}]))`
      return `1 - ${inTime} / rate(switchhook_delivery_lag_seconds_count[${window}])`
    },
  },
]

/** Windows over which each ratio is recorded. */
const RATIO_WINDOWS: readonly Duration[] = ['5m', '30m', '1h', '6h', '3d']

/** A pair of windows, and how many times as fast as the budget allows is too fast over both. */
interface Burn {
  readonly long: Duration
  readonly short: Duration
  readonly factor: number
}

/** Somebody is called: 2 % of the month's budget in an hour, or 5 % in six. */
const FAST_BURNS: readonly Burn[] = [
  { long: '1h', short: '5m', factor: 14.4 },
  { long: '6h', short: '30m', factor: 6 },
]

/** A ticket: 10 % of it in three days. */
const SLOW_BURNS: readonly Burn[] = [{ long: '3d', short: '6h', factor: 1 }]

/** The name under which an objective's ratio is recorded. */
export function ratioName({ id }: Pick<Objective, 'id'>, window: Duration): string {
  return `instance:switchhook_${id}:ratio_rate${window}`
}

/** True where an objective's budget is used up too fast; `fast` calls somebody, `slow` makes a ticket. */
export function burnsTooFast(objective: Objective, speed: 'fast' | 'slow'): string {
  const burns = speed === 'fast' ? FAST_BURNS : SLOW_BURNS
  return burns
    .map(({ long, short, factor }) => {
      // Binary fractions would show as 0.014400000000000001.
      const limit = Number((factor * objective.budget).toFixed(6))
      return `(${ratioName(objective, long)} > ${limit} and ${ratioName(objective, short)} > ${limit})`
    })
    .join(' or ')
}

/** The objective with this id. */
export function objectiveOf(id: Objective['id']): Objective {
  const found = OBJECTIVES.find((objective) => objective.id === id)
  if (found === undefined) throw new Error(`there is no objective ${id}`)
  return found
}

/** Recording rules, a name and an expression each. */
export function recordedRatios(timing: Timing): readonly { readonly record: string; readonly expr: string }[] {
  return OBJECTIVES.flatMap((objective) =>
    RATIO_WINDOWS.map((window) => ({
      record: ratioName(objective, window),
      expr: objective.ratio(timing.of(window)),
    })),
  )
}
