/**
 * The engine: joins plan, outbox, scheduler, invoker and metrics, and is what the ingress and embedding programs call.
 * accept -> route -> render -> send -> interpret -> settle; this file only owns the pieces and hands them to each other.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
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
import { acceptEvents } from './accept.ts'
import { Admission } from './admission.ts'
import { Backlog } from './backlog.ts'
import { BulkCommands, type PurgeSelection, type ReplayResult, type ReplaySelection } from './bulk.ts'
import { CallContexts } from './call-context.ts'
import { Calls } from './calls.ts'
import { ConfigStatus } from './config-status.ts'
import { type EngineOptions, type EngineSettings, sendSettings } from './engine-options.ts'
import { type EraseAnswer, type EraseRequest, eraseCaller } from './erase.ts'
import type { InvokeLimits } from './invoke.ts'
import { buildPlan, type Plan, type PlanContext, type PlannedWebhook } from './plan.ts'
import { RandomHex } from './random.ts'
import { changesBetween, type PlanChanges, reconsiderAll } from './reload.ts'
import { type Activation, type ActivationReason, Remembered } from './remembered.ts'
import type { EngineLog } from './reports.ts'
import { type Listener, Running } from './running.ts'
import { runAtOnce, runInSlices } from './slices.ts'
import { Standing } from './standing.ts'
import {
  accountStats,
  type EngineState,
  type EngineView,
  engineStats,
  publishGauges,
  type Readiness,
  readinessOf,
} from './stats.ts'
import { SendingThreads } from './threads.ts'
import { TraceSource } from './trace.ts'
import { Upkeep } from './upkeep.ts'

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
  readonly #ids: IdSource
  readonly #planContext: PlanContext
  /** Activation by command or by a 410, which goes before what the configuration says. */
  readonly #activation: Map<string, Activation>
  readonly #threads: SendingThreads
  readonly #config: ConfigStatus
  readonly #view: EngineView
  readonly #upkeep: Upkeep
  readonly #bulk: BulkCommands
  #settings: EngineSettings
  #plan: Plan
  #backlog: Backlog
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
    this.#ids = new IdSource(() => hex.next(10))
    this.#planContext = {
      rules: TRIGGER_RULES,
      metricsRowOf: (id) => this.metrics.rowOf(id),
      engineVersion: options.version,
    }
    this.#plan = runAtOnce(buildPlan(options.plan, this.#planContext))
    this.#backlog = runAtOnce(Backlog.build(this.#outbox, options.backlog, options.plan.webhooks))
    this.#remembered = new Remembered(this.#outbox.notes)
    this.#activation = new Map(this.#remembered.activations())
    this.#forgetActivations().catch((error: unknown) => this.#onStoreError(error))
    this.#contexts = new CallContexts({
      kept: this.#remembered.contexts(),
      keep: (key, context) => this.#remembered.keepContext(key, context),
    })
    const plannedOf = (id: string): PlannedWebhook | undefined => this.#plan.webhooks.get(id)
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
        onCircuit: (changed) => this.#remembered.keepCircuit(changed),
      },
    )
    this.#admission.restore(this.#remembered.circuits(), options.plan.webhooks, this.#clock.nowMs())
    this.#config = new ConfigStatus(this.metrics, this.#clock.nowMs())
    this.#view = {
      outbox: this.#outbox,
      threads: this.#threads,
      admission: this.#admission,
      contexts: this.#contexts,
      config: this.#config,
      standing: new Standing(this.#outbox, this.#admission, this.#clock, {
        webhooks: () => this.#plan.source.webhooks,
        lookUp: (id) => this.#lookUp(id),
        isInFlight: (id) => this.#running?.scheduler.isInFlight(id) ?? false,
      }),
      activation: this.#activation,
    }
    publishGauges(this.metrics, this.#view, this.#clock)
    this.#bulk = new BulkCommands(this.#outbox, this.#clock, () => this.#running?.scheduler.poke())
    this.#upkeep = new Upkeep({
      outbox: this.#outbox,
      clock: this.#clock,
      log: this.#log,
      retention: () => this.#settings.retention,
      scheduleOf: (id) => this.#plan.webhooks.get(id)?.webhook.scheduleMs,
      onStoreWritten: () => this.#onStoreWritten(),
      onStoreError: (error) => this.#onStoreError(error),
    })
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
      random: this.#random,
      nextId: (nowMs) => this.#ids.next(nowMs),
      lookUp: (id) => this.#lookUp(id),
      onGone: (id) => this.#onGone(id),
      onStoreError: (error) => this.#onStoreError(error),
      onStoreWritten: () => this.#onStoreWritten(),
    })
    this.#upkeep.start()
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
    this.calls.accepted(events, results)
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
    return planned.renderShown({ data: event.data, context })
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
  async setActive(webhookId: string, isActive: boolean, reason: ActivationReason = 'command'): Promise<boolean> {
    if (!this.#plan.webhooks.has(webhookId)) return false
    const activation = { isActive, reason, sinceMs: this.#clock.nowMs() }
    this.#activation.set(webhookId, activation)
    this.#admission.reconsider(webhookId)
    await this.#remembered.keepActivation(webhookId, activation)
    return true
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
  stats(accounts: readonly string[] | 'all' = 'all'): Readonly<Record<string, unknown>> {
    if (accounts === 'all') return engineStats(this.#view, this.#state())
    return accountStats(this.#view, this.#plan.source.webhooks, accounts)
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
    const pause = (): Promise<void> => nextTurn()
    const plan = await runInSlices(buildPlan(settings.plan, this.#planContext, this.#plan), pause)
    const backlog = await runInSlices(Backlog.build(this.#outbox, settings.backlog, settings.plan.webhooks), pause)
    const changes = await runInSlices(changesBetween(this.#plan, plan), pause)
    return () => {
      this.#settings = settings
      this.#plan = plan
      this.#backlog = backlog
      const { send: deliveries, invoke: invokes } = settings.connections
      this.#admission.limit({ deliveries, invokes })
      this.#running?.configure(sendSettings(settings))
      const forgotten = this.#forgetActivations()
      Promise.all([forgotten, this.#follow(changes)]).catch((error: unknown) => this.#onStoreError(error))
    }
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
  }

  #state(): EngineState {
    const { isWritable, detail } = this.#outbox.health()
    return {
      webhooks: this.#plan.webhooks.size,
      inFlight: this.#running?.scheduler.inFlight ?? 0,
      storeError: isWritable ? this.#storeError : detail,
      isRunning: this.#running !== undefined,
      isClosing: this.#isClosing,
    }
  }

  /** Does what follows from a plan that is in force already. */
  async #follow(changes: PlanChanges): Promise<void> {
    const { removed } = changes
    this.#threads.forget(removed)
    const pause = (): Promise<void> => nextTurn()
    await runInSlices(
      reconsiderAll(changes, (id) => this.#admission.reconsider(id)),
      pause,
    )
    this.#running?.scheduler.poke()
    if (removed.length > 0) this.#upkeep.endRemoved()
    await runInSlices(this.#admission.keepOnly(this.#plan.source.webhooks, this.#clock.nowMs()), pause)
    this.#running?.scheduler.poke()
  }

  /** Of webhooks that the plan has not: one that comes back under the same id is another. Resolves when that is durable. */
  #forgetActivations(): Promise<void> {
    const gone = [...this.#activation.keys()].filter((id) => !this.#plan.webhooks.has(id))
    for (const id of gone) this.#activation.delete(id)
    return this.#remembered.forgetActivations(gone)
  }

  #lookUp(webhookId: string): { readonly planned: PlannedWebhook; readonly isActive: boolean } | undefined {
    const planned = this.#plan.webhooks.get(webhookId)
    return planned === undefined ? undefined : { planned, isActive: this.#isActive(webhookId) }
  }

  #isActive(webhookId: string): boolean {
    return this.#activation.get(webhookId)?.isActive ?? this.#plan.webhooks.get(webhookId)?.webhook.active ?? false
  }

  #onGone(webhookId: string): void {
    if (!this.#isActive(webhookId)) return
    this.#log.warn({ webhook: webhookId }, 'deactivated: the server answered 410 Gone')
    this.setActive(webhookId, false, 'gone').catch((error: unknown) => this.#onStoreError(error))
  }

  #onStoreError(error: unknown): void {
    // Else the outbox says by itself when it can write again: what it refused meanwhile must not outlast that.
    if (this.#outbox.health().isWritable) this.#storeError = messageOf(error)
    this.#log.error({ err: error }, 'the store can not write')
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
