/**
 * All metrics of one engine (contract, section 5), on the main thread. Threads count in blocks of shared memory, which cost
 * nothing until a scrape sums them up; a scrape never holds the main thread for long at a stretch.
 * Invariant: every label is bounded. Used by engine, worker host and ingress, which call in here where something happens.
 */
import type { Registry } from 'prom-client'
import { Blocks } from './blocks.ts'
import { BoundedLabels } from './bounded-labels.ts'
import { EndpointLatencies } from './endpoint-latencies.ts'
import { type ExemplarHistogram, Exemplars } from './exemplars.ts'
import { joinInSlices } from './exposition.ts'
import {
  type CircuitLevel,
  type GaugeSources,
  Gauges,
  type HeldLevel,
  type OutboxLevel,
  type ReadyLevel,
  type SpaceLevel,
  type WorkerLevel,
} from './gauges.ts'
import {
  ATTEMPT_RESULTS,
  ATTEMPTS_AT,
  createBlock,
  DELIVERIES_AT,
  DELIVERY_RESULTS,
  type DeliveryResult,
  INVOKE_RESULTS,
  INVOKES_AT,
  type InvokeResult,
  rowAt,
  WEBHOOK_LIMIT,
} from './layout.ts'
import { Recorder } from './recorder.ts'
import { type EventRefusal, type EventResult, processRegistry, RegisteredMetrics } from './registered.ts'
import { renderScrape, type ScrapeRenderer } from './scrape.ts'
import { PLAIN, type ScrapeFormat } from './scrape-format.ts'
import type { MetricsSnapshot } from './snapshot.ts'
import { WindowedHistogram } from './windowed-histogram.ts'

/** Endpoints with a label of their own (contract, section 5). */
export const ENDPOINT_LIMIT = 1000

/** How metrics are set up. */
export interface MetricsOptions {
  /** Switchhook's version, shown as `switchhook_build_info`. */
  readonly version: string
  /** A clock in milliseconds that never goes back, for windows and rates; default: the process's own. */
  readonly monotonicMs?: () => number
  /** Whether `process_*` and `nodejs_*` are shown; default true. False where the embedding program shows its own. */
  readonly showsProcess?: boolean
  /** Whether anything is counted; default true. Without it there are only gauges, and counters that stay at 0. */
  readonly isCounting?: boolean
  /** Who makes the text of scrapes; default: the thread that asks, in slices. */
  readonly renderer?: ScrapeRenderer
}

/** The metrics of one engine. Main thread only. */
export class Metrics {
  /** The main thread's own pen, for attempts and overhead there; not to be used in any other thread. */
  readonly recorder: Recorder
  readonly #blocks = new Blocks()
  readonly #webhooks = new BoundedLabels(WEBHOOK_LIMIT)
  readonly #latencies: EndpointLatencies
  readonly #recentInvokes = new WindowedHistogram()
  readonly #exemplars = new Exemplars()
  readonly #renderer: ScrapeRenderer
  readonly #registered: RegisteredMetrics
  readonly #process: Registry | undefined
  readonly #sources: GaugeSources = {}
  readonly #gauges: Gauges
  readonly #monotonicMs: () => number
  readonly #isCounting: boolean

