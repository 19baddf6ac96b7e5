/**
 * Which pending delivery goes out next: due order within a webhook, turns between webhooks, one at a time within an
 * ordered call, and nothing of a webhook that has no room (it is parked until somebody says otherwise).
 * In memory only and rebuilt from the pending deliveries at start; used by the back ends, which own the deliveries.
 */
import { Heap } from './heap.ts'

/** What the queue needs to know of a delivery. The owner must not change `dueMs` of a queued one: {@link DueQueue.requeue}. */
export interface Queued {
  readonly webhook: string
  /** Order of acceptance; unique. */
  readonly sequence: number
  dueMs: number
  /** Call whose deliveries go out one after the other; empty: no order. */
  readonly orderedCall: string
}

/** A place in a webhook's heap. Stale once the delivery was queued again or removed: then it is skipped. */
interface Slot<T> {
  readonly item: T
  readonly dueMs: number
}

/** `idle`: nothing queued; `waiting`: its earliest is not due; `ready`: takes turns; `parked`: had no room. */
type LanePlace = 'idle' | 'waiting' | 'ready' | 'parked'

interface Lane<T> {
  readonly webhook: string
  readonly slots: Heap<Slot<T>>
  /** Deliveries of ordered calls, oldest first; the first of each is the one queued or leased. */
  readonly calls: Map<string, T[]>
  place: LanePlace
  /** Which entry of the wake heap is this lane's; older ones are stale. */
  wakeAtMs: number
}

/** Deliveries of one webhook leased in one turn, so that many webhooks share a claim. */
const TURN = 16

/** See the head of this file. Single-threaded; every call is bounded by what it returns, never by the backlog. */
export class DueQueue<T extends Queued> {
  readonly #lanes = new Map<string, Lane<T>>()
  readonly #slots = new Map<T, Slot<T>>()
  readonly #wake = new Heap<{ readonly lane: Lane<T>; readonly atMs: number }>((a, b) => a.atMs < b.atMs)
  #ready: Lane<T>[] = []

  /** Queues a delivery that is neither queued nor leased. */
  push(item: T): void {
    const lane = this.#laneOf(item.webhook)
    if (item.orderedCall !== '') {
      const call = lane.calls.get(item.orderedCall)
      if (call !== undefined) {
        call.push(item)
        return
      }
      lane.calls.set(item.orderedCall, [item])
    }
    this.#enqueue(lane, item)
  }

  /** Queues a leased delivery again under its new `dueMs`; of an ordered call it stays the first. */
  requeue(item: T): void {
    this.#enqueue(this.#laneOf(item.webhook), item)
  }

  /** Makes a queued delivery due at `dueMs`; one that waits behind its call's first stays behind it. */
  move(item: T, dueMs: number): void {
    const isQueued = this.#slots.delete(item)
    item.dueMs = dueMs
    if (isQueued) this.#enqueue(this.#laneOf(item.webhook), item)
  }

  /** Forgets a delivery, queued or leased; the next of its ordered call takes its place. */
  remove(item: T): void {
    this.#slots.delete(item)
    const lane = this.#lanes.get(item.webhook)
    if (lane === undefined) return
    if (item.orderedCall !== '') this.#advance(lane, item)
    if (lane.slots.size === 0 && lane.calls.size === 0 && lane.place === 'idle') this.#lanes.delete(item.webhook)
  }

  /** See `Outbox.claim`. */
  claim(nowMs: number, admit: (webhook: string) => boolean, limit: number): T[] {
    const claimed: T[] = []
    this.#wakeDue(nowMs)
    while (claimed.length < limit) {
      const lane = this.#ready.shift()
      if (lane === undefined) break
      const hasRoom = this.#take(lane, nowMs, admit, Math.min(TURN, limit - claimed.length), claimed)
      const head = this.#head(lane)
      if (!hasRoom) lane.place = 'parked'
      else if (head === undefined) lane.place = 'idle'
      else if (head.dueMs <= nowMs) this.#ready.push(lane)
      else this.#wait(lane, head.dueMs)
    }
    return claimed
  }

