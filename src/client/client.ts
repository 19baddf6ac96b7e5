/**
 * `switchhook/client`: a typed client of the HTTP API, for programs and for the command line. Each method is one call of the
 * API, lists and long commands go on by themselves. What is refused is thrown as {@link ProblemError}, and where nobody
 * answers {@link UnreachableError}; what can't be asked for at all {@link RequestError}.
 */
import type { InvokeResult } from '../model/results.ts'
import {
  type Delivery,
  type DeliveryFilter,
  type DeliveryPage,
  type EraseOrder,
  type EraseSums,
  type EventInput,
  hasShape,
  type PurgeOrder,
  type Readiness,
  type RenderAnswer,
  type ReplayOrder,
  read,
  type SendAnswer,
} from './answers.ts'
import type {
  CallPage,
  CallQuery,
  CatalogPlatform,
  RecentCall,
  RecentCallsQuery,
  TemplateField,
} from './call-answers.ts'
import { type ExportedConfig, exportConfig } from './export-config.ts'
import { ApiConnection, type ClientOptions, path } from './http.ts'
import { type ConfigSections, ManagedEntries, type ManagedEntry, type ManagedKind } from './managed.ts'
import { type MetricSample, readMetrics } from './metrics-text.ts'
import { ProblemError } from './problem.ts'
import { type EventOutcome, type EventSource, type StreamOptions, sendStream } from './send-stream.ts'
import type { Stats } from './stats-answer.ts'
import { type Happening, type WatchFilter, type WatchOptions, watch } from './watch.ts'

export type { Decision, Reason } from '../model/decision.ts'
export type { InvokeResult } from '../model/results.ts'
export type {
  Attempt,
  Delivery,
  DeliveryFilter,
  DeliveryPage,
  EraseOrder,
  EraseSums,
  EventInput,
  PurgeOrder,
  Readiness,
  RenderAnswer,
  ReplayOrder,
  SendAnswer,
} from './answers.ts'
export type {
  CallEntry,
  CallPage,
  CallQuery,
  CallTry,
  CatalogPlatform,
  CatalogPoint,
  RecentCall,
  RecentCallsQuery,
  ShownRequest,
  TemplateField,
} from './call-answers.ts'
export type { ExportedConfig, Placeholder } from './export-config.ts'
export { type ClientOptions, DEFAULT_URL } from './http.ts'
export type {
  ChangeCondition,
  ManagedConfig,
  ManagedEntries,
  ManagedEntry,
  ManagedFilter,
  ManagedPage,
} from './managed.ts'
export type { MetricSample } from './metrics-text.ts'
export { type Problem, ProblemError, type ProblemPart, RequestError, UnreachableError } from './problem.ts'
export type { EventOutcome, EventSource, StreamOptions } from './send-stream.ts'
export type { Stats } from './stats-answer.ts'
export type { Happening, WatchFilter, WatchOptions } from './watch.ts'

/** How an invoke is limited. */
export interface InvokeLimits {
  /** Whole seconds from 1: the most time for all of it; never lengthens the webhook's own limits. */
  readonly waitS?: number
  /** Aborted: the engine ends the invoke, whose decision is recorded as `cancelled`. */
  readonly signal?: AbortSignal
}

/** How often an export begins anew because something was changed meanwhile. */
const EXPORT_TRIES = 5

/** An event, or the JSON text of one as it stands in a file. */
type OneEvent = EventInput | string

/** See the head of this file. Safe to use for many calls at once; there is nothing to close. */
export class SwitchhookClient {
  readonly templates: ManagedEntries
  readonly webhooks: ManagedEntries
  readonly bindings: ManagedEntries
  readonly #connection: ApiConnection

