/**
 * What runs between the engine's start and its end: the sending threads, the scheduler, the invoker and its own
 * connections. Made and ended as one, by the engine.
 */
import type { Clock } from '../clock.ts'
import type { Outbox } from '../outbox/contract.ts'
import type { Tracing } from '../tracing/tracing.ts'
import { Transport } from '../transport/transport.ts'
import type { WorkerSettings } from '../worker/protocol.ts'
import type { CallContexts } from './calls/call-context.ts'
import type { Calls } from './calls/calls.ts'
import { Invoker } from './invoke/invoke.ts'
import { logDecision, logFailed } from './log-lines.ts'
import { deliveryReports, type EngineLog, invokeReports } from './reports.ts'
import type { Admission } from './send/admission.ts'
import { MAX_IN_FLIGHT } from './send/holds.ts'
import { Scheduler, type SchedulerParts } from './send/scheduler.ts'
import type { SendingThreads } from './send/threads.ts'
import type { TraceSource } from './trace.ts'

/** An address that the engine itself listens at; no webhook ever reaches it. */
export interface Listener {
  readonly address: string
  readonly port: number
}

/** What holds for all that is sent, and can change while the engine runs. */
export interface SendSettings {
  /** Most connections to one endpoint, for deliveries (over all workers) and for invokes. */
  readonly connections: { readonly send: number; readonly invoke: number }
  /** Names that percent tokens may use. */
  readonly pointNames: ReadonlySet<string>
}

/** What the engine lends to everything that runs. */
export interface RunningParts {
  readonly threads: SendingThreads
  readonly settings: SendSettings
  readonly listeners: readonly Listener[]
  readonly outbox: Outbox
  readonly admission: Admission
  readonly contexts: CallContexts
  readonly calls: Pick<Calls, 'decided' | 'settled'>
  readonly clock: Clock
  readonly traces: TraceSource
  readonly tracing: Tracing | undefined
  readonly random: () => number
  readonly nextId: (nowMs: number) => string
  readonly lookUp: SchedulerParts['lookUp']
  readonly log: EngineLog
  readonly onGone: (webhookId: string) => void
  readonly onStoreError: (error: unknown) => void
  readonly onStoreWritten: () => void
}

/** See the head of this file. Main thread only. */
export class Running {
  readonly scheduler: Scheduler
  readonly invoker: Invoker
  readonly #threads: SendingThreads
  readonly #listeners: readonly Listener[]
  readonly #transport: Transport

  constructor(parts: RunningParts) {
    const { threads, settings, listeners, outbox } = parts
    const { metrics, senders } = threads
    this.#threads = threads
    this.#listeners = listeners
    this.#transport = new Transport({
      maxConnectionsPerEndpoint: settings.connections.invoke,
      refusedListeners: listeners,
    })
    this.invoker = new Invoker({
      ...parts,
      transport: this.#transport,
      listener: invokeReports(metrics, parts.clock),
      onMade: (made) => {
        parts.calls.decided(made)
        logDecision(parts.log, made)
      },
    })
    this.scheduler = new Scheduler({
      ...parts,
      senders,
      maxInFlight: MAX_IN_FLIGHT,
      listener: {
        ...deliveryReports(metrics, parts.clock),
        onFailed: (delivery, settlement, outcome) => logFailed(parts.log, delivery, settlement, outcome),
        onGone: parts.onGone,
        onStoreError: parts.onStoreError,
        onStoreWritten: (settlements) => {
          parts.onStoreWritten()
          parts.tracing?.kept(settlements, parts.clock.nowMs())
          parts.calls.settled(settlements)
        },
      },
    })
    outbox.listen(() => this.scheduler.poke())
    threads.connect(
      {
        onOutcomes: (leases, outcomes) => this.scheduler.onOutcomes(leases, outcomes),
        onReady: () => this.scheduler.poke(),
      },
      this.#workerSettings(settings),
    )
    this.scheduler.poke()
  }

  /** What holds for everything that is sent from now on. */
  configure(settings: SendSettings): void {
    this.#transport.limitConnections(settings.connections.invoke)
    this.#threads.configure(this.#workerSettings(settings))
  }

  /** Stops sending, lets what is in flight end for at most `deadlineMs`, and ends threads and connections. */
  async close(deadlineMs: number): Promise<void> {
    await Promise.all([this.scheduler.stop(deadlineMs), this.#transport.close(deadlineMs)])
    await this.#threads.close()
  }

  #workerSettings({ connections, pointNames }: SendSettings): WorkerSettings {
    return { pointNames, maxConnectionsPerEndpoint: connections.send, refusedListeners: this.#listeners }
  }
}
