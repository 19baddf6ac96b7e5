/**
 * Makes scrapes in a thread of its own, so that a scrape of a thousand webhooks costs the main thread a few milliseconds instead of
 * a hundred. The thread starts with the first scrape and does not keep the process alive; a scrape that it can not make, because it
 * died, is made by whoever asked, and the next one has a new thread. Main thread only; owned by the engine's threads.
 */
import { Worker } from 'node:worker_threads'
import { renderScrape, type ScrapeRenderer, type ScrapeRequest } from './scrape.ts'

/** Compiled packages have `.js` files, the checkout `.ts`; TypeScript does not rewrite this one by itself. */
const ENTRY_FILE = new URL(import.meta.url.endsWith('.ts') ? './scrape-entry.ts' : './scrape-entry.js', import.meta.url)

/** A scrape that is waited for; undefined: the thread is gone. */
type Waiting = (bytes: Uint8Array | undefined) => void

/** See the head of this file. */
export class ScrapeThread implements ScrapeRenderer, AsyncDisposable {
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #lastNumber = 0
  #isClosed = false

  async render(request: ScrapeRequest): Promise<Uint8Array> {
    if (this.#isClosed) return await renderScrape(request)
    const worker = this.#worker ?? this.#start()
    this.#lastNumber += 1
    const number = this.#lastNumber
    const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>()
    this.#waiting.set(number, resolve)
    worker.postMessage({ number, request })
    return (await promise) ?? (await renderScrape(request))
  }

  /** Ends the thread. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(ENTRY_FILE, { name: 'switchhook-scrape' })
    worker.on('message', ({ number, bytes }: { readonly number: number; readonly bytes: Uint8Array }) => {
      this.#waiting.get(number)?.(bytes)
      this.#waiting.delete(number)
    })
    // Its exit follows, and is what counts.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      this.#worker = undefined
      for (const gone of this.#waiting.values()) gone(undefined)
      this.#waiting.clear()
    })
    // Last: to listen for messages makes the process wait for the thread again.
    worker.unref()
    this.#worker = worker
    return worker
  }
}
