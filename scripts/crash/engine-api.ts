/**
 * One life of the engine as its callers see it. Every call ends in a value that says whether an answer came: only a whole
 * answer counts, and a connection that could not be made at all means that nothing was sent.
 */
import { type Dispatcher, Pool } from 'undici'
import { memberOf } from '../json-member.ts'
import type { SentEvent } from './ledger.ts'
import { INVOKED_WEBHOOK, noteOf } from './webhooks.ts'

/** How events are sent. */
export type SendManner = 'json' | 'form' | 'batch'

/** What the engine said about one event. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly deliveries: number }
  | { readonly kind: 'duplicate' }
  /** `isFinal`: sending it again would not help. */
  | { readonly kind: 'rejected'; readonly isFinal: boolean; readonly detail: string }

/** What a call came to. */
export type Called<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** It was sent, or may have been, and no whole answer came. */
  | { readonly kind: 'unanswered'; readonly detail: string }
  | { readonly kind: 'not-sent' }

/** A delivery as lists show it. */
export interface ListedDelivery {
  readonly id: string
  readonly webhook: string
  readonly event: string
  readonly state: string
  /** Empty unless dead. */
  readonly reason: string
}

/** One page of a list. */
export interface DeliveryPage {
  readonly deliveries: readonly ListedDelivery[]
  readonly next: string | undefined
}

/** Deliveries in the store by their state. */
export interface StoreCounts {
  readonly pending: number
  readonly delivered: number
  readonly dead: number
}

/** Longest wait for an answer; far more than any call takes. */
const ANSWER_TIMEOUT_MS = 10_000

/** See the head of this file. */
export class EngineApi {
  readonly #pool: Pool

  constructor(origin: string) {
    this.#pool = new Pool(origin, {
      connections: 32,
      pipelining: 1,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    })
  }

  /** Sends events; the verdicts stand in their order. `json` and `form` send one. */
  async send(events: readonly SentEvent[], manner: SendManner): Promise<Called<readonly Verdict[]>> {
    const called = await this.#call({ method: 'POST', ...sending(events, manner) })
    return called.kind === 'answered' ? { kind: 'answered', answer: readVerdicts(events, called.answer) } : called
  }

  /** Asks for a decision on a live call. */
  async invoke(call: string): Promise<Called<number>> {
    const path = `/v1/webhooks/${INVOKED_WEBHOOK}/invoke`
    const body = JSON.stringify({ subject: call, data: {} })
    const called = await this.#call({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body })
    return called.kind === 'answered' ? { kind: 'answered', answer: called.answer.status } : called
  }

  /** Asks for a delivery to be sent again, now. */
  async retry(id: string): Promise<Called<number>> {
    const called = await this.#call({ method: 'POST', path: `/v1/deliveries/${id}/retry` })
    return called.kind === 'answered' ? { kind: 'answered', answer: called.answer.status } : called
  }

  /** Has a webhook's ended deliveries sent again; answers how many, or a status that is not 202. */
  async replay(webhook: string, body: object): Promise<Called<{ readonly status: number; readonly replayed: number }>> {
    const called = await this.#command(webhook, 'replay', body)
    if (called.kind !== 'answered') return called
    const { status, json } = called.answer
    return { kind: 'answered', answer: { status, replayed: Number(memberOf(json, 'replayed')) } }
  }

  /** Activates a webhook or deactivates it. */
  async setActive(webhook: string, isActive: boolean): Promise<Called<number>> {
    const called = await this.#command(webhook, isActive ? 'activate' : 'deactivate', {})
    return called.kind === 'answered' ? { kind: 'answered', answer: called.answer.status } : called
  }

  /** Number of the configuration that runs, as its requests carry it, and whether the last one that was tried was refused. */
  async configuration(): Promise<Called<{ readonly generation: number; readonly isRefused: boolean }>> {
    const path = `/v1/webhooks/${INVOKED_WEBHOOK}/render`
    const headers = { 'content-type': 'application/json' }
    const rendered = await this.#call({ method: 'POST', path, headers, body: '{"data":{}}' })
    if (rendered.kind !== 'answered') return rendered
    const stats = await this.#call({ method: 'GET', path: '/v1/stats' })
    if (stats.kind !== 'answered') return stats
    const url = new URL(String(memberOf(rendered.answer.json, 'url')))
    const lastReload = memberOf(memberOf(stats.answer.json, 'config'), 'lastReload')
    const isRefused = memberOf(lastReload, 'result') === 'refused'
    return { kind: 'answered', answer: { generation: Number(url.searchParams.get('reload')), isRefused } }
  }

  /** One page of the deliveries in a state, the newest first. */
  async list(state: string, limit: number, cursor?: string): Promise<Called<DeliveryPage>> {
    const query = new URLSearchParams({ state, limit: String(limit), ...(cursor === undefined ? {} : { cursor }) })
    const called = await this.#call({ method: 'GET', path: `/v1/deliveries?${query}` })
    return called.kind === 'answered' ? { kind: 'answered', answer: readPage(called.answer) } : called
  }

  /** How many deliveries the store holds. */
  async counts(): Promise<Called<StoreCounts>> {
    const called = await this.#call({ method: 'GET', path: '/v1/stats' })
    if (called.kind !== 'answered') return called
    const outbox = memberOf(called.answer.json, 'outbox')
    const count = (state: string): number => Number(memberOf(outbox, state))
    return {
      kind: 'answered',
      answer: { pending: count('pending'), delivered: count('delivered'), dead: count('dead') },
    }
  }

  /** Gives up its connections; calls that wait end as unanswered. */
  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #command(webhook: string, name: string, body: object): Promise<Called<Answer>> {
    const path = `/v1/webhooks/${webhook}/${name}`
    const headers = { 'content-type': 'application/json' }
    return await this.#call({ method: 'POST', path, headers, body: JSON.stringify(body) })
  }

  async #call(request: Dispatcher.RequestOptions): Promise<Called<Answer>> {
    try {
      const { statusCode, body } = await this.#pool.request(request)
      const text = await body.text()
      return { kind: 'answered', answer: { status: statusCode, text, json: JSON.parse(text) } }
    } catch (error) {
      if (memberOf(error, 'code') === 'ECONNREFUSED') return { kind: 'not-sent' }
      return { kind: 'unanswered', detail: String(error) }
    }
  }
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly json: unknown
}

