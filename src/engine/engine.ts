/**
 * The engine: joins plan, outbox, scheduler, invoker and metrics, and is what the ingress and embedding programs call.
 * accept -> route -> render -> send -> interpret -> settle; this file only owns the pieces and hands them to each other.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type CatalogPlatform, catalogWith, type DataPointDescription } from '../catalog/catalog.ts'
import { type Clock, systemClock } from '../clock.ts'
import { messageOf, SwitchhookError } from '../errors.ts'
import { Metrics } from '../metrics/metrics.ts'
import type { DeliveryRecord } from '../model/delivery.ts'
import type { CallEvent } from '../model/event.ts'
import { IdSource } from '../model/ids.ts'
import type { InvalidRequest, RenderedRequest } from '../model/request-spec.ts'
import type { AcceptResult, InvokeResult } from '../model/results.ts'
import type { ControlCommand, DeliveryPage, DeliveryQuery, Outbox } from '../outbox/contract.ts'
import { TRIGGER_RULES } from '../profiles/profiles.ts'
import { acceptEvents } from './accept.ts'
import { Admission } from './admission.ts'
import { Backlog, type BacklogLimits } from './backlog.ts'
import { CallContexts } from './call-context.ts'
import type { InvokeLimits } from './invoke.ts'
import { maintain, type Retention } from './maintenance.ts'
import { buildPlan, type Plan, type PlanContext, type PlanSource } from './plan.ts'
import { RandomHex } from './random.ts'
import { Remembered } from './remembered.ts'
import type { EngineLog } from './reports.ts'
import { type Listener, Running } from './running.ts'
import { TraceSource } from './trace.ts'

/** What an engine is made of. */
export interface EngineOptions {
  readonly plan: PlanSource
  /** The carrier's own data points, listed beside the catalogue. */
  readonly dataPoints: readonly DataPointDescription[]
  readonly outbox: Outbox
  /** What may wait at the most, and how long what ended is kept. */
  readonly backlog: BacklogLimits
  readonly retention: Retention
  /** Sending threads; 0: everything on the main thread; `auto`: one a core, but one for the main thread, at least one. */
  readonly workers: number | 'auto'
  /** Most connections to one endpoint, for deliveries (over all workers) and for invokes. */
  readonly connections: { readonly send: number; readonly invoke: number }
  /** Switchhook's version. */
  readonly version: string
  readonly log: EngineLog
  readonly clock?: Clock
  /** In [0, 1), for jitter; default `Math.random`. */
  readonly random?: () => number
}

/** How often expired and outlived deliveries are looked for. */
const MAINTENANCE_INTERVAL_MS = 60_000

/** See the head of this file. Main thread only; any number of engines can live in one process. */
export class Engine {
  readonly metrics: Metrics
  readonly #options: EngineOptions
  readonly #clock: Clock
  readonly #random: () => number
  readonly #outbox: Outbox
  readonly #remembered: Remembered
  readonly #admission: Admission
  readonly #contexts: CallContexts
  readonly #traces: TraceSource
  readonly #ids: IdSource
  readonly #planContext: PlanContext
  /** Activation by command or by a 410, which goes before what the configuration says. */
  readonly #activation: Map<string, boolean>
  #plan: Plan
  #backlog: Backlog
  #running: Running | undefined
  #maintenanceTimer: NodeJS.Timeout | undefined
  #maintenance: Promise<void> = Promise.resolve()
  #storeError: string | undefined
  #isClosing = false

