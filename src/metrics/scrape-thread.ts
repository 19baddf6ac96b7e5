/**
 * Makes scrapes in a thread of its own, so that a scrape of a thousand webhooks costs the main thread a few milliseconds instead of
 * a hundred. A scrape that the thread can not make, because it died, is made by whoever asked. Main thread only; owned by the
 * engine's threads.
 */
import { AnsweringThread } from '../thread.ts'
import { renderScrape, type ScrapeRenderer, type ScrapeRequest } from './scrape.ts'

/** Compiled packages have `.js` files, the checkout `.ts`; TypeScript does not rewrite this one by itself. */
const ENTRY_FILE = new URL(import.meta.url.endsWith('.ts') ? './scrape-entry.ts' : './scrape-entry.js', import.meta.url)

/** See the head of this file. */
export class ScrapeThread implements ScrapeRenderer, AsyncDisposable {
  readonly #thread: AnsweringThread<ScrapeRequest, Uint8Array>

  /** `onDeath` is told why a thread ended that nobody ended. */
  constructor(onDeath: (detail: string) => void) {
    this.#thread = new AnsweringThread(ENTRY_FILE, 'switchhook-scrape', onDeath)
  }

  async render(request: ScrapeRequest): Promise<Uint8Array> {
    return (await this.#thread.ask(request)) ?? (await renderScrape(request))
  }

  /** Ends the thread. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]()
  }
}
