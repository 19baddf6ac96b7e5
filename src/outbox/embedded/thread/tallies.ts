/**
 * Numbers that are known at any time without counting: kept in table `state` in the very transaction that changes what
 * they count. A transaction that fails takes them back with {@link Tallies.load}.
 *
 * Keys: `t` totals · `w` + webhook number: pending deliveries, the webhook's id · `a` + second: pending deliveries accepted
 * in it, the earliest of their times.
 */

import type { Table } from '../files/tables.ts'
import { ByteReader, ByteWriter } from '../records/bytes.ts'
import { endOfPrefix } from '../records/keys.ts'

const TOTALS_KEY = Buffer.from('t')
const WEBHOOK_PREFIX = Buffer.from('w')
const AGE_PREFIX = Buffer.from('a')

/** Totals of the whole store. */
export interface Totals {
  pending: number
  delivered: number
  dead: number
  /** About what is kept takes on disk. */
  bytes: number
  /** The highest order given to a delivery of an ordered call. */
  lastOrder: number
}

export interface WebhookTally {
  readonly number: number
  readonly id: string
  pending: number
}

/** Deliveries of one second that are pending. */
interface Age {
  pending: number
  earliestMs: number
}

/** See the head of this file. */
export class Tallies {
  readonly #table: Table
  readonly #webhooks = new Map<number, WebhookTally>()
  readonly #changedWebhooks = new Set<WebhookTally>()
  readonly #ages = new Map<number, Age>()
  readonly #writer = new ByteWriter()
  totals: Totals = { pending: 0, delivered: 0, dead: 0, bytes: 0, lastOrder: 0 }

  constructor(table: Table) {
    this.#table = table
    this.load()
  }

  /** Reads everything as it was last committed. */
  load(): void {
    this.#webhooks.clear()
    this.#changedWebhooks.clear()
    this.#ages.clear()
    const totals = this.#table.get(TOTALS_KEY)
    this.totals =
      totals === undefined ? { pending: 0, delivered: 0, dead: 0, bytes: 0, lastOrder: 0 } : readTotals(totals)
    for (const { key, value } of this.#table.range(WEBHOOK_PREFIX, endOfPrefix(WEBHOOK_PREFIX))) {
      const reader = new ByteReader(value)
      const tally = { number: key.readUIntBE(1, 5), pending: reader.u48(), id: reader.texts(1)[0] ?? '' }
      this.#webhooks.set(tally.number, tally)
    }
  }

  webhooks(): Iterable<WebhookTally> {
    return this.#webhooks.values()
  }

  webhookId(number: number): string {
    return this.#webhooks.get(number)?.id ?? ''
  }

  pendingOf(number: number): number {
    return this.#webhooks.get(number)?.pending ?? 0
  }

  /** Gives a webhook its number; the same again changes nothing. */
  define(number: number, id: string): void {
    if (this.#webhooks.has(number)) return
    const tally = { number, id, pending: 0 }
    this.#webhooks.set(number, tally)
    this.#changedWebhooks.add(tally)
  }

  /** A delivery of `webhook` that was accepted at `acceptedAtMs` became pending (+1) or ended (-1). */
  pending(webhook: number, acceptedAtMs: number, change: 1 | -1): void {
    this.totals.pending += change
    const tally = this.#webhooks.get(webhook)
    if (tally !== undefined) {
      tally.pending += change
      this.#changedWebhooks.add(tally)
    }
    const second = Math.floor(acceptedAtMs / 1000)
    const age = this.#ages.get(second) ?? this.#readAge(second)
    age.pending += change
    if (change > 0) age.earliestMs = Math.min(age.earliestMs, acceptedAtMs)
    this.#ages.set(second, age)
  }

  /** Writes what changed; the last thing in a transaction. Returns the webhooks whose numbers are others now. */
  save(): readonly WebhookTally[] {
    const writer = this.#writer
    for (const tally of this.#changedWebhooks) {
      writer.clear()
      writer.u48(tally.pending)
      writer.texts([tally.id])
      this.#table.put(numbered(WEBHOOK_PREFIX, tally.number), writer.view())
    }
    for (const [second, age] of this.#ages) {
      writer.clear()
      writer.u32(age.pending)
      writer.u48(age.earliestMs)
      if (age.pending > 0) this.#table.put(numbered(AGE_PREFIX, second), writer.view())
      else this.#table.remove(numbered(AGE_PREFIX, second))
    }
    writer.clear()
    const { pending, delivered, dead, bytes, lastOrder } = this.totals
    for (const total of [pending, delivered, dead, bytes, lastOrder]) writer.u48(Math.max(0, total))
    this.#table.put(TOTALS_KEY, writer.view())
    const changed = [...this.#changedWebhooks]
    this.#changedWebhooks.clear()
    this.#ages.clear()
    return changed
  }

  /** When the oldest pending delivery was accepted, to the second: its second's first delivery may be gone. */
  oldestAcceptedAtMs(): number | undefined {
    for (const { value } of this.#table.range(AGE_PREFIX, endOfPrefix(AGE_PREFIX))) {
      const reader = new ByteReader(value, 4)
      return reader.u48()
    }
    return undefined
  }

  #readAge(second: number): Age {
    const value = this.#table.get(numbered(AGE_PREFIX, second))
    if (value === undefined) return { pending: 0, earliestMs: Number.MAX_SAFE_INTEGER }
    const reader = new ByteReader(value)
    return { pending: reader.u32(), earliestMs: reader.u48() }
  }
}

function readTotals(value: Buffer): Totals {
  const reader = new ByteReader(value)
  return {
    pending: reader.u48(),
    delivered: reader.u48(),
    dead: reader.u48(),
    bytes: reader.u48(),
    lastOrder: reader.u48(),
  }
}

function numbered(prefix: Buffer, number: number): Buffer {
  const key = Buffer.allocUnsafe(prefix.length + 5)
  key.set(prefix)
  key.writeUIntBE(number, prefix.length, 5)
  return key
}
