/**
 * Has request bodies decompressed on a thread of its own, a few at a time. Of those that wait the one goes next of which the least
 * may come out, so that events wait for no bombs: there can be thousands. What comes out of a bomb never touches the main thread's
 * memory: with 8 MiB for each, four or five of them made V8 collect all of it. The thread starts with the first compressed body and
 * does not keep the process alive. A body that it had when it died is lost, for it may be what it died of; the next one has a new
 * thread. One for the whole ingress, which ends it.
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

/** A body that waits for its turn. */
interface Turn {
  readonly mostBytes: number
  readonly begin: () => void
}

/** A body that is waited for. */
type Waiting = (inflated: Inflated) => void

/** See the head of this file. */
export class Inflater implements AsyncDisposable {
  readonly #most: number
  /** The next one first. */
  readonly #turns: Turn[] = []
  #busy = 0
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #lastNumber = 0
  #isClosed = false

  /** `most`: bodies at a time. */
  constructor(most: number) {
    this.#most = most
  }

  /**
   * Carries out `work`, which decompresses one body of which up to `mostBytes` may come out, in its turn: only then does it need
   * room for them.
   */
  async inTurn<Result>(mostBytes: number, work: () => Promise<Result>): Promise<Result> {
    if (this.#busy < this.#most) this.#busy += 1
    else await new Promise<void>((begin) => this.#wait({ mostBytes, begin }))
    try {
      return await work()
    } finally {
      const next = this.#turns.shift()
      if (next === undefined) this.#busy -= 1
      else next.begin()
    }
  }

  /** Behind those that take as little; most are the largest, so it is looked from the end. */
  #wait(turn: Turn): void {
    const before = this.#turns.findLastIndex(({ mostBytes }) => mostBytes <= turn.mostBytes)
    this.#turns.splice(before + 1, 0, turn)
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
    // Last: to listen for messages makes the process wait for the thread again.
    worker.unref()
    this.#worker = worker
    return worker
  }
}
