/**
 * The main thread as a sender, for `workers: 0`: the runner of the worker threads, on the thread that does everything else too.
 * Invariant: a batch is rendered in slices, so that live calls have their turns between them. Made by the engine.
 */
import { AttemptRunner } from './attempt-runner.ts'
import type { WorkerSettings, WorkerSetup } from './protocol.ts'
import type { Outgoing, Sender, SenderListener } from './sender.ts'
import { ThreadLedger } from './thread-ledger.ts'

/** Deliveries rendered and sent in one turn of the main thread's loop: about a millisecond, so that live calls have theirs. */
const INLINE_SLICE = 16

/** See the head of this file. Main thread only. */
export class InlineSender<Delivery extends Outgoing = Outgoing> implements Sender<Delivery> {
  readonly name = 'main'
  readonly #runner: AttemptRunner
  readonly #listener: SenderListener<Delivery>
  readonly #ledger = new ThreadLedger<Delivery>()
  /** Posted and not yet rendered. */
  #waiting: readonly Delivery[] = []
  #isConfigured = false
  #isClosed = false

  constructor(setup: WorkerSetup, listener: SenderListener<Delivery>) {
    this.#listener = listener
    this.#runner = new AttemptRunner(setup, (report) => {
      const { deliveries, outcomes } = this.#ledger.end(report)
      if (deliveries.length > 0 && !this.#isClosed) listener.onOutcomes(deliveries, outcomes)
    })
  }

  get isReady(): boolean {
    return this.#isConfigured && this.#waiting.length === 0
  }

  get inFlight(): number {
    return this.#waiting.length + this.#ledger.inFlight
  }

  get queuedBatches(): number {
    return this.#waiting.length > 0 ? 1 : 0
  }

  /** The main thread's own utilization is a metric of Node's; as a sender it has none of its own. */
  utilization(): number {
    return 0
  }

  configure(settings: WorkerSettings): void {
    this.#isConfigured = true
    this.#ledger.configure(settings)
  }

  post(deliveries: readonly Delivery[]): void {
    this.#waiting = [...this.#waiting, ...deliveries]
    this.#sendSlice()
  }

  forget(webhook: string): void {
    this.#ledger.forget(webhook)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#runner.close()
  }

  #sendSlice(): void {
    const slice = this.#waiting.slice(0, INLINE_SLICE)
    this.#waiting = this.#waiting.slice(INLINE_SLICE)
    this.#runner.run(this.#ledger.batch(slice))
    setImmediate(() => {
      if (this.#isClosed) return
      if (this.#waiting.length > 0) this.#sendSlice()
      else this.#listener.onReady()
    })
  }
}
