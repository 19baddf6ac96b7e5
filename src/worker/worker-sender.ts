/**
 * A worker thread as a sender: one Piscina pool of one thread, so that it is always known which thread has which
 * deliveries. When the thread dies, every delivery that it had comes back as `unsettled` at once, and a new thread starts.
 */
import type { EventLoopUtilization } from 'node:perf_hooks'
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { messageOf } from '../errors.ts'
import type { Outcome } from '../model/attempt.ts'
import { MAX_PENDING, type WorkerReport, type WorkerSettings, type WorkerSetup } from './protocol.ts'
import type { Outgoing, Sender, SenderListener } from './sender.ts'
import { ThreadLedger } from './thread-ledger.ts'

/** Wait before a thread is started again that died before it was ready, doubled each time: 100 ms to 5 s. */
const FIRST_RESTART_DELAY_MS = 100
const MAX_RESTART_DELAY_MS = 5_000

/** Compiled packages have `.js` files, the checkout `.ts`; TypeScript does not rewrite this one by itself. */
const ENTRY_FILE = new URL(import.meta.url.endsWith('.ts') ? './entry.ts' : './entry.js', import.meta.url).href

/** One life of a thread. */
interface Life<Delivery extends Outgoing> {
  readonly pool: Piscina<MessagePort, void>
  readonly thread: Worker
  /** By which batches go and reports come. */
  readonly port: MessagePort
  readonly ledger: ThreadLedger<Delivery>
  /** Not known to be rendered. */
  pendingBatches: number
  pendingDeliveries: number
  isReady: boolean
  lastUtilization: EventLoopUtilization
}

/** See the head of this file. */
export class WorkerSender<Delivery extends Outgoing = Outgoing> implements Sender<Delivery> {
  readonly name: string
  readonly #setup: WorkerSetup
  readonly #listener: SenderListener<Delivery>
  #settings: WorkerSettings | undefined
  #life: Life<Delivery> | undefined
  #restartDelayMs = FIRST_RESTART_DELAY_MS
  #restartTimer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(name: string, setup: WorkerSetup, listener: SenderListener<Delivery>) {
    this.name = name
    this.#setup = setup
    this.#listener = listener
    this.#start()
  }

  get isReady(): boolean {
    const life = this.#life
    if (life === undefined || this.#settings === undefined) return false
    return life.isReady && life.pendingDeliveries < MAX_PENDING
  }

  get inFlight(): number {
    return this.#life?.ledger.inFlight ?? 0
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
    this.#life?.ledger.configure(settings)
  }

  post(deliveries: readonly Delivery[]): void {
    const life = this.#life
    if (life === undefined) {
      this.#giveBack(deliveries)
      return
    }
    life.pendingBatches += 1
    life.pendingDeliveries += deliveries.length
    life.port.postMessage(life.ledger.batch(deliveries))
  }

  forget(webhook: string): void {
    this.#life?.ledger.forget(webhook)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#restartTimer)
    const life = this.#life
    if (life === undefined) return
    this.#endPort(life)
    await life.pool.destroy()
  }

  #start(): void {
    const pool = new Piscina<MessagePort, void>({
      filename: ENTRY_FILE,
      name: 'openPort',
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      // With the default an idle worker sleeps in Atomics.wait and its sockets freeze.
      atomics: 'disabled',
      recordTiming: false,
      workerData: this.#setup,
    })
    const thread = pool.threads[0]
    if (thread === undefined) throw new Error('Piscina started no thread')
    const { port1: port, port2: threadsPort } = new MessageChannel()
    const life: Life<Delivery> = {
      pool,
      thread,
      port,
      ledger: new ThreadLedger<Delivery>(),
      pendingBatches: 0,
      pendingDeliveries: 0,
      isReady: false,
      lastUtilization: thread.performance.eventLoopUtilization(),
    }
    this.#life = life
    if (this.#settings !== undefined) life.ledger.configure(this.#settings)
    // An error outside of any task; the thread's exit follows and is what counts.
    pool.on('error', (error: unknown) => this.#onDeath(life, messageOf(error)))
    thread.once('exit', (code) => this.#onDeath(life, `exit code ${code}`))
    port.on('message', (report: WorkerReport) => this.#onReport(life, report))
    // As with Piscina's own port: what keeps a process alive is its listener, not its threads.
    port.unref()
    pool.run(threadsPort, { transferList: [threadsPort] }).then(
      () => this.#onOpen(life),
      (error: unknown) => this.#onDeath(life, messageOf(error)),
    )
  }

  #onOpen(life: Life<Delivery>): void {
    if (this.#life !== life) return
    life.isReady = true
    this.#restartDelayMs = FIRST_RESTART_DELAY_MS
    this.#listener.onReady()
  }

  #onReport(life: Life<Delivery>, report: WorkerReport): void {
    if (this.#life !== life) return
    life.pendingBatches -= report.batches
    life.pendingDeliveries -= report.deliveries
    const { deliveries, outcomes } = life.ledger.end(report)
    if (deliveries.length > 0) this.#listener.onOutcomes(deliveries, outcomes)
    if (report.batches > 0) this.#listener.onReady()
  }

  #onDeath(life: Life<Delivery>, detail: string): void {
    if (this.#life !== life) return
    this.#endPort(life)
    this.#listener.onWorkerDeath(this.name, detail)
    this.#giveBack(life.ledger.deliveries)
    const delayMs = life.isReady ? 0 : this.#restartDelayMs
    if (!life.isReady) this.#restartDelayMs = Math.min(this.#restartDelayMs * 2, MAX_RESTART_DELAY_MS)
    // Only when the thread is gone for certain: the next one writes to the same block of metrics.
    const restart = (): void => {
      if (!this.#isClosed) this.#restartTimer = setTimeout(() => this.#start(), delayMs)
    }
    life.pool.destroy().then(restart, restart)
  }

  /** Nothing is told after this. What was told by then has happened, though nobody has read it yet. */
  #endPort(life: Life<Delivery>): void {
    for (let told = receiveMessageOnPort(life.port); told !== undefined; told = receiveMessageOnPort(life.port)) {
      this.#onReport(life, told.message)
    }
    this.#life = undefined
    life.port.close()
  }

  #giveBack(deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0) return
    this.#listener.onOutcomes(
      deliveries,
      deliveries.map(() => workerDied()),
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
