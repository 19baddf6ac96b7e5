/**
 * One life of the engine as those see it who send events. Only a whole answer counts; without one an event may or may not
 * have been accepted, and is sent again with the same id.
 */
import { Pool } from 'undici'
import { memberOf } from '../../json-member.ts'

/** An event to be sent. */
export interface OutgoingEvent {
  /** Its id is made of it, and it is what the receivers are told. */
  readonly number: number
  readonly type: string
  /** The call. */
  readonly subject: string
  readonly account?: string
}

/** What became of events that were sent together. */
export type Sent =
  /** All of them are kept: `accepted` anew, the others were known. */
  | { readonly kind: 'confirmed'; readonly accepted: number }
  /** Some or all were not taken, for now. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** No whole answer came. */
  | { readonly kind: 'unanswered'; readonly detail: string }

/** Deliveries in the store by their state. */
export interface StoreCounts {
  readonly pending: number
  readonly delivered: number
  readonly dead: number
}

/** A delivery that is dead. */
export interface DeadLetter {
  readonly id: string
  /** The event's number. */
  readonly event: number
}

/** Longest wait for an answer. */
const ANSWER_TIMEOUT_MS = 60_000

/** A text such as call events carry, so that what is stored has about their size. */
const NOTE = 'Sales, then service; asked for a call back between nine and five. Recording kept, caller known: yes.'

/** See the head of this file. */
export class EventClient {
  readonly #pool: Pool

  constructor(origin: string) {
    const timeouts = { headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS }
    this.#pool = new Pool(origin, { connections: 64, pipelining: 1, ...timeouts })
  }

  /** Sends events in one request: one as a CloudEvent, more as NDJSON. */
  async send(events: readonly OutgoingEvent[]): Promise<Sent> {
    const contentType = events.length === 1 ? 'application/cloudevents+json' : 'application/x-ndjson'
    try {
      const { status, json } = await this.#call('POST', '/v1/events', contentType, events.map(lineOf).join('\n'))
      const accepted = lengthOf(memberOf(json, 'accepted'))
      const isConfirmed = status === 202 && accepted + lengthOf(memberOf(json, 'duplicates')) === events.length
      if (isConfirmed) return { kind: 'confirmed', accepted }
      return { kind: 'refused', detail: `status ${status}: ${JSON.stringify(json).slice(0, 500)}` }
    } catch (error) {
      return { kind: 'unanswered', detail: String(error) }
    }
  }

  /** What the store holds. */
  async counts(): Promise<StoreCounts> {
    const { json } = await this.#call('GET', '/v1/stats')
    const outbox = memberOf(json, 'outbox')
    const count = (state: string): number => Number(memberOf(outbox, state))
    return { pending: count('pending'), delivered: count('delivered'), dead: count('dead') }
  }

  /** How many circuits are not closed. */
  async openCircuits(): Promise<number> {
    const { json } = await this.#call('GET', '/v1/stats')
    return lengthOf(memberOf(json, 'circuits'))
  }

  /** A webhook's dead letters, the first accepted first. */
  async dead(webhook: string): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = []
    let cursor: string | undefined
    do {
      const query = new URLSearchParams({ webhook, state: 'dead', limit: '1000', ...(cursor && { cursor }) })
      const { json } = await this.#call('GET', `/v1/deliveries?${query}`)
      const deliveries = memberOf(json, 'deliveries')
      for (const delivery of Array.isArray(deliveries) ? deliveries : []) {
        const event = Number(String(memberOf(memberOf(delivery, 'event'), 'id')).slice('e-'.length))
        letters.push({ id: String(memberOf(delivery, 'id')), event })
      }
      const next = memberOf(json, 'next')
      cursor = typeof next === 'string' ? next : undefined
    } while (cursor !== undefined)
    return letters.toReversed()
  }

  /** Makes an ended delivery pending anew. */
  async retry(delivery: string): Promise<void> {
    const { status, json } = await this.#call('POST', `/v1/deliveries/${delivery}/retry`)
    if (status !== 202) throw new Error(`the retry was answered with ${status}: ${JSON.stringify(json)}`)
  }

  /** Makes all dead letters of a webhook pending anew. */
  async replayDead(webhook: string): Promise<void> {
    const body = JSON.stringify({ state: 'dead' })
    const { status, json } = await this.#call('POST', `/v1/webhooks/${webhook}/replay`, 'application/json', body)
    if (status !== 202) throw new Error(`the replay was answered with ${status}: ${JSON.stringify(json)}`)
  }

  /** Gives up its connections; calls that wait end as unanswered. */
  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #call(
    method: 'GET' | 'POST',
    path: string,
    contentType?: string,
    body?: string,
  ): Promise<{ readonly status: number; readonly json: unknown }> {
    const headers = contentType === undefined ? {} : { 'content-type': contentType }
    const answer = await this.#pool.request({ method, path, headers, ...(body === undefined ? {} : { body }) })
    return { status: answer.statusCode, json: await answer.body.json() }
  }
}

function lineOf({ number, type, subject, account }: OutgoingEvent): string {
  const data = { event_number: number, note: NOTE }
  const extension = account === undefined ? {} : { account }
  return JSON.stringify({
    specversion: '1.0',
    id: `e-${number}`,
    source: '/switch-1',
    type,
    subject,
    ...extension,
    data,
  })
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0
}
