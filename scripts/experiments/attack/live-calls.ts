/**
 * Live calls: invokes at a fixed rate whether or not earlier ones were answered (open loop), in turn of webhooks whose servers
 * answer. What is measured begins when a call was due to be made, so that a caller that is held up hides nothing.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { build, type Histogram } from 'hdr-histogram-js'
import { Pool } from 'undici'
import { memberOf } from '../../json-member.ts'
import { monotonicMs } from '../traffic/arrival-log.ts'
import { webhookId } from '../traffic/configuration.ts'

/** One slice. */
export interface CallFigures {
  /** Due to be made until its decision was there, in microseconds. */
  readonly answerUs: Histogram
  /** Calls that got the decision of their server within the slice, a second. */
  readonly perSecond: number
}

/** Longest time that is told apart; what took longer counts as this. */
const LONGEST_US = 60_000_000

/** See the head of this file. */
export class LiveCalls implements AsyncDisposable {
  readonly #pool: Pool
  readonly #webhooks: readonly number[]
  #made = 0
  readonly #lost: string[] = []

  constructor(origin: string, webhooks: readonly number[]) {
    this.#pool = new Pool(origin, { connections: 256, pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 })
    this.#webhooks = webhooks
  }

  /** Calls made. */
  get made(): number {
    return this.#made
  }

  /** Those without the decision that they should have got, a line each. */
  get lost(): readonly string[] {
    return this.#lost
  }

  /** Calls for a while; resolves when all were answered. */
  async run(ratePerSecond: number, durationMs: number): Promise<CallFigures> {
    const answerUs = newHistogram()
    const startedAtMs = monotonicMs()
    const most = Math.round((durationMs * ratePerSecond) / 1000)
    const calling: Promise<void>[] = []
    let inTime = 0
    for (let count = 0; count < most; ) {
      const dueCount = Math.min(most, Math.floor(((monotonicMs() - startedAtMs) * ratePerSecond) / 1000) + 1)
      for (; count < dueCount; count += 1) {
        const dueAtMs = startedAtMs + (count * 1000) / ratePerSecond
        const call = this.#call().then(() => {
          const nowMs = monotonicMs()
          if (nowMs - startedAtMs <= durationMs) inTime += 1
          answerUs.recordValue(Math.min(LONGEST_US, Math.max(1, Math.round((nowMs - dueAtMs) * 1000))))
        })
        calling.push(call)
      }
      await pause(1)
    }
    await Promise.all(calling)
    return { answerUs, perSecond: (inTime * 1000) / durationMs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy()
  }

  async #call(): Promise<void> {
    const number = this.#made
    this.#made += 1
    const path = `/v1/webhooks/${webhookId(this.#webhooks[number % this.#webhooks.length] ?? 0)}/invoke`
    const body = JSON.stringify({ type: 'call', subject: `live-${number}`, data: { event_number: 0, note: 'live' } })
    try {
      const headers = { 'content-type': 'application/json' }
      const answer = await this.#pool.request({ method: 'POST', path, headers, body })
      const json: unknown = await answer.body.json()
      if (memberOf(memberOf(json, 'decision'), 'kind') === 'continue') return
      this.#lost.push(`call ${number}: ${answer.statusCode} ${JSON.stringify(json)}`)
    } catch (error) {
      this.#lost.push(`call ${number}: ${String(error)}`)
    }
  }
}

/** Times of nothing yet. */
export function newHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: LONGEST_US, numberOfSignificantValueDigits: 3 })
}