function sending(
  events: readonly SentEvent[],
  manner: SendManner,
): Pick<Dispatcher.RequestOptions, 'path' | 'headers' | 'body'> {
  if (manner === 'form') {
    const [event] = events
    if (event === undefined || events.length > 1) throw new Error('a form carries one event')
    const query = new URLSearchParams({ type: event.type, subject: event.call, id: event.id })
    return {
      path: `/v1/events?${query}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(dataOf(event)).toString(),
    }
  }
  const lines = events.map((event) => JSON.stringify(cloudEvent(event))).join('\n')
  const contentType = manner === 'json' ? 'application/cloudevents+json' : 'application/x-ndjson'
  return { path: '/v1/events', headers: { 'content-type': contentType }, body: lines }
}

function cloudEvent(event: SentEvent): object {
  const { id, type, call } = event
  return { specversion: '1.0', id, source: '/switch-1', type, subject: call, data: dataOf(event) }
}

function dataOf({ number }: SentEvent): Record<string, string> {
  return { event_number: String(number), note: noteOf(number) }
}

function readVerdicts(events: readonly SentEvent[], { status, text, json }: Answer): readonly Verdict[] {
  const verdicts = new Map<number, Verdict>()
  const detail = `status ${status}: ${text.slice(0, 300)}`
  if (status === 202) {
    for (const entry of listOf(json, 'accepted')) {
      const deliveries = Number(memberOf(entry, 'deliveries'))
      verdicts.set(indexOf(entry), { kind: 'accepted', deliveries })
    }
    for (const entry of listOf(json, 'duplicates')) verdicts.set(indexOf(entry), { kind: 'duplicate' })
  }
  // Busy (429) and unable to write (503) pass; in a 202 a rejected line was refused for itself.
  const rejected: Verdict = { kind: 'rejected', isFinal: status !== 429 && status !== 503, detail }
  return events.map((_, index) => verdicts.get(index) ?? rejected)
}

function indexOf(entry: unknown): number {
  return Number(memberOf(entry, 'index'))
}

function readPage({ status, text, json }: Answer): DeliveryPage {
  if (status !== 200) throw new Error(`a list of deliveries was answered with status ${status}: ${text}`)
  const next = memberOf(json, 'next')
  return {
    deliveries: listOf(json, 'deliveries').map((delivery) => ({
      id: String(memberOf(delivery, 'id')),
      webhook: String(memberOf(delivery, 'webhook')),
      event: String(memberOf(memberOf(delivery, 'event'), 'id')),
      state: String(memberOf(delivery, 'state')),
      reason: String(memberOf(delivery, 'reason') ?? ''),
    })),
    next: typeof next === 'string' ? next : undefined,
  }
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name)
  return Array.isArray(list) ? list : []
}
