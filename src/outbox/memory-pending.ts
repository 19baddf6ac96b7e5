/**
 * What is pending in the outbox in memory: the deliveries of each webhook in the order in which they became so, and since when
 * the oldest waits. Every call but the walks takes the same time, however many there are. Used by `memory.ts`, which tells of
 * every change.
 */

import { type Linked, LinkedList } from './linked-list.ts'
import type { Entry } from './memory-entry.ts'

/** Pending deliveries that became so one after the other and were accepted in the same second. */
export interface Age extends Linked<Age> {
  readonly acceptedAtMs: number
  pending: number
}

/** See the head of this file. */
export class MemoryPending {
  /** Never an empty list. */
  readonly #byWebhook = new Map<string, LinkedList<Entry>>()
  readonly #ages = new LinkedList<Age>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** When the one that has been pending for longest was accepted, or another of the same second. */
  get oldestAcceptedAtMs(): number | undefined {
    return this.#ages.first?.acceptedAtMs
  }

  add(entry: Entry): void {
    this.#size += 1
    entry.age = this.#ageOf(entry.event.acceptedAtMs)
    entry.age.pending += 1
    const others = this.#byWebhook.get(entry.webhook) ?? this.#begin(entry.webhook)
    others.push(entry)
  }

  remove(entry: Entry): void {
    this.#size -= 1
    const { age } = entry
    entry.age = undefined
    if (age !== undefined) {
      age.pending -= 1
      if (age.pending === 0) this.#ages.remove(age)
    }
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

  #ageOf(acceptedAtMs: number): Age {
    const { last } = this.#ages
    if (last !== undefined && secondOf(last.acceptedAtMs) === secondOf(acceptedAtMs)) return last
    const age = { acceptedAtMs, pending: 0, previous: undefined, next: undefined }
    this.#ages.push(age)
    return age
  }
}

function secondOf(timeMs: number): number {
  return Math.floor(timeMs / 1000)
}
