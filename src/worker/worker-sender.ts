/**
 * A worker thread as a sender: one Piscina pool of one thread, so that it is always known which thread has which
 * deliveries. When the thread dies, every delivery that it had comes back as `unsettled` at once, and a new thread starts.
 */
import type { EventLoopUtilization } from 'node:perf_hooks'
import type { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { messageOf } from '../errors.ts'
import type { Outcome } from '../model/attempt.ts'
import type { DeliveryBatch, OutcomeBatch, WorkerSettings, WorkerSetup } from './protocol.ts'
import { BatchBuilder, type Outgoing, type Sender, type SenderListener } from './sender.ts'

/** Batches that a thread may have without having rendered them: one that it works on, one that waits. */
const MAX_PENDING_BATCHES = 2

/** Wait before a thread is started again that died before it was ready, doubled each time: 100 ms to 5 s. */
const FIRST_RESTART_DELAY_MS = 100
const MAX_RESTART_DELAY_MS = 5_000

/** Compiled packages have `.js` files, the checkout `.ts`; TypeScript does not rewrite this one by itself. */
const ENTRY_FILE = new URL(import.meta.url.endsWith('.ts') ? './entry.ts' : './entry.js', import.meta.url).href

const EMPTY_BATCH: DeliveryBatch = {
  sources: [],
  removed: [],
  webhooks: [],
  deliveryIds: [],
  traceparents: [],
  payloads: [],
  contexts: [],
}

/** One life of a thread. */
interface Life {
  readonly pool: Piscina<DeliveryBatch, void>
  readonly thread: Worker
  readonly batches: BatchBuilder
  readonly inFlight: Set<string>
  pendingBatches: number
  isReady: boolean
  lastUtilization: EventLoopUtilization
}

/** See the head of this file. */
export class WorkerSender implements Sender {
  readonly name: string
  readonly #setup: WorkerSetup
  readonly #listener: SenderListener
  #settings: WorkerSettings | undefined
  #life: Life | undefined
  #restartDelayMs = FIRST_RESTART_DELAY_MS
  #restartTimer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(name: string, setup: WorkerSetup, listener: SenderListener) {
    this.name = name
    this.#setup = setup
    this.#listener = listener
    this.#start()
  }

  get isReady(): boolean {
    const life = this.#life
    if (life === undefined || this.#settings === undefined) return false
    return life.isReady && life.pendingBatches < MAX_PENDING_BATCHES
  }

  get inFlight(): number {
    return this.#life?.inFlight.size ?? 0
  }

  get queuedBatches(): number {
    return this.#life?.pendingBatches ?? 0
  }

  /** The thread itself, for tests that kill it; undefined while none runs. */
  get thread(): Worker | undefined {
    return this.#life?.thread
  }

  utilization(): number {
    const life = this.#life
    if (life === undefined) return 0
    const now = life.thread.performance.eventLoopUtilization()
    const { utilization } = life.thread.performance.eventLoopUtilization(now, life.lastUtilization)
    life.lastUtilization = now
    return utilization
  }

  configure(settings: WorkerSettings): void {
    this.#settings = settings
    this.#life?.batches.configure(settings)
  }

  post(deliveries: readonly Outgoing[]): void {
    const life = this.#life
    if (life === undefined) {
      this.#giveBack(deliveries.map(({ deliveryId }) => deliveryId))
      return
    }
    for (const { deliveryId } of deliveries) life.inFlight.add(deliveryId)
    life.pendingBatches += 1
    this.#run(life, life.batches.build(deliveries))
  }

  forget(webhook: string): void {
    this.#life?.batches.forget(webhook)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#restartTimer)
    const life = this.#life
    this.#life = undefined
    await life?.pool.destroy()
  }

  #start(): void {
    const pool = new Piscina<DeliveryBatch, void>({
      filename: ENTRY_FILE,
      name: 'runBatch',
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      concurrentTasksPerWorker: MAX_PENDING_BATCHES + 1,
      // With the default an idle worker sleeps in Atomics.wait and its sockets freeze.
      atomics: 'disabled',
      recordTiming: false,
      workerData: this.#setup,
    })
    const thread = pool.threads[0]
    if (thread === undefined) throw new Error('Piscina started no thread')
    const life: Life = {
      pool,
      thread,
      batches: new BatchBuilder(),
      inFlight: new Set(),
      pendingBatches: 0,
      isReady: false,
      lastUtilization: thread.performance.eventLoopUtilization(),
    }
    this.#life = life
    if (this.#settings !== undefined) life.batches.configure(this.#settings)
    pool.on('message', (message: OutcomeBatch) => this.#onOutcomes(life, message))
    // An error outside of any task; the thread's exit follows and is what counts.
    pool.on('error', (error: unknown) => this.#onDeath(life, messageOf(error)))
    thread.once('exit', (code) => this.#onDeath(life, `exit code ${code}`))
    this.#run(life, EMPTY_BATCH)
  }

  #run(life: Life, batch: DeliveryBatch): void {
    life.pool.run(batch).then(
      () => this.#onRendered(life, batch),
      (error: unknown) => this.#onDeath(life, messageOf(error)),
    )
  }

  #onRendered(life: Life, batch: DeliveryBatch): void {
    if (this.#life !== life) return
    if (batch === EMPTY_BATCH) {
      life.isReady = true
      this.#restartDelayMs = FIRST_RESTART_DELAY_MS
    } else {
      life.pendingBatches -= 1
    }
    this.#listener.onReady()
  }

  #onOutcomes(life: Life, { deliveryIds, outcomes }: OutcomeBatch): void {
    if (this.#life !== life) return
    for (const id of deliveryIds) life.inFlight.delete(id)
    this.#listener.onOutcomes(deliveryIds, outcomes)
  }

  #onDeath(life: Life, detail: string): void {
    if (this.#life !== life) return
    this.#life = undefined
    this.#listener.onWorkerDeath(this.name, detail)
    this.#giveBack([...life.inFlight])
    const delayMs = life.isReady ? 0 : this.#restartDelayMs
    if (!life.isReady) this.#restartDelayMs = Math.min(this.#restartDelayMs * 2, MAX_RESTART_DELAY_MS)
    // Only when the thread is gone for certain: the next one writes to the same block of metrics.
    const restart = (): void => {
      if (!this.#isClosed) this.#restartTimer = setTimeout(() => this.#start(), delayMs)
    }
    life.pool.destroy().then(restart, restart)
  }

  #giveBack(deliveryIds: readonly string[]): void {
    if (deliveryIds.length === 0) return
    this.#listener.onOutcomes(
      deliveryIds,
      deliveryIds.map(() => workerDied()),
    )
  }
}

function workerDied(): Outcome {
  return {
    result: 'unsettled',
    startedAtMs: 0,
    durationMs: 0,
    status: 0,
    reason: 'internal',
    detail: 'the worker thread died with this delivery in flight',
    retryAfter: '',
    bytes: 0,
    excerpt: '',
    phases: {},
  }
}
