/**
 * What is pending in the outbox in memory: the deliveries of each webhook in the order in which they became so, and since when
 * the oldest waits. Every call but the walks takes the same time, however many there are. Used by `memory.ts`, which tells of
 * every change.
 */
import { LinkedList } from '../../model/linked-list.ts'
import { MemoryAges } from './memory-ages.ts'
import type { Entry } from './memory-entry.ts'

/** See the head of this file. */
export class MemoryPending {
  /** Never an empty list. */
  readonly #byWebhook = new Map<string, LinkedList<Entry>>()
  readonly #ages = new MemoryAges()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** See `MemoryAges`. */
  get oldestAcceptedAtMs(): number | undefined {
    return this.#ages.oldestAcceptedAtMs
  }

  add(entry: Entry): void {
    this.#size += 1
    entry.age = this.#ages.join(entry.event.acceptedAtMs)
    const others = this.#byWebhook.get(entry.webhook) ?? this.#begin(entry.webhook)
    others.push(entry)
  }

  remove(entry: Entry): void {
    this.#size -= 1
    if (entry.age !== undefined) this.#ages.leave(entry.age)
    entry.age = undefined
    const others = this.#byWebhook.get(entry.webhook)
    others?.remove(entry)
    if (others?.size === 0) this.#byWebhook.delete(entry.webhook)
  }

  countOf(webhook: string): number {
    return this.#byWebhook.get(webhook)?.size ?? 0
  }

  of(webhook: string): Iterable<Entry> {
    return this.#byWebhook.get(webhook) ?? []
  }

  *counts(): Iterable<readonly [webhook: string, pending: number]> {
    for (const [webhook, entries] of this.#byWebhook) yield [webhook, entries.size]
  }

  /** See `Outbox.overdue`. */
  overdue(dueBeforeMs: number): string[] {
    const overdue: string[] = []
    for (const [webhook, entries] of this.#byWebhook) {
      for (const { dueMs, isErased } of entries) {
        if (isErased || dueMs >= dueBeforeMs) continue
        overdue.push(webhook)
        break
      }
    }
    return overdue
  }

  #begin(webhook: string): LinkedList<Entry> {
    const entries = new LinkedList<Entry>()
    this.#byWebhook.set(webhook, entries)
    return entries
  }
}
