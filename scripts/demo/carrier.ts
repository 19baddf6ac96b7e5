/**
 * The carrier's side of the engine's HTTP API, in the ways that switches use it: structured CloudEvents, NDJSON batches,
 * forms with `?type=`, invokes answered in JSON or as a form. Everything that is sent is entered into the ledger first.
 */
import { build, type Histogram } from 'hdr-histogram-js'
import { type Dispatcher, Pool } from 'undici'
import { memberOf } from '../json-member.ts'
import { flatten, readForm, type Scalar } from './content.ts'
import type { Expectation, Ledger } from './ledger.ts'

/** Data points of an event. */
export type Data = Readonly<Record<string, unknown>>

/** An event with the deliveries that must follow from it. */
export interface Sending {
  readonly type: string
  readonly call: string
  /** Whose call it is; default: the engine's account `default`. */
  readonly account?: string
  readonly data: Data
  readonly deliveries: readonly Expectation[]
}

/** A decision as the engine's API gives it; members by name. */
export type DecisionView = Readonly<Record<string, unknown>> & { readonly kind: string }

/** What an invoke came to. */
export interface Invoked {
  readonly decision: DecisionView
  /** Milliseconds that the call waited. */
  readonly waitedMs: number
  readonly isFallback: boolean
}

/** Options of one invoke. */
export interface InvokeManner {
  /** Seconds for `Prefer: wait=`. */
  readonly waitS?: number
  /** Ask for the decision as a form, as switches without JSON do, and send the data points as one. */
  readonly asForm?: boolean
}

const FORM = 'application/x-www-form-urlencoded'

/** Connections to the engine. */
const CONNECTIONS = 16

/** Longest wait that the histograms hold, in microseconds. */
const LONGEST_US = 60_000_000

/** See the head of this file. */
export class Carrier {
  /** Time that calls waited for their decisions, in microseconds. */
  readonly waits: Histogram = build({ highestTrackableValue: LONGEST_US, useWebAssembly: false })
  /** The same less the time of the customer's server: what carrier, engine and the way between them took. */
  readonly added: Histogram = build({ highestTrackableValue: LONGEST_US, useWebAssembly: false })
  readonly decisions: Map<string, number> = new Map()
  readonly #pool: Pool
  readonly #ledger: Ledger
  #events = 0
  #deliveries = 0
  #invokes = 0
  #sequence = 0

  constructor(origin: string, ledger: Ledger) {
    this.#pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 })
    this.#ledger = ledger
  }

  /** Events that the engine has accepted. */
  get events(): number {
    return this.#events
  }

  /** Deliveries that it made of them, by its own answers. */
  get deliveries(): number {
    return this.#deliveries
  }

  /** Invokes that it has answered. */
  get invokes(): number {
    return this.#invokes
  }

  /** Sends one event as a structured CloudEvent. */
  async send(sending: Sending): Promise<void> {
    await this.#post('/v1/events', 'application/cloudevents+json', JSON.stringify(this.#envelope(sending)), [sending])
  }

