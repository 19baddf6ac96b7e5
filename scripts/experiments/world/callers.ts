/**
 * Who sends: switches with one event after the other, exchanges with several at once, live calls. They keep to `Retry-After`.
 * Every third event that is refused is given up, so that it shows whether anything of it was kept; the others are sent again
 * and must be accepted then, not be called duplicates.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { memberOf } from '../../json-member.ts'
import type { Books, KeptEvent } from './books.ts'
import { INVOKED, noteOf, typeOf } from './webhooks.ts'

/** What callers met since it was last asked for. */
export interface Met {
  accepted: number
  /** Refused requests by status. */
  readonly refused: Map<number, number>
  /** Of them, those without `Retry-After`. */
  withoutRetryAfter: number
  /** Durations of live calls, in milliseconds. */
  readonly invokesMs: number[]
}

const SWITCHES = 4
const EXCHANGES = 1
const LIVE_CALLERS = 1

/** Events an exchange sends together. */
const TOGETHER = 8

/** Events of a call. */
const CALL_EVENTS = 4

/** Between two events of a caller. */
const PAUSE_MS = 100

/** Longest wait for an answer. */
const ANSWER_TIMEOUT_MS = 20_000

/** Longest time that a live call may take: what a customer's server and ours are given. */
const INVOKE_LIMIT_MS = 5000

/** An answer of the engine. */
interface Answer {
  readonly status: number
  readonly retryAfter: string
  readonly json: unknown
}

/** See the head of this file. */
export class Callers implements AsyncDisposable {
  readonly #books: Books
  readonly #pool: Pool
  #stopping = new AbortController()
  #running: Promise<unknown> = Promise.resolve()
  #met: Met = nothingMet()
  #calls = 0
  #refusals = 0

  constructor(books: Books, origin: string) {
    this.#books = books
    this.#pool = new Pool(origin, {
      connections: 16,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    })
  }

  /** Begins to send. */
  start(): void {
    this.#stopping = new AbortController()
    const many = (count: number, step: () => Promise<void>): Promise<void>[] =>
      Array.from({ length: count }, async () => {
        while (!this.#stopping.signal.aborted) await step()
      })
    this.#running = Promise.all([
      ...many(SWITCHES, () => this.#playCall(1)),
      ...many(EXCHANGES, () => this.#playCall(TOGETHER)),
      ...many(LIVE_CALLERS, () => this.#invoke()),
    ])
    // It is awaited when it is stopped; a failure before that must not end the process.
    this.#running.catch(() => undefined)
  }

  /** Resolves when nothing more is sent; events that are refused until then are sent no more. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /** What was met since the last call. */
  takeMet(): Met {
    const met = this.#met
    this.#met = nothingMet()
    return met
  }

  /** Sends accepted events again; gives how many were not called duplicates. */
  async sendAgain(events: readonly KeptEvent[]): Promise<number> {
    const { json } = await this.#send(events)
    return events.length - listOf(json, 'duplicates').length
  }

  /** Any other request; its answer as JSON. */
  async ask(method: 'GET' | 'POST', path: string): Promise<Answer> {
    return await this.#request(method, path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#pool.destroy()
  }

  async #playCall(together: number): Promise<void> {
    this.#calls += 1
    const calls = Array.from({ length: together }, (_, index) => `call-${this.#calls}-${index}`)
    for (let step = 0; step < CALL_EVENTS && !this.#stopping.signal.aborted; step += 1) {
      await this.#confirm(calls.map((call) => this.#books.newEvent(call)))
      await pause(PAUSE_MS)
    }
  }

  async #confirm(events: readonly KeptEvent[]): Promise<void> {
    let open = events
    while (open.length > 0) {
      const { status, retryAfter, json } = await this.#send(open)
      const verdicts = new Map<number, 'accepted' | 'duplicate'>()
      if (status === 202) {
        for (const entry of listOf(json, 'accepted')) verdicts.set(Number(memberOf(entry, 'index')), 'accepted')
        for (const entry of listOf(json, 'duplicates')) verdicts.set(Number(memberOf(entry, 'index')), 'duplicate')
      }
      for (const [index, event] of open.entries()) this.#note(event, verdicts.get(index))
      if (verdicts.size === open.length) return
      this.#refused(status, retryAfter)
      open = open.filter((event, index) => !verdicts.has(index) && !this.#givesUp(event))
      if (open.length > 0) await pause(Math.max(100, Number(retryAfter) * 1000 || 1000))
    }
  }

  #note(event: KeptEvent, verdict: 'accepted' | 'duplicate' | undefined): void {
    if (verdict === undefined) return
    event.acceptedAtMs = performance.now()
    if (verdict === 'accepted') this.#met.accepted += 1
    else this.#books.wrong(`${event.id}, refused ${event.refusals} times, was called a duplicate`)
  }

  #refused(status: number, retryAfter: string): void {
    this.#met.refused.set(status, (this.#met.refused.get(status) ?? 0) + 1)
    if (retryAfter === '') this.#met.withoutRetryAfter += 1
    if (status !== 429 && status !== 503 && status !== 202)
      this.#books.wrong(`events were answered with status ${status}`)
  }

  #givesUp(event: KeptEvent): boolean {
    event.refusals += 1
    this.#refusals += 1
    event.isGivenUp = this.#stopping.signal.aborted || this.#refusals % 3 === 0
    return event.isGivenUp
  }

  async #invoke(): Promise<void> {
    const startedAtMs = performance.now()
    const { status } = await this.#request('POST', `/v1/webhooks/${INVOKED}/invoke`, 'application/json', '{"data":{}}')
    const durationMs = performance.now() - startedAtMs
    this.#met.invokesMs.push(durationMs)
    if (status !== 200) this.#books.wrong(`a live call was answered with status ${status}`)
    if (durationMs > INVOKE_LIMIT_MS) this.#books.wrong(`a live call took ${durationMs.toFixed(0)} ms`)
    await pause(PAUSE_MS)
  }

  async #send(events: readonly KeptEvent[]): Promise<Answer> {
    const lines = events.map(({ number, id, call }) => {
      const data = { event_number: String(number), note: noteOf(number) }
      return JSON.stringify({ specversion: '1.0', id, source: '/switch', type: typeOf(number), subject: call, data })
    })
    const contentType = lines.length === 1 ? 'application/cloudevents+json' : 'application/x-ndjson'
    return await this.#request('POST', '/v1/events', contentType, lines.join('\n'))
  }

  async #request(method: 'GET' | 'POST', path: string, contentType = '', body = ''): Promise<Answer> {
    const sent = contentType === '' ? {} : { headers: { 'content-type': contentType }, body }
    const { statusCode, headers, body: answered } = await this.#pool.request({ method, path, ...sent })
    return { status: statusCode, retryAfter: String(headers['retry-after'] ?? ''), json: await answered.json() }
  }
}

/** The list under a name of anything that came as JSON. */
export function listOf(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name)
  return Array.isArray(list) ? list : []
}

function nothingMet(): Met {
  return { accepted: 0, refused: new Map(), withoutRetryAfter: 0, invokesMs: [] }
}
