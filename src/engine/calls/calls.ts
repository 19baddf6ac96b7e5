/**
 * Calls as people follow them: the story of each, and what happens told as it does. Everything that makes news - accept, invoke,
 * settle - hands it here and goes on; nothing waits for this, and what is not watched or asked for costs next to nothing.
 */
import type { Clock } from '../../clock.ts'
import type { DataPoints } from '../../model/data.ts'
import type { CallEvent } from '../../model/event.ts'
import type { AcceptResult } from '../../model/results.ts'
import type { Outbox, Settlement } from '../../outbox/contract.ts'
import type { PlannedWebhook } from '../plan/plan.ts'
import type { CallContexts } from './call-context.ts'
import { type ShownRequest, type StoryPage, type StoryRequest, shownOf, tellStory } from './call-story.ts'
import { KeptDecisions, type MadeDecision } from './decisions.ts'
import { type LiveEvent, LiveFeed, type LiveFilter, type Watcher } from './live.ts'
import { type RecentCall, type RecentCallsRequest, recentCalls } from './recent-calls.ts'

/** Deliveries looked up at once for watchers. */
const LOOK_UPS = 64

/** Deliveries that wait to be looked up; what comes beyond is missed. */
const WAITING_LOOK_UPS = 10_000

/** A page of a call's story, with its context as it is now. */
export interface CallStory extends StoryPage {
  readonly context: DataPoints
}

/** Everything that calls are followed with; the engine owns it all. */
export interface CallsParts {
  readonly outbox: Outbox
  readonly contexts: CallContexts
  readonly clock: Clock
  /** The webhook as it is now. */
  readonly plannedOf: (webhookId: string) => PlannedWebhook | undefined
}

/** See the head of this file. Main thread only. */
export class Calls {
  readonly decisions: KeptDecisions = new KeptDecisions()
  readonly #parts: CallsParts
  readonly #live = new LiveFeed()
  /** Ids of deliveries to look up, in the order settled. */
  #changed: string[] = []
  #lookUps = 0

  constructor(parts: CallsParts) {
    this.#parts = parts
  }

  /** An invoke has ended. */
  decided(made: MadeDecision): void {
    this.decisions.take(made)
    if (!this.#live.isWatched) return
    const { id, planned, event, durationMs, decision, attempt } = made
    const webhook = planned.webhook.id
    const result = { deliveryId: id, webhook, decision }
    this.#live.tell({
      kind: 'decision',
      atMs: this.#parts.clock.nowMs(),
      account: planned.webhook.account,
      event: identityOf(event),
      webhook,
      durationMs,
      result: attempt === undefined ? result : { ...result, attempt },
    })
  }

  /** Events were accepted or not, results in their order. */
  accepted(events: readonly CallEvent[], results: readonly AcceptResult[]): void {
    if (!this.#live.isWatched) return
    const atMs = this.#parts.clock.nowMs()
    for (const [index, result] of results.entries()) {
      const event = events[index]
      if (result.kind !== 'accepted' || event === undefined) continue
      const { deliveries } = result
      this.#live.tell({ kind: 'event', atMs, account: event.account, event: identityOf(event), deliveries })
    }
  }

  /** Deliveries were settled, durably. */
  settled(settlements: readonly Settlement[]): void {
    if (!this.#live.isWatched) return
    for (const { id } of settlements) {
      if (this.#changed.length < WAITING_LOOK_UPS) this.#changed.push(id)
      else for (const watcher of this.#live.watchers) watcher.miss()
    }
    this.#lookUp()
  }

  /** See `CallsPort.watch`. */
  watch(filter: LiveFilter, onReady: () => void): Watcher | undefined {
    return this.#live.watch(filter, onReady)
  }

  /** See `CallsPort.story`. */
  async story(request: StoryRequest): Promise<CallStory | undefined> {
    const { outbox, contexts, clock, plannedOf } = this.#parts
    const { account, subject } = request
    const nowMs = clock.nowMs()
    const context = contexts.peek(account, subject, nowMs)
    const decisions = this.decisions.of(account, subject, nowMs)
    const page = await tellStory({ outbox, decisions, plannedOf }, request)
    if (context === undefined && page.entries.length === 0 && request.cursor === undefined) return undefined
    return { context: context ?? {}, ...page }
  }

  /** See `CallsPort.recent`. */
  async recent(request: RecentCallsRequest): Promise<readonly RecentCall[]> {
    const { outbox, clock } = this.#parts
    return await recentCalls(outbox, this.decisions.latest(clock.nowMs()), request)
  }

  /** See `CallsPort.requestFor`. */
  async requestFor(deliveryId: string, webhookId: string): Promise<ShownRequest | undefined> {
    const record = await this.#parts.outbox.get(deliveryId, true)
    const planned = this.#parts.plannedOf(webhookId)
    return record?.content === undefined || planned === undefined ? undefined : shownOf(planned, record.content)
  }

  /** Tells of changed deliveries in the order of their changes, as far as the store answers in it. */
  #lookUp(): void {
    // Nobody is left to be told.
    if (!this.#live.isWatched) this.#changed = []
    for (const id of this.#changed.splice(0, LOOK_UPS - this.#lookUps)) {
      this.#lookUps += 1
      this.#tellOf(id)
        // A store that can't be read says so where deliveries are asked for.
        .catch(() => undefined)
        .finally(() => {
          this.#lookUps -= 1
          this.#lookUp()
        })
    }
  }

  async #tellOf(id: string): Promise<void> {
    const record = await this.#parts.outbox.get(id)
    if (record === undefined) return
    const { webhook, account, event, attempts } = record
    const last = { ...record, attempts: attempts.slice(-1) }
    this.#live.tell({ kind: 'delivery', atMs: this.#parts.clock.nowMs(), account, event, webhook, record: last })
  }
}

/** Without its data, which may be large and would wait with the message. */
function identityOf({ id, source, type, subject }: CallEvent): LiveEvent {
  return { id, source, type, subject }
}