  constructor(options: MetricsOptions) {
    const endpoints = new BoundedLabels(ENDPOINT_LIMIT)
    this.#isCounting = options.isCounting !== false
    const block = this.#isCounting ? createBlock() : undefined
    if (block !== undefined) this.#blocks.add(block)
    this.recorder = new Recorder(block)
    this.#latencies = new EndpointLatencies(endpoints)
    this.#registered = new RegisteredMetrics(options.version)
    this.#gauges = new Gauges(endpoints, this.#sources)
    this.#process = options.showsProcess === false || !this.#isCounting ? undefined : processRegistry()
    this.#renderer = options.renderer ?? { render: renderScrape }
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now())
  }

  /** Counts in a worker's block, made by `createBlock`. Safe to call twice. */
  addThread(block: SharedArrayBuffer): void {
    this.#blocks.add(block)
  }

  /** Keeps the counts of a worker that has ended; call it after its `exit`. Safe to call twice. */
  removeThread(block: SharedArrayBuffer): void {
    this.#blocks.fold(block)
  }

  /** The row under which any thread counts this webhook, for good; past 1,000 webhooks the row of `other`. */
  rowOf(webhook: string): number {
    return this.#webhooks.rowOf(webhook)
  }

  /** Counts events handed in; their types are free text. */
  event(type: string, result: EventResult, count = 1): void {
    if (this.#isCounting) this.#registered.event(type, result, count)
  }

  /** Counts what became of deliveries. */
  delivery(webhook: string, result: DeliveryResult, count = 1): void {
    this.recorder.delivery(this.rowOf(webhook), result, count)
  }

  /** Counts an invoke, from its request to its decision. */
  invoke(webhook: string, result: InvokeResult, durationMs: number): void {
    this.recorder.invoke(this.rowOf(webhook), result, durationMs)
    if (this.#isCounting) this.#recentInvokes.record(durationMs, this.#monotonicMs())
  }

  /** Counts the time from a delivery's acceptance to its first attempt. */
  lag(durationMs: number): void {
    this.recorder.engine('deliveryLag', durationMs)
  }

  /** Counts a transaction of the store, from its first write to its being on disk. */
  storeCommit(durationMs: number): void {
    this.recorder.engine('storeCommit', durationMs)
  }

  /** Counts a change that the store could not keep. */
  storeError(): void {
    this.#registered.storeError()
  }

  /** Counts events that were not taken although nothing was wrong with them. */
  eventsRefused(reason: EventRefusal, count: number): void {
    this.#registered.eventsRefused(reason, count)
  }

  /** Counts deaths of the worker at a place from 1; a count of 0 makes it known, so that the first death is growth. */
  workerDeaths(worker: number, count: number): void {
    this.#registered.workerDeaths(worker, count)
  }

  /** Keeps the trace of a call or an attempt, to be found from the bucket that its duration is counted in. */
  exemplar(webhook: string, histogram: ExemplarHistogram, durationMs: number, traceparent: string, atMs: number): void {
    if (this.#isCounting) this.#exemplars.record(this.rowOf(webhook), histogram, durationMs, traceparent, atMs)
  }

  /** Counts an endpoint's latency; `endpoint` is what is shown as its label. */
  endpointLatency(endpoint: string, latencyMs: number): void {
    if (this.#isCounting) this.#latencies.record(endpoint, latencyMs, this.#monotonicMs())
  }

  /** Counts a request to the HTTP API; `route` is the pattern (`/v1/webhooks/{id}`), not the path. */
  httpRequest(route: string, method: string, status: number): void {
    if (this.#isCounting) this.#registered.httpRequest(route, method, status)
  }

  /** Counts bytes that were no text in their charset. */
  replacedBytes(count: number): void {
    this.#registered.replacedBytes(count)
  }

  /** Counts an attempt to load another configuration. */
  configReload(result: 'success' | 'refused'): void {
    this.#registered.configReload(result)
  }

  /** Tells when the configuration that runs was loaded, in Unix milliseconds. */
  configLoaded(atMs: number): void {
    this.#registered.configLoaded(atMs)
  }

  /** Tells whom to ask for the outbox's level at a scrape. */
  outbox(source: () => OutboxLevel): void {
    this.#sources.outbox = source
  }

  /** Tells whom to ask for the room on the store's disk at a scrape; undefined: not known. */
  space(source: () => SpaceLevel | undefined): void {
    this.#sources.space = source
  }

  /** Tells whom to ask at a scrape for what must work. */
  ready(source: () => Iterable<ReadyLevel>): void {
    this.#sources.ready = source
  }

  /** Tells whom to ask for the circuits at a scrape. */
  circuits(source: () => Iterable<CircuitLevel>): void {
    this.#sources.circuits = source
  }

  /** Tells whom to ask at a scrape for what is held. */
  held(source: () => Iterable<HeldLevel | undefined>): void {
    this.#sources.held = source
  }

  /** Tells whom to ask for the workers' load at a scrape. */
  workers(source: () => Iterable<WorkerLevel>): void {
    this.#sources.workers = source
  }

  /** Everything in the Prometheus text format. Rejects with what a gauge's source throws. */
  async text(): Promise<string> {
    return Buffer.from(await this.scrape(PLAIN)).toString()
  }

  /** Everything in this format, encoded. Rejects with what a gauge's source throws. */
  async scrape(format: ScrapeFormat): Promise<Uint8Array> {
    const rest = [await joinInSlices(this.#gauges.families()), await this.#registered.text()]
    if (this.#process !== undefined) rest.push(await this.#process.metrics())
    return await this.#renderer.render({
      blocks: this.#blocks.shared,
      webhooks: this.#webhooks.names,
      exemplars: this.#exemplars.all,
      endpoints: this.#latencies.read(this.#monotonicMs()),
      rest: rest.join(''),
      format,
    })
  }

  /** Totals and recent latencies for a console line. */
  snapshot(): MetricsSnapshot {
    const nowMs = this.#monotonicMs()
    const invokeP50Ms = this.#recentInvokes.quantileMs(0.5, nowMs)
    const invokeP99Ms = this.#recentInvokes.quantileMs(0.99, nowMs)
    return {
      atMs: nowMs,
      events: this.#registered.eventTotal('accepted'),
      attempts: this.#sumOverRows(ATTEMPTS_AT, ATTEMPT_RESULTS.length),
      delivered: this.#deliveries('delivered'),
      retries: this.#deliveries('retried'),
      dead: this.#deliveries('dead'),
      invokes: this.#sumOverRows(INVOKES_AT, INVOKE_RESULTS.length),
      ...(invokeP50Ms === undefined ? {} : { invokeP50Ms }),
      ...(invokeP99Ms === undefined ? {} : { invokeP99Ms }),
    }
  }

  #deliveries(result: DeliveryResult): number {
    return this.#sumOverRows(DELIVERIES_AT + DELIVERY_RESULTS.indexOf(result), 1)
  }

  #sumOverRows(offset: number, count: number): number {
    let sum = 0
    for (const row of this.#webhooks.rows()) {
      for (let index = 0; index < count; index += 1) sum += this.#blocks.total(rowAt(row) + offset + index)
    }
    return sum
  }
}
