/**
 * How the engine stands, for people and for metrics: live figures, readiness, gauges. Only reads, since consoles and probes ask
 * often; what looks at all webhooks does it in steps. Called by the engine, which lends what there is to look at.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import type { CircuitLevel } from '../metrics/gauges.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Webhook } from '../model/webhook.ts'
import type { Outbox } from '../outbox/contract.ts'
import type { CallContexts } from './calls/call-context.ts'
import type { ConfigStatus } from './config-status.ts'
import type { Admission } from './send/admission.ts'
import type { Standing } from './send/standing.ts'
import type { SendingThreads } from './send/threads.ts'
import { runInSlices, type Steps } from './slices.ts'
import type { Activation } from './upkeep/remembered.ts'

/** What there is to look at. */
export interface EngineView {
  readonly outbox: Outbox
  readonly threads: SendingThreads
  readonly admission: Admission
  readonly contexts: CallContexts
  readonly config: ConfigStatus
  readonly standing: Standing
  /** Activation by command or by a 410, by webhook. */
  readonly activation: ReadonlyMap<string, Activation>
}

/** What changes from one look to the next. */
export interface EngineState {
  readonly webhooks: number
  /** Pending deliveries beyond which nothing more is accepted. */
  readonly backlogLimit: number
  /** Deliveries in flight. */
  readonly inFlight: number
  /** Why the store can't write; undefined: it can. */
  readonly storeError: string | undefined
  readonly isRunning: boolean
  readonly isClosing: boolean
}

/** Live figures, JSON values only. */
export type LiveFigures = Readonly<Record<string, unknown>>

/** Those of the whole engine, or what of them is these accounts' own; made a little at a time. */
export function liveFigures(
  view: EngineView,
  state: EngineState,
  webhooks: Iterable<Webhook>,
  accounts: readonly string[] | 'all',
): Promise<LiveFigures> {
  const steps = accounts === 'all' ? engineFigures(view, state) : accountFigures(view, webhooks, accounts)
  return runInSlices(steps, () => nextTurn())
}

function* engineFigures(view: EngineView, state: EngineState): Steps<LiveFigures> {
  const { outbox, threads, contexts, config, activation, standing } = view
  const circuits = yield* standing.circuits(() => true)
  const held = yield* standing.held(() => true)
  return {
    ...threads.metrics.snapshot(),
    config: config.stats(),
    readiness: readinessOf(view, state),
    outbox: outbox.counts(),
    inFlight: state.inFlight,
    calls: contexts.size,
    webhooks: state.webhooks,
    deactivated: deactivated(activation, () => true),
    circuits,
    held,
    workers: threads.senders.map(({ name, inFlight, isReady }) => ({ name, inFlight, isReady })),
  }
}

function* accountFigures(
  { threads, outbox, activation, standing, config }: EngineView,
  webhooks: Iterable<Webhook>,
  accounts: readonly string[],
): Steps<LiveFigures> {
  const own = new Set<string>()
  let pending = 0
  for (const { id, account } of webhooks) {
    yield
    if (!accounts.includes(account) || own.has(id)) continue
    own.add(id)
    pending += outbox.pendingOf(id)
  }
  const isOwn = (account: string): boolean => accounts.includes(account)
  const circuits = yield* standing.circuits(isOwn)
  const held = yield* standing.held(isOwn)
  return {
    atMs: threads.metrics.snapshot().atMs,
    accounts,
    config: { leftOut: config.leftOut.filter(({ account }) => accounts.includes(account)) },
    outbox: { pending },
    webhooks: own.size,
    deactivated: deactivated(activation, (id) => own.has(id)),
    circuits,
    held,
  }
}

/** Webhooks that were deactivated by a command or a 410, since when and by which. */
function deactivated(activation: EngineView['activation'], isWanted: (id: string) => boolean): readonly object[] {
  return [...activation]
    .filter(([id, { isActive }]) => !isActive && isWanted(id))
    .map(([webhook, { reason, sinceMs }]) => ({
      webhook,
      reason,
      ...(sinceMs !== undefined && { since: new Date(sinceMs).toISOString() }),
    }))
}

/** One thing that must work before traffic should come here. */
export interface Readiness {
  readonly name: string
  readonly ready: boolean
  readonly detail: string
}

/** See `EnginePort.readiness`. */
export function readinessOf({ threads }: EngineView, state: EngineState): readonly Readiness[] {
  const { storeError, isRunning, isClosing } = state
  const wanted = threads.senders.length
  const up = isRunning ? threads.senders.filter((sender) => sender.isReady || sender.inFlight > 0).length : 0
  return [
    { name: 'store', ready: storeError === undefined, detail: storeError ?? 'open' },
    { name: 'workers', ready: up > 0 && up === wanted, detail: `${up} of ${wanted} up` },
    { name: 'accepting', ready: !isClosing, detail: isClosing ? 'shutting down' : 'yes' },
  ]
}

/** Tells metrics whom to ask at a scrape. */
export function publishGauges(metrics: Metrics, view: EngineView, clock: Clock, state: () => EngineState): void {
  const { outbox, admission, threads, standing } = view
  metrics.outbox(() => {
    const { pending, delivered, dead, bytes, oldestAcceptedAtMs } = outbox.counts()
    const oldestMs = oldestAcceptedAtMs === undefined ? 0 : clock.nowMs() - oldestAcceptedAtMs
    return { pending, delivered, dead, bytes, oldestMs: Math.max(0, oldestMs), limit: state().backlogLimit }
  })
  metrics.ready(() => readinessOf(view, state()))
  metrics.circuits(() => circuitLevels(admission))
  metrics.held(() => standing.heldWebhooks())
  metrics.workers(() =>
    threads.senders.map((sender, index) => {
      const { inFlight, queuedBatches } = sender
      return { worker: index + 1, utilization: sender.utilization(), inFlight, queuedBatches }
    }),
  )
}

/** One after the other, as they are asked for: a scrape can pause between any two. */
function* circuitLevels(admission: Admission): Iterable<CircuitLevel> {
  for (const { endpoint, circuit } of admission.circuits()) yield { endpoint: endpoint.origin, state: circuit.kind }
}
