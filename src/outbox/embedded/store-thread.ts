/**
 * The main thread's end of the store: starts the store's thread, hands it requests, and gathers changes into batches. While
 * one batch is synced the next one forms, so that whatever arrives meanwhile shares a transaction; two are on the way at
 * most. What an answer means is applied in the order of the answers, before any promise resolves.
 */
import { Worker } from 'node:worker_threads'
import { messageOf, SwitchhookError } from '../../errors.ts'
import { TransientMap } from '../../model/transient-map.ts'
import type { MigrationProgress } from './files/migration.ts'
import type {
  Answer,
  ChangeOutcome,
  Envelope,
  Message,
  NextOfCall,
  OpenedStore,
  Request,
  StoreFigures,
  StoreHealth,
  StoreSettings,
} from './protocol.ts'
import { OUTCOMES } from './protocol.ts'
import { ByteWriter } from './records/bytes.ts'

const ENTRY_FILE = new URL(import.meta.url.endsWith('.ts') ? './thread/entry.ts' : './thread/entry.js', import.meta.url)

/**
 * Bytes from which a batch is sent while another is on the way, so that the store's thread need not wait for it. A smaller
 * one grows meanwhile: fewer transactions are worth more than a shorter pause.
 */
const PIPELINED_BYTES = 128 * 1024

/** Batches on the way at most. */
const BATCHES_ON_THE_WAY = 2

/**
 * Changes for which nobody waits are sent when others are, at the latest after this time: while events come in, a settlement
 * shares the transaction of the next ones.
 */
const PATIENCE_MS = 10

/** As many of them are worth a transaction of their own. */
const PATIENT_BYTES = 32 * 1024

/** A batch is full beyond this, so that one transaction takes some ten milliseconds at most. */
const BATCH_BYTES = 1024 * 1024

/** Changes of one caller, and what becomes of them. */
interface Submission {
  readonly changes: number
  /** Gets what `outcomeAt` says of each of the changes, from 0. */
  readonly done: (outcomeAt: (index: number) => ChangeOutcome, blockedAt: (index: number) => readonly number[]) => void
  readonly failed: (error: SwitchhookError) => void
}

interface Batch {
  readonly writer: ByteWriter
  readonly submissions: Submission[]
  takesEvents: boolean
  /** True: somebody waits for it. */
  isUrgent: boolean
}

/** Who waits for an answer. */
interface Waiting {
  readonly done: (answer: Answer) => void
  readonly failed: (error: SwitchhookError) => void
}

/** Told what the store's thread says by itself. */
export interface StoreListener {
  onFigures(figures: StoreFigures): void
  onHealth(health: StoreHealth): void
  onFree(bytes: number): void
  /** Before the store is open. */
  onMigration(progress: MigrationProgress): void
  /** After the results of its batch, before the promises of the batch's callers resolve. */
  onNextOfCall(next: NextOfCall): void
}

/** See the head of this file. */
export class StoreThread {
  readonly #worker: Worker
  readonly #listener: StoreListener
  #waiting = new TransientMap<number, Waiting>()
  readonly #batches: Batch[] = []
  readonly #spareWriters: ByteWriter[] = []
  #lastNumber = 0
  #onTheWay = 0
  #isFlushPlanned = false
  #patience: NodeJS.Timeout | undefined
  #whyGone: string | undefined

  private constructor(worker: Worker, listener: StoreListener) {
    this.#worker = worker
    this.#listener = listener
  }

  /** Starts the thread; rejects with `unavailable` where the store can't be opened. */
  static async start(
    settings: StoreSettings,
    listener: StoreListener,
  ): Promise<{ thread: StoreThread; opened: OpenedStore }> {
    const worker = new Worker(ENTRY_FILE, { workerData: settings, name: 'switchhook-store' })
    const thread = new StoreThread(worker, listener)
    const opening = Promise.withResolvers<OpenedStore>()
    const gone = (reason: string, cause?: unknown): void => {
      opening.reject(new SwitchhookError('unavailable', reason, { cause }))
      thread.#gone(reason, cause)
    }
    worker.on('message', (message: Message) => {
      if (message.kind === 'open') opening.resolve(message.opened)
      else if (message.kind === 'migrating') listener.onMigration(message.progress)
      else if (message.kind === 'failed-to-open') opening.reject(new SwitchhookError('unavailable', message.reason))
      else thread.#receive(message)
    })
    // What was thrown is for the log alone: the reason is also told to callers of the API.
    worker.on('error', (error) => gone("the store's thread broke", error))
    worker.on('exit', () => gone("the store's thread has ended"))
    try {
      return { thread, opened: await opening.promise }
    } catch (error) {
      await worker.terminate()
      throw error
    }
  }