  /** Throws {@link RequestError} where URL or token can't be used. */
  constructor(options: ClientOptions = {}) {
    this.#connection = new ApiConnection(options)
    this.templates = new ManagedEntries(this.#connection, 'templates')
    this.webhooks = new ManagedEntries(this.#connection, 'webhooks')
    this.bindings = new ManagedEntries(this.#connection, 'bindings')
  }

  /** Sends events in one request; resolves when each is durable or refused. Throws where none was accepted. */
  async send(...events: readonly EventInput[]): Promise<SendAnswer> {
    const shape = { accepted: 'list', duplicates: 'list', rejected: 'list' } as const
    return read<SendAnswer>(await this.#post('v1/events', events), shape)
  }

  /** Sends any number of events with back-pressure and tells what became of each: see `send-stream.ts`. */
  sendStream(events: EventSource, options?: StreamOptions): AsyncGenerator<EventOutcome> {
    return sendStream(this.#connection, events, options)
  }

  /** Asks a webhook's server what a live call does next; a server that fails is a decision `backup`, not an error. */
  async invoke(webhook: string, event: OneEvent, { waitS, signal }: InvokeLimits = {}): Promise<InvokeResult> {
    const answer = await this.#connection.ask({
      method: 'POST',
      path: path`v1/webhooks/${webhook}/invoke`,
      body: textOf(event),
      ...(waitS === undefined ? {} : { headers: { prefer: `wait=${waitS}` } }),
      ...(signal === undefined ? {} : { signal }),
    })
    return read<InvokeResult>(answer, { deliveryId: 'text', webhook: 'text', decision: 'object' })
  }

  /** The request that an invoke would send; nothing is sent. */
  async render(webhook: string, event: OneEvent): Promise<RenderAnswer> {
    const answer = await this.#post(path`v1/webhooks/${webhook}/render`, event)
    return read<RenderAnswer>(answer, { method: 'text', url: 'text', headers: 'object' })
  }

  /** What a webhook, as it is now, would be sent for the event of a delivery; any webhook of the delivery's account. */
  async renderDelivery(delivery: string, webhook: string): Promise<RenderAnswer> {
    const query = new URLSearchParams({ delivery })
    const answer = await this.#post(`${path`v1/webhooks/${webhook}/render`}?${query}`)
    return read<RenderAnswer>(answer, { method: 'text', url: 'text', headers: 'object' })
  }

  /** All deliveries that a filter lets through, newest first, fetched a page at a time as they are asked for. */
  async *deliveries(filter: DeliveryFilter = {}, pageSize = 100): AsyncGenerator<Delivery> {
    let cursor: string | null = null
    do {
      const page: DeliveryPage = await this.deliveryPage(filter, pageSize, cursor)
      yield* page.deliveries
      cursor = page.next ?? null
    } while (cursor !== null)
  }

  /** One page of them; `pageSize` from 1 to 1,000, `cursor` is `next` of the page before. */
  async deliveryPage(filter: DeliveryFilter, pageSize = 100, cursor: string | null = null): Promise<DeliveryPage> {
    const query = new URLSearchParams({ limit: String(pageSize) })
    for (const [name, value] of Object.entries({ ...filter, cursor })) if (value !== null) query.set(name, value)
    return read<DeliveryPage>(await this.#get(`v1/deliveries?${query}`), { deliveries: 'list' })
  }

  async delivery(id: string): Promise<Delivery> {
    return read<Delivery>(await this.#get(path`v1/deliveries/${id}`), { id: 'text', state: 'text', attempts: 'list' })
  }

  /** Sends a delivery again, now; resolves when it waits, durably. */
  async retry(id: string): Promise<void> {
    read<object>(await this.#post(path`v1/deliveries/${id}/retry`), { id: 'text', state: 'text' })
  }

  /** Sends many ended deliveries of a webhook again; resolves to how many, when all of them wait, durably. */
  async replay(webhook: string, order: ReplayOrder = {}): Promise<number> {
    const answer = await this.#post(path`v1/webhooks/${webhook}/replay`, order)
    return read<{ replayed: number }>(answer, { replayed: 'number' }).replayed
  }

  /** Removes ended deliveries for good; resolves to how many. */
  async purge(order: PurgeOrder): Promise<number> {
    return read<{ purged: number }>(await this.#post('v1/deliveries/purge', order), { purged: 'number' }).purged
  }

  async activate(webhook: string): Promise<void> {
    read<object>(await this.#post(path`v1/webhooks/${webhook}/activate`), { id: 'text' })
  }

  /** Holds a webhook's deliveries until it is activated again. */
  async deactivate(webhook: string): Promise<void> {
    read<object>(await this.#post(path`v1/webhooks/${webhook}/deactivate`), { id: 'text' })
  }

  /** Erases what is kept of a call or a number, in as many requests as it takes. */
  async erase(order: EraseOrder): Promise<EraseSums> {
    const sums = { events: 0, deliveries: 0, pending: 0 }
    let cursor: string | null = null
    do {
      const asked: object = cursor === null ? order : { ...order, cursor }
      const shape = { events: 'number', deliveries: 'number', pending: 'number' } as const
      const answer = read<EraseSums & { next: string | null }>(await this.#post('v1/erase', asked), shape)
      sums.events += answer.events
      sums.deliveries += answer.deliveries
      sums.pending += answer.pending
      cursor = answer.next ?? null
    } while (cursor !== null)
    return sums
  }

  /** A page of a call's story: its latest entries, the oldest of them first. */
  async call(subject: string, { limit, ...named }: CallQuery = {}): Promise<CallPage> {
    const query = new URLSearchParams(named)
    if (limit !== undefined) query.set('limit', String(limit))
    const answer = await this.#get(`${path`v1/calls/${subject}`}?${query}`)
    return read<CallPage>(answer, { subject: 'text', account: 'text', context: 'object', entries: 'list' })
  }

  /** The calls of which something happened last, the latest first. */
  async recentCalls({ account, limit }: RecentCallsQuery = {}): Promise<readonly RecentCall[]> {
    const query = new URLSearchParams(account === undefined ? {} : { account })
    if (limit !== undefined) query.set('limit', String(limit))
    return read<{ calls: readonly RecentCall[] }>(await this.#get(`v1/calls?${query}`), { calls: 'list' }).calls
  }

  /** What happens, as it happens, also after lost connections: see `watch.ts`. */
  watch(filter: WatchFilter = {}, options: WatchOptions = {}): AsyncGenerator<Happening> {
    return watch(this.#connection, filter, options)
  }

  /** All data points by platform. */
  async catalog(): Promise<readonly CatalogPlatform[]> {
    const answer = await this.#get('v1/catalog')
    return read<{ platforms: readonly CatalogPlatform[] }>(answer, { platforms: 'list' }).platforms
  }

  /** The fields of a template's format, by their paths. */
  async extract(type: 'json' | 'xml', format: string): Promise<readonly TemplateField[]> {
    const answer = await this.#post('v1/templates/extract', { type, format })
    return read<{ fields: readonly TemplateField[] }>(answer, { fields: 'list' }).fields
  }

  /**
   * The whole configuration as it is in force, as a file can hold it; takes a token for all accounts. Throws where it never
   * stands still for long enough to be read.
   */
  async export(): Promise<ExportedConfig> {
    for (let tries = 0; tries < EXPORT_TRIES; tries += 1) {
      const before = await this.#sections()
      const templates = await this.#allOf('templates')
      const webhooks = await this.#allOf('webhooks')
      const bindings = await this.#allOf('bindings')
      const after = await this.#sections()
      if (before.revision === after.revision) return exportConfig(after.config, { templates, webhooks, bindings })
    }
    const detail = `It has changed while it was read, ${EXPORT_TRIES} times: try again`
    throw new ProblemError(
      { status: 409, type: 'about:blank', title: 'The configuration does not stand still', detail, errors: [] },
      undefined,
      undefined,
    )
  }

  /** Live figures, as they stand in the API. */
  async stats(signal?: AbortSignal): Promise<Stats> {
    const request = { method: 'GET', path: 'v1/stats' } as const
    const answer = await this.#connection.ask(signal === undefined ? request : { ...request, signal })
    return read<Stats>(answer, { outbox: 'object', deactivated: 'list', circuits: 'list', held: 'object' })
  }

  /** All metrics as they are now; takes a token for all accounts. */
  async metrics(signal?: AbortSignal): Promise<readonly MetricSample[]> {
    return readMetrics(await this.#connection.askText('metrics', 'text/plain', signal))
  }

  /** At which level the engine logs; takes a token for all accounts. */
  async logLevel(): Promise<string> {
    return read<{ level: string }>(await this.#get('v1/log'), { level: 'text' }).level
  }

  /** Logs at this level from now on, `debug`, `info`, `warn` or `error`; resolves to the level before. */
  async setLogLevel(level: string): Promise<string> {
    const answer = await this.#connection.ask({ method: 'PUT', path: 'v1/log', body: JSON.stringify({ level }) })
    return read<{ before: string }>(answer, { level: 'text', before: 'text' }).before
  }

  /** Whether traffic should come; an engine that says no is an answer, not an error. */
  async readyz(): Promise<Readiness> {
    try {
      return { isReady: true, checks: read<Readiness>(await this.#get('readyz'), { checks: 'list' }).checks }
    } catch (error) {
      if (!(error instanceof ProblemError) || !hasShape(error.answer, { checks: 'list' })) throw error
      return { isReady: false, checks: read<Readiness>(error.answer, { checks: 'list' }).checks }
    }
  }

  async #sections(): Promise<ConfigSections> {
    return read<ConfigSections>(await this.#get('v1/config'), { revision: 'text', config: 'object' })
  }

  async #allOf(kind: ManagedKind): Promise<readonly ManagedEntry[]> {
    const entries: ManagedEntry[] = []
    for await (const entry of this[kind].list({}, 1000)) entries.push(entry)
    return entries
  }

  async #get(target: string): Promise<unknown> {
    return await this.#connection.ask({ method: 'GET', path: target })
  }

  async #post(target: string, body?: object | string): Promise<unknown> {
    const request = { method: 'POST', path: target } as const
    return await this.#connection.ask(body === undefined ? request : { ...request, body: textOf(body) })
  }
}

function textOf(body: object | string): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}
