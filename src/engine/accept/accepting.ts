/**
 * Taking events in, with all that goes with it: metrics, whoever follows calls, the state of the store, and spans where there is a
 * tracer. Invariant: events are accepted the same way whether they are traced or not. Owned by the engine, called while it runs.
 */
import { SwitchhookError } from '../../errors.ts'
import type { Metrics } from '../../metrics/metrics.ts'
import type { CallEvent } from '../../model/event.ts'
import type { AcceptResult } from '../../model/results.ts'
import type { AcceptTrace, Tracing } from '../../tracing/tracing.ts'
import type { Calls } from '../calls/calls.ts'
import type { CurrentPlan } from '../plan/current-plan.ts'
import { reportAccepted } from '../reports.ts'
import { stopwatch } from '../stopwatch.ts'
import { type AcceptParts, acceptEvents, type RoutingPlan } from './accept.ts'

/** Everything that taking events in works with; the engine owns it all. */
export interface AcceptingParts extends Omit<AcceptParts, 'backlog' | 'isActive'> {
  readonly current: CurrentPlan
  readonly calls: Pick<Calls, 'accepted'>
  readonly metrics: Metrics
  readonly tracing: Tracing | undefined
  readonly onStoreError: (error: unknown) => void
  readonly onStoreWritten: () => void
}

/** See the head of this file. Main thread only. */
export class Accepting {
  readonly #parts: AcceptingParts

  constructor(parts: AcceptingParts) {
    this.#parts = parts
  }

  /** See `EnginePort.accept`. Throws `unavailable` where the store can't write. */
  async accept(events: readonly CallEvent[]): Promise<readonly AcceptResult[]> {
    const { current, tracing, clock, metrics, calls, onStoreWritten } = this.#parts
    const startedAt = clock.monotonicMs()
    const accepted =
      tracing === undefined ? this.#take(current.plan, events) : this.#takeTraced(tracing, current.plan, events)
    const results = await accepted.catch((error: unknown) => this.#fail(error, events.length))
    // What was refused, or known already, does not tell that the store can write.
    if (results.some(({ kind }) => kind === 'accepted')) onStoreWritten()
    metrics.recorder.overhead('store', clock.monotonicMs() - startedAt)
    reportAccepted(metrics, events, results)
    calls.accepted(events, results)
    return results
  }

  #take(plan: RoutingPlan, events: readonly CallEvent[]): Promise<readonly AcceptResult[]> {
    const { current } = this.#parts
    const parts = { ...this.#parts, backlog: current.backlog, isActive: (id: string) => current.isActive(id) }
    return acceptEvents(parts, plan, events)
  }

  /** As {@link #take}, each event below its own span, which all that follows from it is a child of. */
  async #takeTraced(
    tracing: Tracing,
    plan: RoutingPlan,
    events: readonly CallEvent[],
  ): Promise<readonly AcceptResult[]> {
    const nowMs = stopwatch(this.#parts.clock)
    const startedAtMs = nowMs()
    const traces = events.map((event) => tracing.accept(event, startedAtMs))
    const traced = events.map((event, index) => {
      const trace = traces[index]
      return trace === undefined ? event : { ...event, traceparent: trace.traceparent }
    })
    if (traces.every((trace) => trace?.end === undefined)) return this.#take(plan, traced)
    const { webhooks, router } = plan
    const end = (results: readonly AcceptResult[]): void => {
      const atMs = nowMs()
      for (const [index, trace] of traces.entries()) trace?.end?.(results[index], atMs)
    }
    try {
      const results = await this.#take({ webhooks, router: tracedRouter(router, traces, nowMs) }, traced)
      end(results)
      return results
    } catch (error) {
      end([])
      throw error
    }
  }

  #fail(error: unknown, events: number): never {
    this.#parts.metrics.eventsRefused('store', events)
    this.#parts.onStoreError(error)
    throw new SwitchhookError('unavailable', 'the store can not write at the moment', { cause: error })
  }
}

/** A router that tells of each event that it routed; each is routed once, in their order. */
function tracedRouter(
  router: RoutingPlan['router'],
  traces: readonly (AcceptTrace | undefined)[],
  nowMs: () => number,
): RoutingPlan['router'] {
  let next = 0
  return {
    route: (...event) => {
      const startedAtMs = nowMs()
      const webhooks = router.route(...event)
      traces[next]?.routed?.(webhooks.size, startedAtMs, nowMs())
      next += 1
      return webhooks
    },
  }
}
