/**
 * Answers that go on until somebody ends them. Kept so that neither the end of the service nor that of a token waits for their
 * readers. Called by the server.
 */
import type { ServerResponse } from 'node:http'
import type { StreamAnswer } from './answer.ts'
import type { UnreadAnswers } from './unread-answers.ts'

/** See the head of this file. */
export class OpenStreams {
  readonly #open = new Set<ServerResponse>()
  readonly #unread: UnreadAnswers

  constructor(unread: UnreadAnswers) {
    this.#unread = unread
  }

  /** Writes the head and hands the response to the stream. */
  open(response: ServerResponse, { status, stream }: StreamAnswer, headers: Readonly<Record<string, string>>): void {
    if (!response.destroyed) {
      this.#open.add(response)
      response.once('close', () => this.#open.delete(response))
      response.writeHead(status, headers)
    }
    stream(response)
  }

  /** Ends all of them; a reader that takes nothing is cut off. */
  endAll(): void {
    for (const response of this.#open) {
      if (response.writableNeedDrain) response.destroy()
      else {
        response.end()
        this.#unread.limit(response)
      }
    }
  }
}
