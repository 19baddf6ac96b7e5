/**
 * The thread that makes scrapes: all that `ScrapeThread` posts, each answered under its number. What goes wrong ends the thread, and
 * with it the scrapes that it has, which are then made by whoever asked.
 */
import { parentPort } from 'node:worker_threads'
import { renderScrape, type ScrapeRequest } from './scrape.ts'

const port = parentPort
port?.on('message', ({ number, request }: { readonly number: number; readonly request: ScrapeRequest }) => {
  void renderScrape(request).then((made) => {
    // A copy of its own: what is handed over is no longer here, and small buffers share their memory.
    const bytes = new Uint8Array(made)
    port.postMessage({ number, bytes }, [bytes.buffer])
  })
})
