/**
 * The engine: joins plan, outbox, scheduler, invoker and metrics, and is what the ingress and embedding programs call.
 * accept -> route -> render -> send -> interpret -> settle; this file only owns the pieces and hands them to each other.
 */
import { type CatalogPlatform, catalogWith } from '../catalog/catalog.ts'
import { type Clock, systemClock } from '../clock.ts'
import { messageOf, SwitchhookError } from '../errors.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { DeliveryRecord, Hold } from '../model/delivery.ts'
import type { CallEvent } from '../model/event.ts'
import { IdSource } from '../model/ids.ts'
import type { InvalidRequest, RenderedRequest } from '../model/request-spec.ts'
import type { AcceptResult, InvokeResult } from '../model/results.ts'
import type { ControlCommand, DeliveryPage, DeliveryQuery, Outbox } from '../outbox/contract.ts'
import { TRIGGER_RULES } from '../profiles/profiles.ts'
import type { Tracing } from '../tracing/tracing.ts'
import { Accepting } from './accept/accepting.ts'
import { CallContexts } from './calls/call-context.ts'
import { Calls } from './calls/calls.ts'
import { ConfigStatus, type LeftOut } from './config-status.ts'
import { type EngineOptions, type EngineSettings, sendSettings } from './engine-options.ts'
import type { InvokeLimits } from './invoke/invoke.ts'
import { logCircuit } from './log-lines.ts'
import { CurrentPlan } from './plan/current-plan.ts'
import type { PlanChange } from './plan/plan.ts'
import { type Followed, followChanges } from './plan/reload.ts'
import { RandomHex } from './random.ts'
import type { EngineLog } from './reports.ts'
import { type Listener, Running } from './running.ts'
import { Admission } from './send/admission.ts'
import { Standing } from './send/standing.ts'
import { SendingThreads } from './send/threads.ts'
import {
  type EngineState,
  type EngineView,
  type LiveFigures,
  liveFigures,
  publishGauges,
  type Readiness,
  readinessOf,
} from './stats.ts'
import { TraceSource } from './trace.ts'
import { BulkCommands, type PurgeSelection, type ReplayResult, type ReplaySelection } from './upkeep/bulk.ts'
import { type EraseAnswer, type EraseRequest, eraseCaller } from './upkeep/erase.ts'
import { scheduleOf } from './upkeep/maintenance.ts'
import { Remembered } from './upkeep/remembered.ts'
import { Upkeep } from './upkeep/upkeep.ts'

export type { EngineOptions, EngineSettings } from './engine-options.ts'

/** See the head of this file. Main thread only; any number of engines can live in one process. */
export class Engine {
  readonly metrics: Metrics
  /** See `CallsPort`. */
  readonly calls: Calls
  readonly #log: EngineLog
  readonly #clock: Clock
  readonly #random: () => number
  readonly #outbox: Outbox
  readonly #remembered: Remembered
  readonly #admission: Admission
  readonly #contexts: CallContexts
  readonly #traces: TraceSource
  readonly #tracing: Tracing | undefined
  readonly #ids: IdSource
  readonly #current: CurrentPlan
  readonly #threads: SendingThreads
  readonly #config: ConfigStatus
  readonly #view: EngineView
  readonly #upkeep: Upkeep
  readonly #accepting: Accepting
  readonly #bulk: BulkCommands
  readonly #followed: Followed
  #settings: EngineSettings
  #running: Running | undefined
  #storeError: string | undefined
  #isClosing = false