  constructor(options: EngineOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
    this.#outbox = options.outbox
    this.metrics = new Metrics({ version: options.version })
    const hex = new RandomHex()
    this.#traces = new TraceSource((digits) => hex.next(digits))
    this.#ids = new IdSource(() => hex.next(10))
    this.#planContext = {
      rules: TRIGGER_RULES,
      metricsRowOf: (id) => this.metrics.rowOf(id),
      engineVersion: options.version,
    }
    this.#plan = buildPlan(options.plan, this.#planContext)
    this.#backlog = new Backlog(this.#outbox, options.backlog, options.plan.webhooks)
    this.#remembered = new Remembered(this.#outbox.notes)
    this.#activation = new Map(this.#remembered.activations())
    this.#contexts = new CallContexts({
      kept: this.#remembered.contexts(),
      keep: (key, context) => this.#remembered.keepContext(key, context),
    })
    const { send: deliveries, invoke: invokes } = options.connections
    this.#admission = new Admission(
      { deliveries, invokes },
      {
        unpark: (webhook) => {
          this.#outbox.unpark(webhook)
          // Also where an invoke gave its place back, of which the scheduler knows nothing.
          this.#running?.scheduler.poke()
        },
        onCircuit: (changed) => this.#remembered.keepCircuit(changed),
      },
    )
    this.#admission.restore(this.#remembered.circuits(), options.plan.webhooks, this.#clock.nowMs())
    this.#publishGauges()
  }

  /** Starts workers and sending. `listeners` are our own addresses, known only once the ingress listens. */
  start(listeners: readonly Listener[]): void {
    this.#running = new Running({
      ...this.#options,
      listeners,
      pointNames: this.#plan.source.pointNames,
      metrics: this.metrics,
      admission: this.#admission,
      contexts: this.#contexts,
      clock: this.#clock,
      traces: this.#traces,
      random: this.#random,
      nextId: (nowMs) => this.#ids.next(nowMs),
      lookUp: (id) => {
        const planned = this.#plan.webhooks.get(id)
        return planned === undefined ? undefined : { planned, isActive: this.#isActive(id) }
      },
      onGone: (id) => this.#onGone(id),
      onStoreError: (error) => this.#onStoreError(error),
      onStoreWritten: () => this.#onStoreWritten(),
    })
    this.#maintenanceTimer = setInterval(() => this.#maintain(), MAINTENANCE_INTERVAL_MS)
    this.#maintain()
  }

  /** See `EnginePort.accept`. Throws `unavailable` while the engine is not running, or the store can't write. */
  async accept(events: readonly CallEvent[]): Promise<readonly AcceptResult[]> {
    const { scheduler } = this.#runningOrThrow()
    const startedAt = this.#clock.monotonicMs()
    const parts = {
      outbox: this.#outbox,
      backlog: this.#backlog,
      contexts: this.#contexts,
      clock: this.#clock,
      traces: this.#traces,
      nextId: (nowMs: number) => this.#ids.next(nowMs),
      random: this.#random,
      isActive: (id: string) => this.#isActive(id),
    }
    const results = await acceptEvents(parts, this.#plan, events).catch((error: unknown) => this.#failStore(error))
    this.#onStoreWritten()
    this.metrics.recorder.overhead('store', this.#clock.monotonicMs() - startedAt)
    for (const [index, result] of results.entries()) this.metrics.event(events[index]?.type ?? '', result.kind)
    scheduler.poke()
    return results
  }

  /** See `EnginePort.invoke`. Throws `unavailable` while the engine is not running. */
  async invoke(webhookId: string, event: CallEvent, limits: InvokeLimits): Promise<InvokeResult | undefined> {
    const { invoker } = this.#runningOrThrow()
    const planned = this.#plan.webhooks.get(webhookId)
    if (planned === undefined) return undefined
    return await invoker.invoke(planned, this.#isActive(webhookId), event, limits)
  }

  /** See `EnginePort.render`. */
  async render(webhookId: string, event: CallEvent): Promise<RenderedRequest | InvalidRequest | undefined> {
    const planned = this.#plan.webhooks.get(webhookId)
    if (planned === undefined) return undefined
    const context = this.#contexts.read(planned.webhook.account, event.subject, this.#clock.nowMs())
    return planned.render({ data: event.data, context })
  }

  accountOf(webhookId: string): string | undefined {
    return this.#plan.webhooks.get(webhookId)?.webhook.account
  }

  originOf(webhookId: string): string | undefined {
    return this.#plan.webhooks.get(webhookId)?.webhook.endpoint.origin
  }

  deliveries(query: DeliveryQuery): Promise<DeliveryPage> {
    return this.#outbox.find(query)
  }

  delivery(id: string): Promise<DeliveryRecord | undefined> {
    return this.#outbox.get(id)
  }

  /** See `EnginePort.retry`. */
  async retry(id: string): Promise<{ readonly kind: 'retried' } | { readonly kind: 'not-found' }> {
    const touched = await this.control({ kind: 'retry', id, atMs: this.#clock.nowMs() })
    return touched === 0 ? { kind: 'not-found' } : { kind: 'retried' }
  }

  /** Carries out a command on the outbox; resolves to the number of deliveries touched. */
  async control(command: ControlCommand): Promise<number> {
    const touched = await this.#outbox.control(command)
    this.#running?.scheduler.poke()
    return touched
  }

  /** Activates or deactivates a webhook, durably; its deliveries are held meanwhile. False where there is none. */
  async setActive(webhookId: string, isActive: boolean): Promise<boolean> {
    if (!this.#plan.webhooks.has(webhookId)) return false
    this.#activation.set(webhookId, isActive)
    this.#admission.reconsider(webhookId)
    await this.#remembered.keepActivation(webhookId, isActive)
    return true
  }

  catalog(): readonly CatalogPlatform[] {
    return catalogWith(this.#options.dataPoints)
  }

  /** Live figures, JSON values only. */
  stats(): Readonly<Record<string, unknown>> {
    return {
      ...this.metrics.snapshot(),
      outbox: this.#outbox.counts(),
      inFlight: this.#running?.scheduler.inFlight ?? 0,
      calls: this.#contexts.size,
      webhooks: this.#plan.webhooks.size,
      deactivated: [...this.#activation].filter(([, isActive]) => !isActive).map(([id]) => id),
      circuits: [...this.#admission.circuits()]
        .filter(({ circuit }) => circuit.kind !== 'closed')
        .map(({ endpoint, account, circuit }) => ({ endpoint: endpoint.origin, account, ...circuit })),
      workers: (this.#running?.senders ?? []).map(({ name, inFlight, isReady }) => ({ name, inFlight, isReady })),
    }
  }

  /** See `EnginePort.readiness`. */
  readiness(): readonly { readonly name: string; readonly ready: boolean; readonly detail: string }[] {
    const ready = this.#running?.senders.filter((sender) => sender.isReady || sender.inFlight > 0).length ?? 0
    const wanted = this.#running?.senders.length ?? 0
    return [
      { name: 'store', ready: this.#storeError === undefined, detail: this.#storeError ?? 'open' },
      { name: 'workers', ready: ready > 0 && ready === wanted, detail: `${ready} of ${wanted} up` },
      { name: 'accepting', ready: !this.#isClosing, detail: this.#isClosing ? 'shutting down' : 'yes' },
    ]
  }

  /** Stops sending, lets what is in flight end for at most `deadlineMs`, and closes workers, connections and outbox. */
  async close(deadlineMs: number): Promise<void> {
    this.#isClosing = true
    clearInterval(this.#maintenanceTimer)
    const running = this.#running
    await running?.close(deadlineMs)
    this.#running = undefined
    await this.#maintenance
    await this.#outbox.close()
  }

  #maintain(): void {
    const parts = {
      outbox: this.#outbox,
      retention: this.#options.retention,
      scheduleOf: (id: string) => this.#plan.webhooks.get(id)?.webhook.scheduleMs,
      pause: () => nextTurn(),
      isStopping: () => this.#isClosing,
    }
    this.#maintenance = this.#maintenance
      .then(() => maintain(parts, this.#clock.nowMs()))
      .then(({ expired, purged }) => {
        this.#onStoreWritten()
        if (expired > 0)
          this.#options.log.warn({ expired }, 'deliveries were held for too long and are dead letters now')
        if (purged > 0) this.#options.log.info({ purged }, 'deliveries were forgotten, their time had passed')
      })
      .catch((error: unknown) => this.#onStoreError(error))
  }

  #publishGauges(): void {
    this.metrics.outbox(() => {
      const { pending, delivered, dead, oldestAcceptedAtMs } = this.#outbox.counts()
      const oldestMs = oldestAcceptedAtMs === undefined ? 0 : this.#clock.nowMs() - oldestAcceptedAtMs
      return { pending, delivered, dead, oldestMs: Math.max(0, oldestMs) }
    })
    this.metrics.circuits(() =>
      [...this.#admission.circuits()].map(({ endpoint, circuit }) => ({
        endpoint: endpoint.origin,
        state: circuit.kind,
      })),
    )
    this.metrics.workers(() =>
      (this.#running?.senders ?? []).map((sender, index) => ({ worker: index + 1, utilization: sender.utilization() })),
    )
  }

  #isActive(webhookId: string): boolean {
    return this.#activation.get(webhookId) ?? this.#plan.webhooks.get(webhookId)?.webhook.active ?? false
  }

  #onGone(webhookId: string): void {
    if (!this.#isActive(webhookId)) return
    this.#options.log.warn({ webhook: webhookId }, 'deactivated: the server answered 410 Gone')
    this.setActive(webhookId, false).catch((error: unknown) => this.#onStoreError(error))
  }

  #onStoreError(error: unknown): void {
    this.#storeError = messageOf(error)
    this.#options.log.error({ err: error }, 'the store can not write')
  }

  #onStoreWritten(): void {
    this.#storeError = undefined
  }

  #failStore(error: unknown): never {
    this.#onStoreError(error)
    throw new SwitchhookError('unavailable', 'the store can not write at the moment', { cause: error })
  }

  #runningOrThrow(): Running {
    if (this.#running !== undefined && !this.#isClosing) return this.#running
    throw new SwitchhookError('unavailable', 'the engine is not running')
  }
}