  /** See `Outbox.unpark`. */
  unpark(webhook: string): void {
    const lane = this.#lanes.get(webhook)
    if (lane?.place !== 'parked') return
    const head = this.#head(lane)
    if (head === undefined) lane.place = 'idle'
    else this.#wait(lane, head.dueMs)
  }

  /** See `Outbox.nextDueMs`. */
  nextDueMs(): number | undefined {
    let earliest: number | undefined
    for (const lane of this.#ready) {
      const head = this.#head(lane)
      if (head !== undefined && (earliest === undefined || head.dueMs < earliest)) earliest = head.dueMs
      // One ready lane is due already: there is nothing earlier to look for that would change what the caller does.
      if (earliest !== undefined) break
    }
    const wake = this.#nextWake()
    if (wake !== undefined && (earliest === undefined || wake.atMs < earliest)) earliest = wake.atMs
    return earliest
  }

  /** Leases up to `most` into `into`; false where the webhook had no room for one. */
  #take(lane: Lane<T>, nowMs: number, admit: (webhook: string) => boolean, most: number, into: T[]): boolean {
    for (let taken = 0; taken < most; taken += 1) {
      const head = this.#head(lane)
      if (head === undefined || head.dueMs > nowMs) return true
      if (!admit(lane.webhook)) return false
      lane.slots.pop()
      this.#slots.delete(head.item)
      into.push(head.item)
    }
    return true
  }

  #advance(lane: Lane<T>, item: T): void {
    const call = lane.calls.get(item.orderedCall)
    if (call === undefined) return
    const index = call.indexOf(item)
    if (index < 0) return
    call.splice(index, 1)
    const next = call[0]
    if (next === undefined) lane.calls.delete(item.orderedCall)
    else if (index === 0) this.#enqueue(lane, next)
  }

  #enqueue(lane: Lane<T>, item: T): void {
    const slot = { item, dueMs: item.dueMs }
    this.#slots.set(item, slot)
    lane.slots.push(slot)
    if (lane.place === 'idle' || (lane.place === 'waiting' && slot.dueMs < lane.wakeAtMs)) this.#wait(lane, slot.dueMs)
  }

  #wait(lane: Lane<T>, atMs: number): void {
    lane.place = 'waiting'
    lane.wakeAtMs = atMs
    this.#wake.push({ lane, atMs })
  }

  #wakeDue(nowMs: number): void {
    for (;;) {
      const wake = this.#nextWake()
      if (wake === undefined || wake.atMs > nowMs) return
      this.#wake.pop()
      const head = this.#head(wake.lane)
      if (head === undefined) wake.lane.place = 'idle'
      else if (head.dueMs > nowMs) this.#wait(wake.lane, head.dueMs)
      else {
        wake.lane.place = 'ready'
        this.#ready.push(wake.lane)
      }
    }
  }

  /** The earliest entry of the wake heap that still counts; stale ones are dropped on the way. */
  #nextWake(): { readonly lane: Lane<T>; readonly atMs: number } | undefined {
    for (;;) {
      const wake = this.#wake.peek()
      if (wake === undefined || (wake.lane.place === 'waiting' && wake.lane.wakeAtMs === wake.atMs)) return wake
      this.#wake.pop()
    }
  }

  #head(lane: Lane<T>): Slot<T> | undefined {
    for (;;) {
      const head = lane.slots.peek()
      if (head === undefined || this.#slots.get(head.item) === head) return head
      lane.slots.pop()
    }
  }

  #laneOf(webhook: string): Lane<T> {
    const existing = this.#lanes.get(webhook)
    if (existing !== undefined) return existing
    const lane: Lane<T> = {
      webhook,
      slots: new Heap<Slot<T>>((a, b) => (a.dueMs === b.dueMs ? a.item.sequence < b.item.sequence : a.dueMs < b.dueMs)),
      calls: new Map(),
      place: 'idle',
      wakeAtMs: 0,
    }
    this.#lanes.set(webhook, lane)
    return lane
  }
}
