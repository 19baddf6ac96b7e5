/**
 * What runs between the engine's start and its end: senders with their threads, the scheduler, the invoker and its own
 * connections. Made and ended as one, by the engine.
 */
import { availableParallelism } from 'node:os'
import type { Clock } from '../clock.ts'
import { createBlock } from '../metrics/layout.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Outbox } from '../outbox/contract.ts'
import { Transport } from '../transport/transport.ts'
import type { WorkerSetup } from '../worker/protocol.ts'
import { InlineSender, type Sender, type SenderListener } from '../worker/sender.ts'
import { WorkerSender } from '../worker/worker-sender.ts'
import type { Admission } from './admission.ts'
import type { CallContexts } from './call-context.ts'
import { Invoker } from './invoke.ts'
import { deliveryReports, type EngineLog, invokeReports } from './reports.ts'
import { Scheduler, type SchedulerParts } from './scheduler.ts'
import type { TraceSource } from './trace.ts'

/** Most deliveries in flight over all endpoints: sockets are a bounded resource of the process. */
const MAX_IN_FLIGHT = 16_384

/** An address that the engine itself listens at; no webhook ever reaches it. */
export interface Listener {
  readonly address: string
  readonly port: number
}

/** What the engine lends to everything that runs. */
export interface RunningParts {
  readonly workers: number | 'auto'
  readonly connections: { readonly send: number; readonly invoke: number }
  readonly listeners: readonly Listener[]
  readonly version: string
  readonly pointNames: ReadonlySet<string>
  readonly log: EngineLog
  readonly metrics: Metrics
  readonly outbox: Outbox
  readonly admission: Admission
  readonly contexts: CallContexts
  readonly clock: Clock
  readonly traces: TraceSource
  readonly random: () => number
  readonly nextId: (nowMs: number) => string
  readonly lookUp: SchedulerParts['lookUp']
  readonly onGone: (webhookId: string) => void
  readonly onStoreError: (error: unknown) => void
  readonly onStoreWritten: () => void
}

/** See the head of this file. Main thread only. */
export class Running {
  readonly senders: readonly Sender[]
  readonly scheduler: Scheduler
  readonly invoker: Invoker
  readonly #transport: Transport

  constructor(parts: RunningParts) {
    const { connections, listeners, metrics, outbox, log } = parts
    this.#transport = new Transport({ maxConnectionsPerEndpoint: connections.invoke, refusedListeners: listeners })
    this.invoker = new Invoker({ ...parts, transport: this.#transport, listener: invokeReports(metrics) })
    this.senders = startSenders(parts, {
      onOutcomes: (ids, outcomes) => this.scheduler.onOutcomes(ids, outcomes),
      onReady: () => this.scheduler.poke(),
      onWorkerDeath: (worker, detail) => log.error({ worker, detail }, 'a worker died and is replaced'),
    })
    this.scheduler = new Scheduler({
      ...parts,
      senders: this.senders,
      maxInFlight: MAX_IN_FLIGHT,
      listener: {
        ...deliveryReports(metrics),
        onGone: parts.onGone,
        onStoreError: parts.onStoreError,
        onStoreWritten: parts.onStoreWritten,
      },
    })
    outbox.listen(() => this.scheduler.poke())
    this.scheduler.poke()
  }

  /** Stops sending, lets what is in flight end for at most `deadlineMs`, and ends threads and connections. */
  async close(deadlineMs: number): Promise<void> {
    await Promise.all([this.scheduler.stop(deadlineMs), this.#transport.close(deadlineMs)])
    await Promise.all(this.senders.map((sender) => sender.close()))
  }
}

function startSenders(parts: RunningParts, listener: SenderListener): readonly Sender[] {
  const { workers, metrics, pointNames, connections, listeners, version } = parts
  const count = workers === 'auto' ? Math.max(1, availableParallelism() - 1) : workers
  const setup = (): WorkerSetup => {
    const metricsBlock = createBlock()
    metrics.addThread(metricsBlock)
    const maxConnectionsPerEndpoint = connections.send
    return { pointNames, maxConnectionsPerEndpoint, refusedListeners: listeners, version, metricsBlock }
  }
  if (count === 0) return [new InlineSender(setup(), listener)]
  return Array.from({ length: count }, (_, index) => new WorkerSender(`${index + 1}`, setup(), listener))
}
