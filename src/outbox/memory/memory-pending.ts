/**
 * What is pending in the outbox in memory: of each webhook what waits, the earliest due first, and what is in flight; and since
 * when the oldest is pending. No call but the walks takes longer for a larger backlog than it takes to find a place in a heap.
 * Used by `memory.ts`, which tells of every change.
 */
import { LinkedList } from '../../model/linked-list.ts'
import { IndexedHeap } from './indexed-heap.ts'
import { MemoryAges } from './memory-ages.ts'
import { type Entry, isDueBefore } from './memory-entry.ts'

/** What is pending of a webhook. */
interface OfWebhook {
  /** Not in flight; behind another of its ordered call or not. */
  readonly waiting: IndexedHeap<Entry>
  readonly inFlight: LinkedList<Entry>
}

/** See the head of this file. */
export class MemoryPending {
  /** Never one with nothing. */
  readonly #byWebhook = new Map<string, OfWebhook>()
  readonly #ages = new MemoryAges()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** See `MemoryAges`. */
  get oldestAcceptedAtMs(): number | undefined {
    return this.#ages.oldestAcceptedAtMs
  }

  /** It became pending, and waits. */
  add(entry: Entry): void {
    this.#size += 1
    entry.age = this.#ages.join(entry.event.acceptedAtMs)
    this.#of(entry.webhook).waiting.add(entry)
  }

  /** One that waits is in flight. */
  leased(entry: Entry): void {
    const { waiting, inFlight } = this.#of(entry.webhook)
    waiting.remove(entry)
    inFlight.push(entry)
  }

  /** One that was in flight waits again. */
  released(entry: Entry): void {
    const { waiting, inFlight } = this.#of(entry.webhook)
    inFlight.remove(entry)
    waiting.add(entry)
  }

  /** It is due at another time now. */
  moved(entry: Entry): void {
    if (isWaiting(entry)) this.#of(entry.webhook).waiting.moved(entry)
  }

  /** It is not pending any more. */
  remove(entry: Entry): void {
    this.#size -= 1
    if (entry.age !== undefined) this.#ages.leave(entry.age)
    entry.age = undefined
    const { waiting, inFlight } = this.#of(entry.webhook)
    if (isWaiting(entry)) waiting.remove(entry)
    else inFlight.remove(entry)
    if (waiting.size + inFlight.size === 0) this.#byWebhook.delete(entry.webhook)
  }

  countOf(webhook: string): number {
    const pending = this.#byWebhook.get(webhook)
    return pending === undefined ? 0 : countOf(pending)
  }

  /** What waits of a webhook and is due first. */
  firstWaiting(webhook: string): Entry | undefined {
    return this.#byWebhook.get(webhook)?.waiting.first
  }

  inFlightOf(webhook: string): Iterable<Entry> {
    return this.#byWebhook.get(webhook)?.inFlight ?? []
  }

  *counts(): Iterable<readonly [webhook: string, pending: number]> {
    for (const [webhook, pending] of this.#byWebhook) yield [webhook, countOf(pending)]
  }

  /** See `Outbox.overdue`. */
  overdue(dueBeforeMs: number): string[] {
    const isOverdue = ({ dueMs, isErased }: Entry): boolean => !isErased && dueMs < dueBeforeMs
    const overdue: string[] = []
    for (const [webhook, { waiting, inFlight }] of this.#byWebhook) {
      const { first } = waiting
      if ((first !== undefined && isOverdue(first)) || [...inFlight].some(isOverdue)) overdue.push(webhook)
    }
    return overdue
  }

  #of(webhook: string): OfWebhook {
    const known = this.#byWebhook.get(webhook)
    if (known !== undefined) return known
    const pending = { waiting: new IndexedHeap<Entry>(isDueBefore), inFlight: new LinkedList<Entry>() }
    this.#byWebhook.set(webhook, pending)
    return pending
  }
}

function isWaiting({ heapIndex }: Entry): boolean {
  return heapIndex >= 0
}

function countOf({ waiting, inFlight }: OfWebhook): number {
  return waiting.size + inFlight.size
}
