/**
 * Has request bodies decompressed on a thread of its own, a few at a time, others wait in order. What comes out of a bomb never
 * touches the main thread's memory: with 8 MiB for each, four or five of them made V8 collect all of it. The thread starts
 * with the first compressed body and does not keep the process alive. A body that it had when it died is lost, for it may be
 * what it died of; the next one has a new thread. One for the whole ingress, which ends it.
 * Called by the body reader once all of a body has arrived, so that a slow sender never holds a decompressor.
 */
import { Worker } from 'node:worker_threads'
import { withOwnMemory } from './body-memory.ts'
import type { Compression, InflateAnswer, Inflated, InflateRequest } from './inflate.ts'

/** Compiled packages have `.js` files, the checkout `.ts`; TypeScript does not rewrite this one by itself. */
const ENTRY_FILE = new URL(
  import.meta.url.endsWith('.ts') ? './inflate-entry.ts' : './inflate-entry.js',
  import.meta.url,
)

/** A body that is waited for. */
type Waiting = (inflated: Inflated) => void

/** See the head of this file. */
export class Inflater implements AsyncDisposable {
  readonly #most: number
  readonly #turns: (() => void)[] = []
  #busy = 0
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #lastNumber = 0
  #isClosed = false

  /** `most`: bodies at a time. */
  constructor(most: number) {
    this.#most = most
  }

  /** Carries out `work`, which decompresses one body, in its turn: only then does it need room for what comes out. */
  async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#busy < this.#most) this.#busy += 1
    else await new Promise<void>((resolve) => this.#turns.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#turns.shift()
      if (next === undefined) this.#busy -= 1
      else next()
    }
  }

  /** Decompresses `bytes`, which are the caller's no longer, to at most `limitBytes`. Never rejects. */
  inflate(bytes: Uint8Array, coding: Compression, limitBytes: number): Promise<Inflated> {
    if (this.#isClosed) return Promise.resolve({ kind: 'lost' })
    const worker = this.#worker ?? this.#start()
    this.#lastNumber += 1
    const number = this.#lastNumber
    const { promise, resolve } = Promise.withResolvers<Inflated>()
    this.#waiting.set(number, resolve)
    const handed = withOwnMemory(bytes)
    worker.postMessage({ number, bytes: handed, coding, limitBytes } satisfies InflateRequest, [handed.buffer])
    return promise
  }

  /** Ends the thread. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(ENTRY_FILE, { name: 'switchhook-inflate' })
    worker.unref()
    worker.on('message', ({ number, inflated }: InflateAnswer) => {
      this.#waiting.get(number)?.(inflated)
      this.#waiting.delete(number)
    })
    // Its exit follows, and is what counts.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      this.#worker = undefined
      for (const lose of this.#waiting.values()) lose({ kind: 'lost' })
      this.#waiting.clear()
    })
    this.#worker = worker
    return worker
  }
}
