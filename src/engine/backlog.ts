/**
 * Backlog limits: how much may wait for one endpoint and account, and in all, before more is refused. First the endpoint's
 * own limit, so that one dead server's backlog refuses only events for it. What was accepted is never touched.
 */
import type { Webhook } from '../model/webhook.ts'
import type { Outbox } from '../outbox/contract.ts'
import type { Steps } from './slices.ts'

/** Most pending deliveries. */
export interface BacklogLimits {
  /** For one endpoint and account; default 1,000,000. */
  readonly perEndpoint: number
  /** In all; default 10,000,000. */
  readonly total: number
}

/** For how long a counted sum is believed; what is accepted meanwhile is added to it. */
const COUNTED_FOR_MS = 250

/** Pending deliveries of one endpoint and account. */
interface Group {
  readonly key: string
  readonly origin: string
  readonly webhooks: Set<string>
  pending: number
  countedAtMs: number
}

/** See the head of this file. Made anew with each plan, and changed with it. */
export class Backlog {
  readonly #outbox: Outbox
  readonly #limits: BacklogLimits
  readonly #groups = new Map<string, Group>()
  readonly #groupOfWebhook = new Map<string, Group>()
  readonly #all = { pending: 0, countedAtMs: Number.NEGATIVE_INFINITY }

  private constructor(outbox: Outbox, limits: BacklogLimits) {
    this.#outbox = outbox
    this.#limits = limits
  }

  /** Limits what `outbox` may hold for `webhooks`. */
  static *build(outbox: Outbox, limits: BacklogLimits, webhooks: Iterable<Webhook>): Steps<Backlog> {
    const backlog = new Backlog(outbox, limits)
    for (const webhook of webhooks) {
      yield
      backlog.put(webhook.id, webhook)
    }
    return backlog
  }

  /** A webhook is as this from now on; undefined: it is gone. */
  put(id: string, webhook: Webhook | undefined): void {
    const before = this.#groupOfWebhook.get(id)
    const key = webhook === undefined ? undefined : `${webhook.account}\n${webhook.endpoint.id}`
    if (before !== undefined && before.key === key) return
    if (before !== undefined) {
      before.webhooks.delete(id)
      before.countedAtMs = Number.NEGATIVE_INFINITY
      if (before.webhooks.size === 0) this.#groups.delete(before.key)
      this.#groupOfWebhook.delete(id)
    }
    if (webhook === undefined || key === undefined) return
    const group = this.#groups.get(key) ?? newGroup(key, webhook.endpoint.origin)
    group.webhooks.add(id)
    group.countedAtMs = Number.NEGATIVE_INFINITY
    this.#groups.set(key, group)
    this.#groupOfWebhook.set(id, group)
  }

  /** Counts deliveries to `webhooks` in, one each, or tells why they have no room; then none is counted. */
  take(webhooks: readonly string[], nowMs: number): string | undefined {
    const { perEndpoint, total } = this.#limits
    if (isOld(this.#all, nowMs)) {
      this.#all.countedAtMs = nowMs
      this.#all.pending = this.#outbox.counts().pending
    }
    if (this.#all.pending + webhooks.length > total) return `the backlog is full: ${this.#all.pending} deliveries wait`
    const wanted = new Map<Group, number>()
    for (const webhook of webhooks) {
      const group = this.#groupOfWebhook.get(webhook)
      if (group !== undefined) wanted.set(group, (wanted.get(group) ?? 0) + 1)
    }
    for (const [group, count] of wanted) {
      this.#count(group, nowMs)
      if (group.pending + count > perEndpoint) {
        return `the backlog of ${group.origin} is full: ${group.pending} deliveries wait`
      }
    }
    this.#all.pending += webhooks.length
    for (const [group, count] of wanted) group.pending += count
    return undefined
  }

  #count(group: Group, nowMs: number): void {
    if (!isOld(group, nowMs)) return
    group.countedAtMs = nowMs
    group.pending = 0
    for (const webhook of group.webhooks) group.pending += this.#outbox.pendingOf(webhook)
  }
}

function newGroup(key: string, origin: string): Group {
  return { key, origin, webhooks: new Set(), pending: 0, countedAtMs: Number.NEGATIVE_INFINITY }
}

function isOld({ countedAtMs }: { readonly countedAtMs: number }, nowMs: number): boolean {
  return Math.abs(nowMs - countedAtMs) >= COUNTED_FOR_MS
}
