/**
 * Sends events until the engine has confirmed each of them. An event whose answer never came is sent again with the same
 * source and id, and has to be accepted then, or to be a duplicate of itself; what is confirmed is entered into the ledger.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { SendManner, Verdict } from './engine-api.ts'
import type { Ledger, SentEvent } from './ledger.ts'
import type { Lives } from './lives.ts'

/** Wait before the next try, after no connection or an answer that asks for patience. */
const PATIENCE_MS = 10

/** See the head of this file. */
export class Sender {
  readonly #lives: Lives
  readonly #ledger: Ledger

  constructor(lives: Lives, ledger: Ledger) {
    this.#lives = lives
    this.#ledger = ledger
  }

  /** Resolves when all are confirmed or refused for good. Events of a call are sent in their order. */
  async confirm(events: readonly SentEvent[], manner: SendManner): Promise<void> {
    let open = events
    while (open.length > 0) {
      const { api, life } = await this.#lives.current()
      for (const event of open) event.sentAtMs ??= performance.now()
      const called = await api.send(open, manner)
      switch (called.kind) {
        case 'answered':
          open = open.filter((event, index) => !this.#isSettled(event, called.answer[index]))
          if (open.length > 0) await pause(PATIENCE_MS)
          break
        case 'unanswered':
          if (life.killedAtMs === undefined) {
            this.#ledger.wrong(`life ${life.number} was alive and did not answer: ${called.detail}`)
          }
          for (const event of open) event.unanswered += 1
          await pause(PATIENCE_MS)
          break
        case 'not-sent':
          await pause(PATIENCE_MS)
      }
    }
  }

  #isSettled(event: SentEvent, verdict: Verdict | undefined): boolean {
    switch (verdict?.kind) {
      case 'accepted':
        this.#accepted(event, verdict.deliveries)
        return true
      case 'duplicate':
        this.#duplicate(event)
        return true
      case 'rejected':
        if (verdict.isFinal) this.#ledger.wrong(`${event.id} was rejected: ${verdict.detail}`)
        return verdict.isFinal
      case undefined:
        throw new Error(`there is no verdict on ${event.id}`)
    }
  }

  #accepted(event: SentEvent, deliveries: number): void {
    if (event.acceptedAtMs !== undefined) {
      this.#ledger.wrong(`${event.id} was accepted twice: the store has forgotten that it knows it`)
      return
    }
    event.deliveries = deliveries
    if (event.unanswered > 0) this.#ledger.resent.unknown += 1
    event.acceptedAtMs = performance.now()
  }

  #duplicate(event: SentEvent): void {
    if (event.acceptedAtMs !== undefined) return
    if (event.unanswered === 0) this.#ledger.wrong(`${event.id} was called a duplicate when it was sent first`)
    this.#ledger.resent.kept += 1
    event.acceptedAtMs = performance.now()
  }
}
