/**
 * Backlog limits: how much may wait for one endpoint and account, and in all, before more is refused. First the endpoint's
 * own limit, so that one dead server's backlog refuses only events for it. What was accepted is never touched.
 */
import type { Webhook } from '../model/webhook.ts'
import type { Outbox } from '../outbox/contract.ts'

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
  readonly webhooks: readonly string[]
  pending: number
  countedAtMs: number
}

/** See the head of this file. Made anew with each plan. */
export class Backlog {
  readonly #outbox: Outbox
  readonly #limits: BacklogLimits
  readonly #groups = new Map<string, Group>()
  readonly #groupOfWebhook = new Map<string, { readonly group: Group; readonly origin: string }>()

  constructor(outbox: Outbox, limits: BacklogLimits, webhooks: Iterable<Webhook>) {
    this.#outbox = outbox
    this.#limits = limits
    const members = new Map<string, { readonly origin: string; readonly ids: string[] }>()
    for (const { id, account, endpoint } of webhooks) {
      const key = `${account}\n${endpoint.id}`
      const member = members.get(key)
      if (member === undefined) members.set(key, { origin: endpoint.origin, ids: [id] })
      else member.ids.push(id)
    }
    for (const [key, { origin, ids }] of members) {
      const group = { webhooks: ids, pending: 0, countedAtMs: Number.NEGATIVE_INFINITY }
      this.#groups.set(key, group)
      for (const id of ids) this.#groupOfWebhook.set(id, { group, origin })
    }
  }

  /** Counts deliveries to `webhooks` in, one each, or tells why they have no room; then none is counted. */
  take(webhooks: readonly string[], nowMs: number): string | undefined {
    const { perEndpoint, total } = this.#limits
    if (this.#outbox.counts().pending + webhooks.length > total) return `the backlog is full: ${total} deliveries wait`
    for (const webhook of webhooks) {
      const found = this.#groupOfWebhook.get(webhook)
      if (found === undefined) continue
      this.#count(found.group, nowMs)
      const wanted = webhooks.filter((other) => this.#groupOfWebhook.get(other)?.group === found.group).length
      if (found.group.pending + wanted > perEndpoint) {
        return `the backlog of ${found.origin} is full: ${found.group.pending} deliveries wait`
      }
    }
    for (const webhook of webhooks) {
      const group = this.#groupOfWebhook.get(webhook)?.group
      if (group !== undefined) group.pending += 1
    }
    return undefined
  }

  #count(group: Group, nowMs: number): void {
    if (Math.abs(nowMs - group.countedAtMs) < COUNTED_FOR_MS) return
    group.countedAtMs = nowMs
    group.pending = group.webhooks.reduce((sum, webhook) => sum + this.#outbox.pendingOf(webhook), 0)
  }
}
