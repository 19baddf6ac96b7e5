/**
 * What an engine is made of, and the part of it that can change while it runs.
 */
import type { DataPointDescription } from '../catalog/catalog.ts'
import type { Clock } from '../clock.ts'
import type { Outbox } from '../outbox/contract.ts'
import type { Tracing } from '../tracing/tracing.ts'
import type { BacklogLimits } from './accept/backlog.ts'
import type { PlanSource } from './plan/plan.ts'
import type { EngineLog } from './reports.ts'
import type { SendSettings } from './running.ts'
import type { SendingThreads } from './send/threads.ts'
import type { Retention } from './upkeep/maintenance.ts'

/** What can change while an engine runs. */
export interface EngineSettings {
  readonly plan: PlanSource
  /** The carrier's own data points, listed beside the catalogue. */
  readonly dataPoints: readonly DataPointDescription[]
  /** What may wait at the most, and how long what ended is kept. */
  readonly backlog: BacklogLimits
  readonly retention: Retention
  /** Most connections to one endpoint, for deliveries (over all workers) and for invokes. */
  readonly connections: SendSettings['connections']
}

/** What an engine is made of. */
export interface EngineOptions extends EngineSettings {
  readonly outbox: Outbox
  /** See `ThreadOptions`; not looked at with {@link threads}. */
  readonly workers: number | 'auto'
  /** Threads that were started ahead, which the engine ends; default: its own. */
  readonly threads?: SendingThreads
  /** Switchhook's version. */
  readonly version: string
  readonly log: EngineLog
  readonly clock?: Clock
  /** Who is told of spans; absent: nobody. */
  readonly tracing?: Tracing | undefined
  /** In [0, 1), for jitter; default `Math.random`. */
  readonly random?: () => number
}

/** What of the settings holds for all that is sent. */
export function sendSettings({ connections, plan }: EngineSettings): SendSettings {
  return { connections, pointNames: plan.pointNames }
}
