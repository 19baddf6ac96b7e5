/**
 * Backlog limits: how much may wait for one endpoint and account, and in all, before more is refused. First the endpoint's
 * own limit, so that one dead server's backlog refuses only events for it. What was accepted is never touched. Invariant: what
 * waits for an endpoint is the sum of what waits for its webhooks, kept up by changes: asking costs the same for one
 * webhook as for a hundred thousand. Owned by the current plan, asked by accepting.
 */
import type { Webhook } from '../../model/webhook.ts'
import type { PendingWatcher } from '../../outbox/contract.ts'
import type { Steps } from '../slices.ts'
import type { Waiting } from './waiting.ts'

/** Most pending deliveries. */
export interface BacklogLimits {
  /** For one endpoint and account; default 1,000,000. */
  readonly perEndpoint: number
  /** In all; default 10,000,000. */
  readonly total: number
}

/** What waits for one endpoint and account. */
interface Group {
  readonly key: string
  readonly origin: string
  /** How many webhooks it has. */
  webhooks: number
  /** What waits for them now. */
  waiting: number
}

/** See the head of this file. Made anew with each plan, and changed with it. */
export class Backlog {
  readonly #waiting: Waiting
  readonly #limits: BacklogLimits
  readonly #groups = new Map<string, Group>()
  readonly #groupOfWebhook = new Map<string, Group>()

  /** Limits what may wait for the webhooks that are {@link put} here. */
  constructor(waiting: Waiting, limits: BacklogLimits) {
    this.#waiting = waiting
    this.#limits = limits
  }

  /** Takes these webhooks in; what changes while that lasts has to be told from the beginning. */
  *putAll(webhooks: Iterable<Webhook>): Steps<void> {
    for (const webhook of webhooks) {
      yield
      this.put(webhook.id, webhook)
    }
  }

  /** A webhook is as this from now on; undefined: it is gone. */
  put(id: string, webhook: Webhook | undefined): void {
    const before = this.#groupOfWebhook.get(id)
    const key = webhook === undefined ? undefined : `${webhook.account}\n${webhook.endpoint.id}`
    if (before !== undefined && before.key === key) return
    const waiting = this.#waiting.of(id)
    if (before !== undefined) {
      before.webhooks -= 1
      before.waiting -= waiting
      if (before.webhooks === 0) this.#groups.delete(before.key)
      this.#groupOfWebhook.delete(id)
    }
    if (webhook === undefined || key === undefined) return
    const group = this.#groups.get(key) ?? newGroup(key, webhook.endpoint.origin)
    group.webhooks += 1
    group.waiting += waiting
    this.#groups.set(key, group)
    this.#groupOfWebhook.set(id, group)
  }

  /** To be told of each change of what waits. */
  readonly changed: PendingWatcher = (webhook, change) => {
    const group = this.#groupOfWebhook.get(webhook)
    if (group !== undefined) group.waiting += change
  }

  /**
   * Lets deliveries to `webhooks` in, one each, on their way into the outbox until {@link entered}; or tells why they have no
   * room, and lets none in.
   */
  take(webhooks: readonly string[]): string | undefined {
    const { perEndpoint, total } = this.#limits
    const all = this.#waiting.total
    if (all + webhooks.length > total) return `the backlog is full: ${all} deliveries wait`
    for (const [index, webhook] of webhooks.entries()) {
      const group = this.#groupOfWebhook.get(webhook)
      if (group !== undefined && group.waiting >= perEndpoint) {
        const { origin, waiting } = group
        this.entered(webhooks.slice(0, index))
        return `the backlog of ${origin} is full: ${waiting} deliveries wait`
      }
      this.#waiting.enter(webhook)
    }
    return undefined
  }

  /** The outbox has answered for what was let in: what it keeps it counts itself. */
  entered(webhooks: readonly string[]): void {
    for (const webhook of webhooks) this.#waiting.entered(webhook)
  }
}

function newGroup(key: string, origin: string): Group {
  return { key, origin, webhooks: 0, waiting: 0 }
}
