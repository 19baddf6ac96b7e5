/**
 * The metrics with few series, kept by prom-client: events, HTTP requests, what failed or was refused, the build,
 * process and Node.
 * Invariant: each engine has registries of its own, so that several can live in one process. Main thread only.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { AcceptResult } from '../model/results.ts'
import { BoundedLabels, OTHER } from './bounded-labels.ts'
import { addTo } from './layout.ts'

/** What became of an event, the label `result` of `switchhook_events_total`. */
export type EventResult = AcceptResult['kind']

/** Every {@link EventResult}. */
const EVENT_RESULTS: readonly EventResult[] = ['accepted', 'duplicate', 'rejected']

/** Why events were not taken: their backlog is full, or the store can't write. */
const EVENT_REFUSALS = ['backlog', 'store'] as const

/** One of {@link EVENT_REFUSALS}. */
export type EventRefusal = (typeof EVENT_REFUSALS)[number]

/** Event types with a label of their own: they are free text, so a sender could make up ever more. */
export const EVENT_TYPE_LIMIT = 100

/** Routes with a label of their own; the API has about thirty. */
export const ROUTE_LIMIT = 100

/** Methods of RFC 9110 (section 9) and RFC 5789, and the label of all others. */
const METHODS: readonly string[] = [
  OTHER,
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]

/** Where {@link METHODS} has all others. */
const OTHER_METHOD = 0

/** Above all statuses of HTTP. */
const STATUSES = 600

/** Few series, one registry. */
export class RegisteredMetrics {
  readonly registry: Registry = new Registry()
  readonly #eventTypes = new BoundedLabels(EVENT_TYPE_LIMIT)
  /** By event type and result; plain cells, because events come too fast for prom-client's look-ups. */
  readonly #events = new Float64Array((EVENT_TYPE_LIMIT + 1) * EVENT_RESULTS.length)
  readonly #eventsTotal: Counter<'type' | 'result'>
  readonly #routes = new BoundedLabels(ROUTE_LIMIT)
  /** By route, method and status; plain counts, as those of events. */
  readonly #httpRequests = new Map<number, number>()
  readonly #httpRequestsTotal: Counter<'route' | 'method' | 'status'>
  readonly #replacedBytes: Counter
  readonly #configReloads: Counter<'result'>
  readonly #configLoaded: Gauge
  readonly #configIsLast: Gauge
  readonly #eventsRefused: Counter<'reason'>
  readonly #storeErrors: Counter
  readonly #workerDeaths: Counter<'worker'>