  constructor(options: EngineOptions) {
    this.#settings = options
    this.#log = options.log
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
    this.#outbox = options.outbox
    this.#threads = options.threads ?? new SendingThreads(options)
    this.metrics = this.#threads.metrics
    const hex = new RandomHex()
    this.#traces = new TraceSource((digits) => hex.next(digits))
    this.#tracing = options.tracing
    this.#ids = new IdSource(() => hex.next(10))
    this.#remembered = new Remembered(this.#outbox.notes)
    const context = {
      rules: TRIGGER_RULES,
      metricsRowOf: (id: string) => this.metrics.rowOf(id),
      engineVersion: options.version,
    }
    this.#current = new CurrentPlan({ outbox: this.#outbox, remembered: this.#remembered, context }, options)
    this.#current.forgetActivations().catch((error: unknown) => this.#onStoreError(error))
    this.#contexts = new CallContexts({
      kept: this.#remembered.contexts(),
      keep: (key, context) => this.#remembered.keepContext(key, context),
    })
    const plannedOf = this.#current.planned.bind(this.#current)
    this.calls = new Calls({ outbox: this.#outbox, contexts: this.#contexts, clock: this.#clock, plannedOf })
    const { send: deliveries, invoke: invokes } = options.connections
    this.#admission = new Admission(
      { deliveries, invokes },
      {
        unpark: (webhook) => {
          this.#outbox.unpark(webhook)
          // Also where an invoke gave its place back, of which the scheduler knows nothing.
          this.#running?.scheduler.poke()
        },
        onCircuit: (changed) => {
          this.#remembered.keepCircuit(changed)
          logCircuit(this.#log, changed)
        },
      },
    )
    this.#admission.restore(this.#remembered.circuits(), this.#current.webhooks(), this.#clock.nowMs())
    this.#config = new ConfigStatus(this.metrics, this.#clock.nowMs())
    this.#view = {
      outbox: this.#outbox,
      threads: this.#threads,
      admission: this.#admission,
      contexts: this.#contexts,
      config: this.#config,
      standing: new Standing(this.#outbox, this.#admission, this.#clock, {
        webhooks: () => this.#current.webhooks(),
        lookUp: (id) => this.#current.lookUp(id),
        suspendedOf: (id) => this.#current.plan.suspended.get(id),
      }),
      activation: this.#current.activation,
    }
    publishGauges(this.metrics, this.#view, this.#clock, () => this.#state())
    this.#accepting = new Accepting({
      outbox: this.#outbox,
      current: this.#current,
      contexts: this.#contexts,
      calls: this.calls,
      clock: this.#clock,
      traces: this.#traces,
      tracing: this.#tracing,
      nextId: (nowMs) => this.#ids.next(nowMs),
      random: this.#random,
      metrics: this.metrics,
      onStoreError: (error) => this.#onStoreError(error),
      onStoreWritten: () => this.#onStoreWritten(),
    })
    this.#bulk = new BulkCommands(this.#outbox, this.#clock, () => this.#running?.scheduler.poke())
    this.#upkeep = new Upkeep({
      outbox: this.#outbox,
      clock: this.#clock,
      log: this.#log,
      retention: () => this.#settings.retention,
      scheduleOf: (id) => scheduleOf(this.#current.lookUp(id)),
      deadLetters: {
        inFlightOf: (id) => this.#admission.inFlightOf(id),
        add: (id, count) => this.metrics.delivery(id, 'dead', count),
      },
      onStoreWritten: () => this.#onStoreWritten(),
      onStoreError: (error) => this.#onStoreError(error),
    })
    this.#followed = {
      ...{ threads: this.#threads, admission: this.#admission, upkeep: this.#upkeep, clock: this.#clock },
      webhooks: () => this.#current.webhooks(),
      poke: () => this.#running?.scheduler.poke(),
    }
  }

  /** Starts sending. `listeners` are our own addresses, known only once the ingress listens. */
  start(listeners: readonly Listener[]): void {
    this.#running = new Running({
      threads: this.#threads,
      settings: sendSettings(this.#settings),
      listeners,
      outbox: this.#outbox,
      admission: this.#admission,
      contexts: this.#contexts,
      calls: this.calls,
      clock: this.#clock,
      traces: this.#traces,
      tracing: this.#tracing,
      random: this.#random,
      nextId: (nowMs) => this.#ids.next(nowMs),
      lookUp: (id) => this.#current.lookUp(id),
      log: this.#log,
      onGone: (id) => this.#onGone(id),
      onStoreError: (error) => this.#onStoreError(error),
      onStoreWritten: () => this.#onStoreWritten(),
    })
    this.#upkeep.start()
  }

  /** See `EnginePort.accept`. Throws `unavailable` while the engine is not running, or the store can't write. */
  async accept(events: readonly CallEvent[]): Promise<readonly AcceptResult[]> {
    const { scheduler } = this.#runningOrThrow()
    const results = await this.#accepting.accept(events)
    scheduler.poke()
    return results
  }

  /** See `EnginePort.invoke`. Throws `unavailable` while the engine is not running. */
  async invoke(webhookId: string, event: CallEvent, limits: InvokeLimits): Promise<InvokeResult | undefined> {
    const { invoker } = this.#runningOrThrow()
    const planned = this.#current.planned(webhookId)
    if (planned === undefined) return undefined
    return await invoker.invoke(planned, this.#current.isActive(webhookId), event, limits)
  }

  /** See `EnginePort.render`. */
  async render(webhookId: string, event: CallEvent): Promise<RenderedRequest | InvalidRequest | undefined> {
    const planned = this.#current.planned(webhookId)
    if (planned === undefined) return undefined
    const context = this.#contexts.read(planned.webhook.account, event.subject, this.#clock.nowMs())
    return planned.renderShown({ data: event.data, context })
  }

  accountOf(webhookId: string): string | undefined {
    return this.#current.planned(webhookId)?.webhook.account
  }

  originOf(webhookId: string): string | undefined {
    return this.#current.planned(webhookId)?.webhook.endpoint.origin
  }

  deliveries(query: DeliveryQuery): Promise<DeliveryPage> {
    return this.#outbox.find(query)
  }

  delivery(id: string): Promise<DeliveryRecord | undefined> {
    return this.#outbox.get(id)
  }

  /** See `EnginePort.holdOf`. */
  holdOf(delivery: DeliveryRecord): Hold | undefined {
    return this.#view.standing.holdOf(delivery)
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
    const isDone = await this.#current.setActive(webhookId, isActive, this.#clock.nowMs())
    if (isDone) this.#admission.reconsider(webhookId)
    return isDone
  }

  /** See `EnginePort.replay`. */
  replay(selection: ReplaySelection): Promise<ReplayResult> {
    return this.#bulk.replay(selection)
  }

  /** See `EnginePort.purge`. */
  purge(selection: PurgeSelection): Promise<number> {
    return this.#bulk.purge(selection)
  }

  /** See `EnginePort.erase`. */
  async erase(request: EraseRequest): Promise<EraseAnswer> {
    const { decisions } = this.calls
    const parts = { outbox: this.#outbox, contexts: this.#contexts, decisions, clock: this.#clock }
    const answer = await eraseCaller(parts, request)
    // What stood behind an erased delivery of its ordered call can go out.
    this.#running?.scheduler.poke()
    return answer
  }

  /** Commands that take long end half way; others are not concerned. Call it before the callers are waited for. */
  async stopCommands(): Promise<void> {
    await this.#bulk.stop()
  }

  catalog(): readonly CatalogPlatform[] {
    return catalogWith(this.#settings.dataPoints)
  }

  /** See `EnginePort.stats`. */
  stats(accounts: readonly string[] | 'all' = 'all'): Promise<LiveFigures> {
    return liveFigures(this.#view, this.#state(), this.#current.webhooks(), accounts)
  }

  /** See `EnginePort.readiness`. */
  readiness(): readonly Readiness[] {
    return readinessOf(this.#view, this.#state())
  }

  /**
   * Makes `settings` ready beside those that run, a little at a time, and gives back what puts them into force, all at
   * once: what is in flight ends on those that it began with. One at a time; safe to drop.
   */
  async prepareReload(settings: EngineSettings): Promise<() => void> {
    const swap = await this.#current.prepare(settings)
    return () => {
      this.#settings = settings
      const changes = swap()
      const { send: deliveries, invoke: invokes } = settings.connections
      this.#admission.limit({ deliveries, invokes })
      this.#running?.configure(sendSettings(settings))
      const forgotten = this.#current.forgetActivations()
      Promise.all([forgotten, followChanges(this.#followed, changes, 'circuits-too')]).catch((error: unknown) =>
        this.#onStoreError(error),
      )
    }
  }

  /** Puts single entries into force, all at once and whatever else there is; see {@link prepareReload}. */
  change(change: PlanChange): void {
    const changes = this.#current.change(change)
    const forgotten = this.#current.forgetActivations(changes.removed)
    // Looking for circuits that nobody uses any more takes a look at every webhook.
    const how = this.#admission.hasOpenCircuit(changes.before) ? 'circuits-too' : 'webhooks-alone'
    Promise.all([forgotten, followChanges(this.#followed, changes, how)]).catch((error: unknown) =>
      this.#onStoreError(error),
    )
  }

  /** Whether a webhook is sent what it is triggered by. */
  isActive(webhookId: string): boolean {
    return this.#current.isActive(webhookId)
  }

  /** What can't be used of the configuration now, and is left out. */
  leftOut(entries: readonly LeftOut[]): void {
    this.#config.leftOut = entries
  }

  /** Another configuration was put into force; `issues` tell what of it waits for the next start. */
  configLoaded(issues: readonly string[]): void {
    this.#config.reloaded('success', issues, this.#clock.nowMs())
  }

  /** Another configuration was refused, by reason of `issues`; the one before goes on. */
  configRefused(issues: readonly string[]): void {
    this.#config.reloaded('refused', issues, this.#clock.nowMs())
  }

  /** Stops sending, lets what is in flight end for at most `deadlineMs`, and closes workers, connections and outbox. */
  async close(deadlineMs: number): Promise<void> {
    this.#isClosing = true
    await this.#running?.close(deadlineMs)
    this.#running = undefined
    await this.#threads.close()
    await this.#bulk.stop()
    await this.#upkeep.close()
    await this.#outbox.close()
    this.#tracing?.close(this.#clock.nowMs())
  }

  #state(): EngineState {
    const { isWritable, detail } = this.#outbox.health()
    return {
      webhooks: this.#current.size,
      backlogLimit: this.#settings.backlog.total,
      inFlight: this.#running?.scheduler.inFlight ?? 0,
      storeError: isWritable ? this.#storeError : detail,
      isRunning: this.#running !== undefined,
      isClosing: this.#isClosing,
    }
  }

  #onGone(webhookId: string): void {
    if (!this.#current.isActive(webhookId)) return
    this.#log.warn({ webhook: webhookId }, 'deactivated: the server answered 410 Gone')
    this.#current.gone(webhookId, this.#clock.nowMs()).catch((error: unknown) => this.#onStoreError(error))
    this.#admission.reconsider(webhookId)
  }

  #onStoreError(error: unknown): void {
    // Else the outbox says by itself when it can write again: what it refused meanwhile must not outlast that.
    if (this.#outbox.health().isWritable) this.#storeError = messageOf(error)
    this.metrics.storeError()
    this.#log.error({ err: error }, 'the store can not write')
  }

  #onStoreWritten(): void {
    this.#storeError = undefined
  }

  #runningOrThrow(): Running {
    if (this.#running !== undefined && !this.#isClosing) return this.#running
    throw new SwitchhookError('unavailable', 'the engine is not running')
  }
}
