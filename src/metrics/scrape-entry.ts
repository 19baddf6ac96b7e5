/**
 * The thread that makes scrapes: all that `ScrapeThread` asks for. What goes wrong ends the thread, and with it the scrapes that it
 * has, which are then made by whoever asked.
 */
import { answerQuestions } from '../thread.ts'
import { renderScrape, type ScrapeRequest } from './scrape.ts'

answerQuestions(async (request: ScrapeRequest) => {
  // A copy of its own: what is handed over is no longer here, and small buffers share their memory.
  const answer = new Uint8Array(await renderScrape(request))
  return { answer, handed: [answer.buffer] }
})
