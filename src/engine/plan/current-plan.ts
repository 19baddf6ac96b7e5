/**
 * The plan in force with what belongs to it: how much may wait for its endpoints, and which of its webhooks were activated or
 * deactivated. Invariant: plan and backlog limits change together, in one turn of the loop; what is commanded of a webhook is durable
 * before it is in force. Owned by the engine.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Webhook } from '../../model/webhook.ts'
import type { Outbox } from '../../outbox/contract.ts'
import { Backlog, type BacklogLimits } from '../accept/backlog.ts'
import { Waiting } from '../accept/waiting.ts'
import { runAtOnce, runInSlices } from '../slices.ts'
import type { Activation, Remembered } from '../upkeep/remembered.ts'
import {
  buildPlan,
  changePlan,
  type FoundWebhook,
  type Plan,
  type PlanChange,
  type PlanContext,
  type PlannedWebhook,
  type PlanSource,
  webhooksOf,
} from './plan.ts'
import { changesBetween, type PlanChanges } from './reload.ts'

/** What the plan is made with. */
export interface CurrentPlanParts {
  readonly outbox: Outbox
  readonly remembered: Remembered
  readonly context: PlanContext
}

/** What of the settings concerns the plan. */
export interface PlanSettings {
  readonly plan: PlanSource
  readonly backlog: BacklogLimits
}

/** See the head of this file. Main thread only. */
export class CurrentPlan {
  /** Activation by command or by a 410, which goes before what the configuration says. */
  readonly activation: Map<string, Activation>
  readonly #parts: CurrentPlanParts
  readonly #waiting: Waiting
  #plan: Plan
  #backlog: Backlog
  /** One that is being made ready, or is: what changes meanwhile must not be missed. */
  #nextBacklog: Backlog | undefined
  /** Resolves when no command is under way any more. */
  #commanded: Promise<unknown> = Promise.resolve()

  constructor(parts: CurrentPlanParts, { plan, backlog }: PlanSettings) {
    this.#parts = parts
    this.#plan = runAtOnce(buildPlan(plan, parts.context))
    this.#waiting = new Waiting(parts.outbox)
    this.#backlog = new Backlog(this.#waiting, backlog)
    runAtOnce(this.#backlog.putAll(plan.webhooks))
    this.#waiting.watch((webhook, change) => {
      this.#backlog.changed(webhook, change)
      this.#nextBacklog?.changed(webhook, change)
    })
    this.activation = new Map(parts.remembered.activations())
  }

  get plan(): Plan {
    return this.#plan
  }

  get backlog(): Backlog {
    return this.#backlog
  }

  get size(): number {
    return this.#plan.webhooks.size
  }

  /** All webhooks, read as they are come to. */
  webhooks(): Iterable<Webhook> {
    return webhooksOf(this.#plan)
  }

  planned(webhookId: string): PlannedWebhook | undefined {
    return this.#plan.webhooks.get(webhookId)
  }

  /** Undefined: there is no such webhook. */
  lookUp(webhookId: string): FoundWebhook | 'suspended' | undefined {
    const planned = this.#plan.webhooks.get(webhookId)
    if (planned !== undefined) return { planned, isActive: this.isActive(webhookId) }
    return this.#plan.suspended.has(webhookId) ? 'suspended' : undefined
  }

  isActive(webhookId: string): boolean {
    return this.activation.get(webhookId)?.isActive ?? this.#plan.webhooks.get(webhookId)?.webhook.active ?? false
  }

  /**
   * Makes another plan ready, a little at a time; what comes back puts it into force and tells what differs. One at a time; safe
   * to drop.
   */
  async prepare({ plan: source, backlog: limits }: PlanSettings): Promise<() => PlanChanges> {
    const pause = (): Promise<void> => nextTurn()
    const plan = await runInSlices(buildPlan(source, this.#parts.context, this.#plan), pause)
    const backlog = new Backlog(this.#waiting, limits)
    this.#nextBacklog = backlog
    await runInSlices(backlog.putAll(source.webhooks), pause)
    const changes = await runInSlices(changesBetween(this.#plan, plan), pause)
    return () => {
      this.#plan = plan
      this.#backlog = backlog
      this.#nextBacklog = undefined
      return changes
    }
  }

  /** Changes single entries at once, and tells what differs and how those webhooks were before. */
  change(change: PlanChange): PlanChanges & { readonly before: readonly Webhook[] } {
    const changed: string[] = []
    const removed: string[] = []
    const before: Webhook[] = []
    changePlan(this.#plan, change, this.#parts.context, (id, old, next) => {
      this.#backlog.put(id, next)
      if (old !== undefined) before.push(old)
      if (next !== undefined) changed.push(id)
      else if (!this.#plan.suspended.has(id)) removed.push(id)
    })
    // What was suspended and is gone now was in no plan.
    for (const { id } of change.webhooks) {
      if (this.lookUp(id) === undefined && !removed.includes(id)) removed.push(id)
    }
    return { changed, removed, before }
  }

  /**
   * Activates or deactivates a webhook by command, one after the other. False where there is none. Rejects where it could not be
   * kept: then it is as it was.
   */
  setActive(webhookId: string, isActive: boolean, nowMs: number): Promise<boolean> {
    const activation = { isActive, reason: 'command', sinceMs: nowMs } as const
    const done = this.#commanded.then(() => this.#command(webhookId, activation))
    this.#commanded = done.catch(() => undefined)
    return done
  }

  /** Deactivates a webhook whose server is gone: in force at once, for nothing more may be sent there. Resolves when durable. */
  gone(webhookId: string, nowMs: number): Promise<void> {
    const activation = { isActive: false, reason: 'gone', sinceMs: nowMs } as const
    this.activation.set(webhookId, activation)
    return this.#parts.remembered.keepActivation(webhookId, activation)
  }

  async #command(webhookId: string, activation: Activation): Promise<boolean> {
    const { remembered } = this.#parts
    if (this.planned(webhookId) === undefined) return false
    const before = this.activation.get(webhookId)
    try {
      await remembered.keepActivation(webhookId, activation)
    } catch (error) {
      remembered.takeBackActivation(webhookId, this.activation.get(webhookId))
      throw error
    }
    if (this.planned(webhookId) === undefined) {
      // Gone meanwhile; or it can't be used for a while, and comes back as it was.
      if (this.lookUp(webhookId) === undefined) await remembered.forgetActivations([webhookId])
      else remembered.takeBackActivation(webhookId, this.activation.get(webhookId))
      return false
    }
    // A 410 that came meanwhile was kept after the command, and counts.
    if (this.activation.get(webhookId) === before) this.activation.set(webhookId, activation)
    return true
  }

  /** Forgets the activation of those that are gone: one that comes back under the same id is another. Resolves when durable. */
  forgetActivations(removed: Iterable<string> = this.activation.keys()): Promise<void> {
    const gone = [...removed].filter((id) => this.activation.has(id) && this.lookUp(id) === undefined)
    for (const id of gone) this.activation.delete(id)
    return this.#parts.remembered.forgetActivations(gone)
  }
}