  /** Sends one event as a form, its attributes in the query: a switch whose scripts build no JSON. */
  async sendForm(sending: Sending): Promise<void> {
    const { type, call, account = 'default', data } = sending
    const query = new URLSearchParams({ type, subject: call, account, id: this.#nextId() })
    await this.#post(`/v1/events?${query}`, FORM, formOf(data), [sending])
  }

  /** Sends many events as NDJSON. */
  async sendBatch(sendings: readonly Sending[]): Promise<void> {
    const lines = sendings.map((sending) => JSON.stringify(this.#envelope(sending)))
    await this.#post('/v1/events', 'application/x-ndjson', `${lines.join('\n')}\n`, sendings)
  }

  /** Invokes a webhook for a call; `requests` are what must arrive at the customer's servers meanwhile. */
  async invoke(
    webhook: string,
    call: string,
    data: Data,
    requests: readonly Expectation[],
    manner: InvokeManner = {},
  ): Promise<Invoked> {
    this.#ledger.expect(requests)
    const { waitS, asForm = false } = manner
    const startedAt = performance.now()
    const path = `/v1/webhooks/${webhook}/invoke`
    const { statusCode, headers, body } = await this.#pool.request({
      method: 'POST',
      path: asForm ? `${path}?${new URLSearchParams({ subject: call })}` : path,
      headers: {
        'content-type': asForm ? FORM : 'application/json',
        accept: asForm ? FORM : 'application/json',
        ...(waitS === undefined ? {} : { prefer: `wait=${waitS}` }),
      },
      body: asForm ? formOf(data) : JSON.stringify({ specversion: '1.0', subject: call, data }),
    })
    const text = await body.text()
    const waitedMs = performance.now() - startedAt
    if (statusCode !== 200) throw new Error(`invoke of ${webhook}: status ${statusCode}, ${text}`)
    const { decision, customerMs, isFallback } = asForm ? readFormResult(text) : readJsonResult(text)
    if (headers['switchhook-decision'] !== decision.kind) {
      this.#ledger.wrong(`${webhook}, call ${call}: the header names another decision than the body`)
    }
    this.#record(decision, waitedMs, customerMs)
    return { decision, waitedMs, isFallback }
  }

  /** `GET` of a path that answers with JSON. */
  async getJson(path: string): Promise<unknown> {
    const { body } = await this.#get(path)
    return await body.json()
  }

  /** `GET` of a path that answers with text. */
  async getText(path: string): Promise<string> {
    const { body } = await this.#get(path)
    return await body.text()
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #get(path: string): Promise<Dispatcher.ResponseData> {
    const answer = await this.#pool.request({ method: 'GET', path })
    if (answer.statusCode === 200) return answer
    throw new Error(`GET ${path}: status ${answer.statusCode}, ${await answer.body.text()}`)
  }

  async #post(path: string, contentType: string, body: string, sendings: readonly Sending[]): Promise<void> {
    for (const { deliveries } of sendings) this.#ledger.expect(deliveries)
    const answer = await this.#pool.request({ method: 'POST', path, headers: { 'content-type': contentType }, body })
    const text = await answer.body.text()
    const { accepted, refused } = readAcceptance(answer.statusCode, text)
    const confirmed = new Set<Sending>()
    for (const { index, deliveries } of accepted) {
      const sending = sendings[index]
      if (sending === undefined) continue
      confirmed.add(sending)
      this.#events += 1
      this.#deliveries += deliveries
      this.#checkCount(sending, deliveries)
    }
    for (const sending of sendings) {
      if (confirmed.has(sending)) continue
      this.#ledger.withdraw(sending.deliveries)
      this.#ledger.wrong(`${sending.type}, call ${sending.call}: not accepted: ${refused}`)
    }
  }

  #checkCount({ type, call, deliveries: expected }: Sending, made: number): void {
    if (made === expected.length) return
    const webhooks = expected.map(({ webhook }) => webhook).join(', ')
    this.#ledger.wrong(
      `${type}, call ${call}: the engine made ${made} deliveries of it, expected ${expected.length} (${webhooks})`,
    )
  }

  #envelope({ type, call, account, data }: Sending): object {
    const id = this.#nextId()
    return { specversion: '1.0', id, source: '/demo/switch-1', type, subject: call, account, data }
  }

  #nextId(): string {
    this.#sequence += 1
    return `event-${this.#sequence}`
  }

  #record(decision: DecisionView, waitedMs: number, customerMs: number | undefined): void {
    this.#invokes += 1
    const name = decision.kind === 'backup' ? `backup ${String(decision['reason'])}` : decision.kind
    this.decisions.set(name, (this.decisions.get(name) ?? 0) + 1)
    this.waits.recordValue(microseconds(waitedMs))
    if (customerMs !== undefined) this.added.recordValue(microseconds(waitedMs - customerMs))
  }
}

/** Data points as a form body; dotted names nest there (`tags.region=south`). */
function formOf(data: Data): string {
  const pairs = Object.entries(flatten(data)).map(([name, value]): [string, string] => [name, String(value)])
  return new URLSearchParams(pairs).toString()
}

function microseconds(durationMs: number): number {
  return Math.min(LONGEST_US, Math.max(1, Math.round(durationMs * 1000)))
}

interface Acceptance {
  readonly accepted: readonly { readonly index: number; readonly deliveries: number }[]
  /** Why the rest was not accepted. */
  readonly refused: string
}

function readAcceptance(status: number, text: string): Acceptance {
  const value: unknown = JSON.parse(text)
  const list = memberOf(value, 'accepted')
  if (status !== 202 || !Array.isArray(list)) return { accepted: [], refused: `status ${status}, ${text}` }
  const entries: readonly unknown[] = list
  const accepted = entries.map((entry) => ({
    index: Number(memberOf(entry, 'index')),
    deliveries: Number(memberOf(entry, 'deliveries')),
  }))
  return { accepted, refused: JSON.stringify(memberOf(value, 'rejected')) }
}

interface InvokeReading {
  readonly decision: DecisionView
  /** Time that the customer's server took; undefined where none was asked, or two. */
  readonly customerMs: number | undefined
  readonly isFallback: boolean
}

function readJsonResult(text: string): InvokeReading {
  const value: unknown = JSON.parse(text)
  const decision = memberOf(value, 'decision')
  const kind = memberOf(decision, 'kind')
  if (typeof decision !== 'object' || decision === null || typeof kind !== 'string') {
    throw new Error(`an invoke was answered without a decision: ${text}`)
  }
  const attempt = memberOf(value, 'attempt')
  const isFallback = memberOf(attempt, 'fallback') === true
  const durationMs = memberOf(attempt, 'durationMs')
  const customerMs = typeof durationMs === 'number' && !isFallback ? durationMs : undefined
  return { decision: { ...decision, kind }, customerMs, isFallback }
}

/** The flattened form: names below `decision.` as they stand, values as text. */
function readFormResult(text: string): InvokeReading {
  const content = readForm(text)
  const prefix = 'decision.'
  const members: [string, Scalar][] = Object.entries(content)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value])
  const durationMs = content['attempt.durationMs']
  return {
    decision: { ...Object.fromEntries(members), kind: String(content['decision.kind']) },
    customerMs: durationMs === undefined ? undefined : Number(durationMs),
    isFallback: content['attempt.fallback'] === 'true',
  }
}
