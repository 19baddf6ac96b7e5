/**
 * Backlog limits: how much may wait for one endpoint and account, and in all, before more is refused. First the endpoint's
 * own limit, so that one dead server's backlog refuses only events for it. What was accepted is never touched. Invariant: what
 * waits for an endpoint is the sum of its webhooks' pending deliveries, kept up by changes: asking costs the same for one
 * webhook as for a hundred thousand. Owned by the current plan, asked by accepting.
 */
import type { Webhook } from '../../model/webhook.ts'
import type { Outbox, PendingWatcher } from '../../outbox/contract.ts'
import type { Steps } from '../slices.ts'

/** Most pending deliveries. */
export interface BacklogLimits {
  /** For one endpoint and account; default 1,000,000. */
  readonly perEndpoint: number
  /** In all; default 10,000,000. */
  readonly total: number
}

/** For how long a sum is gone by after it was looked at; what is accepted meanwhile, and not yet in the outbox, is added to it. */
const BELIEVED_FOR_MS = 250

/** A sum of pending deliveries, as it was when it was looked at, with what was accepted since. */
interface Believed {
  believed: number
  lookedAtMs: number
}

/** What waits for one endpoint and account. */
interface Group extends Believed {
  readonly key: string
  readonly origin: string
  /** How many webhooks it has. */
  webhooks: number
  /** Their pending deliveries in the outbox, now. */
  pending: number
}

/** See the head of this file. Made anew with each plan, and changed with it. */
export class Backlog {
  readonly #outbox: Pick<Outbox, 'counts' | 'pendingOf'>
  readonly #limits: BacklogLimits
  readonly #groups = new Map<string, Group>()
  readonly #groupOfWebhook = new Map<string, Group>()
  readonly #all: Believed = { believed: 0, lookedAtMs: Number.NEGATIVE_INFINITY }

  /** Limits what `outbox` may hold for the webhooks that are {@link put} here. */
  constructor(outbox: Pick<Outbox, 'counts' | 'pendingOf'>, limits: BacklogLimits) {
    this.#outbox = outbox
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
    const pending = this.#outbox.pendingOf(id)
    if (before !== undefined) {
      before.webhooks -= 1
      before.pending -= pending
      before.lookedAtMs = Number.NEGATIVE_INFINITY
      if (before.webhooks === 0) this.#groups.delete(before.key)
      this.#groupOfWebhook.delete(id)
    }
    if (webhook === undefined || key === undefined) return
    const group = this.#groups.get(key) ?? newGroup(key, webhook.endpoint.origin)
    group.webhooks += 1
    group.pending += pending
    group.lookedAtMs = Number.NEGATIVE_INFINITY
    this.#groups.set(key, group)
    this.#groupOfWebhook.set(id, group)
  }

  /** To be told of each change in the outbox. */
  readonly changed: PendingWatcher = (webhook, change) => {
    const group = this.#groupOfWebhook.get(webhook)
    if (group !== undefined) group.pending += change
  }

  /** Counts deliveries to `webhooks` in, one each, or tells why they have no room; then none is counted. */
  take(webhooks: readonly string[], nowMs: number): string | undefined {
    const { perEndpoint, total } = this.#limits
    if (isOld(this.#all, nowMs)) look(this.#all, this.#outbox.counts().pending, nowMs)
    if (this.#all.believed + webhooks.length > total)
      return `the backlog is full: ${this.#all.believed} deliveries wait`
    for (const [index, webhook] of webhooks.entries()) {
      const group = this.#groupOfWebhook.get(webhook)
      if (group === undefined) continue
      if (isOld(group, nowMs)) look(group, group.pending, nowMs)
      if (group.believed >= perEndpoint) {
        this.#giveBack(webhooks.slice(0, index))
        return `the backlog of ${group.origin} is full: ${group.believed} deliveries wait`
      }
      group.believed += 1
    }
    this.#all.believed += webhooks.length
    return undefined
  }

  #giveBack(webhooks: readonly string[]): void {
    for (const webhook of webhooks) {
      const group = this.#groupOfWebhook.get(webhook)
      if (group !== undefined) group.believed -= 1
    }
  }
}

function newGroup(key: string, origin: string): Group {
  return { key, origin, webhooks: 0, pending: 0, believed: 0, lookedAtMs: Number.NEGATIVE_INFINITY }
}

function look(sum: Believed, pending: number, nowMs: number): void {
  sum.believed = pending
  sum.lookedAtMs = nowMs
}

function isOld({ lookedAtMs }: Believed, nowMs: number): boolean {
  return Math.abs(nowMs - lookedAtMs) >= BELIEVED_FOR_MS
}
