/**
 * The sending threads and the metrics that they count in: made before anything else, since a thread takes as long to start
 * as a store to open, and nothing is due later than the first delivery after a restart. Invariant: a thread sends nothing
 * before it is connected, which tells it whom it must never reach. Made by the service, or else by the engine.
 */
import { availableParallelism } from 'node:os'
import { createBlock } from '../../metrics/layout.ts'
import { LoopDelay } from '../../metrics/loop-delay.ts'
import { Metrics } from '../../metrics/metrics.ts'
import { ScrapeThread } from '../../metrics/scrape-thread.ts'
import { InlineSender } from '../../worker/inline-sender.ts'
import type { WorkerSettings, WorkerSetup } from '../../worker/protocol.ts'
import type { Sender, SenderListener } from '../../worker/sender.ts'
import { WorkerSender } from '../../worker/worker-sender.ts'
import type { EngineLog } from '../reports.ts'
import type { Lease } from './scheduler.ts'

/** What threads are started with. */
export interface ThreadOptions {
  /** How many; 0: everything on the main thread; `auto`: one a core, but one for the main thread, at least one. */
  readonly workers: number | 'auto'
  /** Switchhook's version. */
  readonly version: string
  readonly log: EngineLog
  /** Whether metrics are counted; default true. */
  readonly countsMetrics?: boolean
}

/** Whom outcomes and readiness are told. */
export type ThreadListener = Pick<SenderListener<Lease>, 'onOutcomes' | 'onReady'>

/** See the head of this file. Main thread only. */
export class SendingThreads {
  readonly metrics: Metrics
  readonly senders: readonly Sender<Lease>[]
  readonly #scrapes: ScrapeThread
  readonly #loopDelay: LoopDelay | undefined
  #listener: ThreadListener | undefined

  /** Starts them; resolves nothing: each is ready in its time. */
  constructor({ workers, version, log, countsMetrics = true }: ThreadOptions) {
    this.#scrapes = new ScrapeThread((detail) => {
      log.error(
        { detail },
        'the thread of scrapes died; the main thread makes those that it had, and the next has a new one',
      )
    })
    this.metrics = new Metrics({ version, renderer: this.#scrapes, isCounting: countsMetrics })
    const onDelay = (delayMs: number): void => this.metrics.recorder.engine('loopDelay', delayMs)
    this.#loopDelay = countsMetrics ? new LoopDelay(onDelay) : undefined
    const listener: SenderListener<Lease> = {
      onOutcomes: (leases, outcomes) => this.#listener?.onOutcomes(leases, outcomes),
      onReady: () => this.#listener?.onReady(),
      onWorkerDeath: (worker, detail) => {
        this.metrics.workerDeaths(Number(worker), 1)
        log.error({ worker, detail }, 'a worker died and is replaced')
      },
    }
    const setup = (): WorkerSetup => {
      const metricsBlock = countsMetrics ? createBlock() : undefined
      if (metricsBlock !== undefined) this.metrics.addThread(metricsBlock)
      return { version, metricsBlock }
    }
    const count = workers === 'auto' ? Math.max(1, availableParallelism() - 1) : workers
    for (let place = 1; place <= count; place += 1) this.metrics.workerDeaths(place, 0)
    this.senders =
      count === 0
        ? [new InlineSender(setup(), listener)]
        : Array.from({ length: count }, (_, index) => new WorkerSender(`${index + 1}`, setup(), listener))
  }

  /** From now on they can send, and tell `listener`. Called once. */
  connect(listener: ThreadListener, settings: WorkerSettings): void {
    this.#listener = listener
    this.configure(settings)
  }

  /** What holds for everything that is sent from now on. */
  configure(settings: WorkerSettings): void {
    for (const sender of this.senders) sender.configure(settings)
  }

  /** Webhooks that no longer exist: what threads remember of them can go. */
  forget(webhooks: Iterable<string>): void {
    for (const webhook of webhooks) for (const sender of this.senders) sender.forget(webhook)
  }

  /** Ends threads and their connections. Safe to call twice. */
  async close(): Promise<void> {
    this.#loopDelay?.[Symbol.dispose]()
    await Promise.all([this.#scrapes[Symbol.asyncDispose](), ...this.senders.map((sender) => sender.close())])
  }
}