  constructor(version: string) {
    const registers = [this.registry]
    new Gauge({
      name: 'switchhook_build_info',
      help: 'Always 1; the label tells the version.',
      labelNames: ['version'],
      registers,
    }).set({ version }, 1)
    this.#eventsTotal = new Counter({
      name: 'switchhook_events_total',
      help: 'Events handed in, by what became of them.',
      labelNames: ['type', 'result'],
      registers,
    })
    this.#httpRequestsTotal = new Counter({
      name: 'switchhook_http_requests_total',
      help: 'Requests to the HTTP API.',
      labelNames: ['route', 'method', 'status'],
      registers,
    })
    this.#replacedBytes = new Counter({
      name: 'switchhook_replaced_bytes_total',
      help: 'Bytes received that are no text in their charset and were replaced by U+FFFD.',
      registers,
    })
    this.#configReloads = new Counter({
      name: 'switchhook_config_reloads_total',
      help: 'Attempts to load another configuration while running, by what became of them.',
      labelNames: ['result'],
      registers,
    })
    this.#configLoaded = new Gauge({
      name: 'switchhook_config_last_reload_success_timestamp_seconds',
      help: 'When the configuration that runs was loaded, as Unix time.',
      registers,
    })
    this.#configIsLast = new Gauge({
      name: 'switchhook_config_last_reload_successful',
      help: 'Whether the last configuration that was read is the one that runs: 1, or 0 where it was refused.',
      registers,
    })
    this.#eventsRefused = new Counter({
      name: 'switchhook_events_refused_total',
      help: 'Events that were not taken although nothing was wrong with them, by what had no room.',
      labelNames: ['reason'],
      registers,
    })
    this.#storeErrors = new Counter({
      name: 'switchhook_store_errors_total',
      help: 'Changes that the store could not keep.',
      registers,
    })
    this.#workerDeaths = new Counter({
      name: 'switchhook_worker_deaths_total',
      help: 'Worker threads that ended though nobody asked them to, and were replaced.',
      labelNames: ['worker'],
      registers,
    })
    this.#beginAtZero()
  }

  /** These are there from the start: an alert on their growth must not miss the first. */
  #beginAtZero(): void {
    for (const result of ['success', 'refused']) this.#configReloads.inc({ result }, 0)
    for (const reason of EVENT_REFUSALS) this.#eventsRefused.inc({ reason }, 0)
    this.#configIsLast.set(1)
  }

  /** Counts events that were not taken. */
  eventsRefused(reason: EventRefusal, count: number): void {
    this.#eventsRefused.inc({ reason }, count)
  }

  /** Counts a change that the store could not keep. */
  storeError(): void {
    this.#storeErrors.inc()
  }

  /** Counts deaths of a worker; 0 makes it known. */
  workerDeaths(worker: number, count: number): void {
    this.#workerDeaths.inc({ worker: String(worker) }, count)
  }

  /** Counts an attempt to load another configuration. */
  configReload(result: 'success' | 'refused'): void {
    this.#configReloads.inc({ result })
    this.#configIsLast.set(result === 'success' ? 1 : 0)
  }

  /** A configuration was loaded at this time. */
  configLoaded(atMs: number): void {
    this.#configLoaded.set(atMs / 1000)
  }

  /** Counts events of one type. */
  event(type: string, result: EventResult, count: number): void {
    addTo(this.#events, this.#eventCell(this.#eventTypes.rowOf(type), result), count)
  }

  /** Events with this result, of all types. */
  eventTotal(result: EventResult): number {
    let sum = 0
    for (const row of this.#eventTypes.rows()) sum += this.#events[this.#eventCell(row, result)] ?? 0
    return sum
  }

  /** Counts a request to the HTTP API; an unknown method or a status outside 100 to 599 is `other`. */
  httpRequest(route: string, method: string, status: number): void {
    const isStatus = Number.isInteger(status) && status >= 100 && status < STATUSES
    const row = this.#routes.rowOf(route) * METHODS.length + Math.max(OTHER_METHOD, METHODS.indexOf(method))
    const key = row * STATUSES + (isStatus ? status : 0)
    this.#httpRequests.set(key, (this.#httpRequests.get(key) ?? 0) + 1)
  }

  /** Counts bytes that were replaced. */
  replacedBytes(count: number): void {
    this.#replacedBytes.inc(count)
  }

  /** The registry's text. */
  async text(): Promise<string> {
    this.#eventsTotal.reset()
    for (const row of this.#eventTypes.rows()) {
      for (const result of EVENT_RESULTS) {
        const count = this.#events[this.#eventCell(row, result)] ?? 0
        if (count > 0) this.#eventsTotal.inc({ type: this.#eventTypes.nameOf(row), result }, count)
      }
    }
    this.#httpRequestsTotal.reset()
    for (const [key, count] of this.#httpRequests) {
      const row = Math.trunc(key / STATUSES)
      const route = this.#routes.nameOf(Math.trunc(row / METHODS.length))
      const method = METHODS[row % METHODS.length] ?? OTHER
      this.#httpRequestsTotal.inc({ route, method, status: String(key % STATUSES || OTHER) }, count)
    }
    return this.registry.metrics()
  }

  #eventCell(row: number, result: EventResult): number {
    return row * EVENT_RESULTS.length + EVENT_RESULTS.indexOf(result)
  }
}

/**
 * A registry with `process_*` and `nodejs_*` alone. prom-client's observers of garbage collection and of the event loop
 * can't be taken away again and hold their registry: apart from the others they hold nothing of an engine that is gone.
 */
export function processRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}