  /**
   * Adds changes to the batch that forms. `write` writes as many as `changes` says; `done` gets as many results, in the
   * order of the answers; `failed` means that nothing of them was kept, as where `write` throws. What is not urgent may wait
   * for others.
   */
  submit(
    submission: Submission & {
      readonly takesEvents: boolean
      readonly isUrgent: boolean
      readonly write: (writer: ByteWriter) => void
    },
  ): void {
    if (this.#whyGone !== undefined) {
      submission.failed(new SwitchhookError('unavailable', this.#whyGone))
      return
    }
    const batch = this.#batchWithRoom()
    const { length } = batch.writer
    try {
      submission.write(batch.writer)
    } catch (error) {
      // Half a change would keep all that shares the batch from being applied.
      batch.writer.cutTo(length)
      if (batch.submissions.length === 0) this.#batches.pop()
      submission.failed(
        new SwitchhookError('internal', `a change can't be written: ${messageOf(error)}`, { cause: error }),
      )
      return
    }
    batch.submissions.push(submission)
    batch.takesEvents ||= submission.takesEvents
    batch.isUrgent ||= submission.isUrgent
    this.#planFlush()
  }

  /** Sends a request past the batches that form. `done` is called in the order of the answers. */
  request(request: Request, done: (answer: Answer) => void, failed: (error: SwitchhookError) => void): void {
    if (this.#whyGone !== undefined) {
      failed(new SwitchhookError('unavailable', this.#whyGone))
      return
    }
    this.#lastNumber += 1
    const envelope: Envelope = { number: this.#lastNumber, request }
    this.#waiting.set(envelope.number, { done, failed })
    this.#worker.postMessage(envelope, request.kind === 'changes' ? [request.batch.buffer] : [])
  }

  /** Sends everything submitted so far, then `request`: for what must come after it. */
  requestAfterAll(request: Request, done: (answer: Answer) => void, failed: (error: SwitchhookError) => void): void {
    while (this.#batches.length > 0) this.#sendBatch()
    this.request(request, done, failed)
  }

  /** Ends the thread; call it after the answer to `close`. */
  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #batchWithRoom(): Batch {
    const last = this.#batches.at(-1)
    if (last !== undefined && last.writer.length < BATCH_BYTES) return last
    const writer = this.#spareWriters.pop() ?? new ByteWriter()
    writer.clear()
    const batch = { writer, submissions: [], takesEvents: false, isUrgent: false }
    this.#batches.push(batch)
    return batch
  }

  #planFlush(): void {
    if (this.#isFlushPlanned || !this.#mayFlush()) return
    this.#isFlushPlanned = true
    // Not at once: what else this turn of the loop brings shares the transaction.
    setImmediate(() => {
      this.#isFlushPlanned = false
      while (this.#mayFlush()) this.#sendBatch()
    })
  }

  #mayFlush(): boolean {
    const first = this.#batches[0]
    if (first === undefined || this.#onTheWay >= BATCHES_ON_THE_WAY) return false
    if (!first.isUrgent && first.writer.length < PATIENT_BYTES) {
      this.#patience ??= setTimeout(() => this.#endPatience(), PATIENCE_MS)
      return false
    }
    return this.#onTheWay === 0 || first.writer.length >= PIPELINED_BYTES
  }

  #endPatience(): void {
    this.#patience = undefined
    const first = this.#batches[0]
    if (first !== undefined) first.isUrgent = true
    this.#planFlush()
  }

  #sendBatch(): void {
    const batch = this.#batches.shift()
    if (batch === undefined) return
    const { writer, submissions, takesEvents } = batch
    this.#onTheWay += 1
    const bytes = writer.copy()
    if (this.#spareWriters.length < BATCHES_ON_THE_WAY) this.#spareWriters.push(writer)
    this.request(
      { kind: 'changes', batch: bytes, takesEvents },
      (answer) => {
        this.#landed()
        if (answer.kind !== 'changes') return
        this.#listener.onFigures(answer.figures)
        let first = 0
        for (const { changes, done } of submissions) {
          const offset = first
          done(
            (index) => OUTCOMES[answer.results.outcomes[offset + index] ?? 0] ?? 'done',
            (index) => answer.results.blocked.find(({ change }) => change === offset + index)?.indexes ?? [],
          )
          first += changes
        }
        for (const next of answer.results.next) this.#listener.onNextOfCall(next)
      },
      (error) => {
        this.#landed()
        for (const { failed } of submissions) failed(error)
      },
    )
  }

  #landed(): void {
    this.#onTheWay -= 1
    this.#planFlush()
  }

  #receive(message: Exclude<Message, { kind: 'open' | 'migrating' | 'failed-to-open' }>): void {
    switch (message.kind) {
      case 'answer':
        this.#take(message.request)?.done(message.answer)
        return
      case 'refused':
        this.#take(message.request)?.failed(new SwitchhookError('unavailable', message.reason))
        return
      case 'figures':
        this.#listener.onFigures(message.figures)
        return
      case 'released':
        this.#listener.onFigures(message.released.figures)
        for (const next of message.released.next) this.#listener.onNextOfCall(next)
        return
      case 'health':
        this.#listener.onHealth(message.health)
        return
      case 'free':
        this.#listener.onFree(message.bytes)
    }
  }

  #take(request: number): Waiting | undefined {
    const waiting = this.#waiting.get(request)
    this.#waiting.delete(request)
    return waiting
  }

  #gone(reason: string, cause: unknown): void {
    if (this.#whyGone !== undefined) return
    this.#whyGone = reason
    this.#listener.onHealth({ isWritable: false, detail: reason })
    const error = new SwitchhookError('unavailable', reason, { cause })
    const waiting = this.#waiting
    this.#waiting = new TransientMap()
    for (const { failed } of waiting.values()) failed(error)
    for (const batch of this.#batches.splice(0)) for (const { failed } of batch.submissions) failed(error)
  }
}
