/**
 * Counts what became of each event of a request and builds the answer of `POST /v1/events`. Entries are turned into text a
 * slice at a time, so that a large batch's answer never holds the loop. Events come in by ascending index.
 */
import { SwitchhookError } from '../../errors.ts'
import type { AcceptResult } from '../../model/results.ts'
import { type HttpAnswer, problemAnswer } from '../http/answer.ts'
import { problem, retryAfterSeconds } from '../problems.ts'
import type { EventResult } from './event-attributes.ts'

/** One event of a request, as it was read. */
export interface ReadEvent {
  /** From 0, among the events of the request. */
  readonly index: number
  readonly result: EventResult
}

/** What the engine answered for a slice: its results, or that it could not. */
export type SliceResults =
  | { readonly kind: 'results'; readonly results: readonly AcceptResult[] }
  | { readonly kind: 'unavailable'; readonly detail: string }

/** See the head of this file. */
export class Tally {
  readonly #accepted: string[] = []
  readonly #duplicates: string[] = []
  readonly #rejected: string[] = []
  #keptCount = 0
  #rejectedCount = 0
  #retryableCount = 0
  #accountCount = 0
  #isUnavailable = false
  #retryAfterMs = 0
  #firstDetail = ''

  /** Adds a slice; `outcome` has a result for each event that was read, in their order. */
  add(slice: readonly ReadEvent[], outcome: SliceResults): void {
    const accepted: object[] = []
    const duplicates: object[] = []
    const rejected: object[] = []
    if (outcome.kind === 'unavailable') this.#isUnavailable = true
    let next = 0
    for (const { index, result } of slice) {
      if (result.kind === 'refused') {
        if (result.cause === 'account') this.#accountCount += 1
        this.#reject(result.detail)
        rejected.push({ index, detail: result.detail })
        continue
      }
      const verdict = outcome.kind === 'results' ? outcome.results[next++] : retryable(outcome.detail)
      const { id } = result.event
      if (verdict === undefined)
        throw new SwitchhookError('internal', 'the engine gave fewer results than there were events')
      switch (verdict.kind) {
        case 'accepted':
          accepted.push({ index, id, deliveries: verdict.deliveries })
          break
        case 'duplicate':
          duplicates.push({ index, id })
          break
        case 'rejected':
          this.#reject(verdict.detail)
          if (verdict.retryable) this.#retryableCount += 1
          this.#retryAfterMs = Math.max(this.#retryAfterMs, verdict.retryAfterMs ?? 0)
          rejected.push({ index, detail: verdict.detail, ...(verdict.retryable && { retryable: true }) })
      }
    }
    this.#keptCount += accepted.length + duplicates.length
    appendText(this.#accepted, accepted)
    appendText(this.#duplicates, duplicates)
    appendText(this.#rejected, rejected)
  }

  /** 202 where anything was kept or nothing was sent, else the problem that says why not. */
  answer(): HttpAnswer {
    const lists = `"accepted":[${this.#accepted.join(',')}],"duplicates":[${this.#duplicates.join(',')}],"rejected":[${this.#rejected.join(',')}]`
    if (this.#keptCount > 0 || this.#rejectedCount === 0) {
      return { status: 202, contentType: 'application/json; charset=utf-8', body: `{${lists}}` }
    }
    const detail =
      this.#rejectedCount === 1
        ? this.#firstDetail
        : `All ${this.#rejectedCount} events were rejected; the first: ${this.#firstDetail}`
    if (this.#retryableCount === this.#rejectedCount) {
      const headers = { 'retry-after': retryAfterSeconds(this.#retryAfterMs) }
      return problemAnswer(problem(this.#isUnavailable ? 'unavailable' : 'overloaded', detail, { headers }), lists)
    }
    const isForbidden = this.#rejectedCount === 1 && this.#accountCount === 1
    return problemAnswer(problem(isForbidden ? 'forbidden' : 'events-rejected', detail), lists)
  }

  #reject(detail: string): void {
    if (this.#rejectedCount === 0) this.#firstDetail = detail
    this.#rejectedCount += 1
  }
}

function retryable(detail: string): AcceptResult {
  return { kind: 'rejected', detail, retryable: true }
}

function appendText(texts: string[], entries: readonly object[]): void {
  if (entries.length > 0) texts.push(JSON.stringify(entries).slice(1, -1))
}
