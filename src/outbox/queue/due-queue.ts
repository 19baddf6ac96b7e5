/**
 * Which pending delivery goes out next: due order within a webhook, turns between accounts and between the webhooks of
 * each, one at a time within an ordered call, and nothing of a webhook that has no room (it is parked until somebody says
 * otherwise).
 * In memory only and rebuilt from the pending deliveries at start; used by the back ends, which own the deliveries.
 */
import type { Linked } from '../../model/linked-list.ts'
import { TransientMap } from '../../model/transient-map.ts'
import { DueHeap } from './due-heap.ts'
import { Turns } from './turns.ts'

/** What the queue needs to know of a delivery. The owner must not change `dueMs` of a queued one: {@link DueQueue.move}. */
export interface Queued {
  readonly webhook: string
  /** Whose it is; a webhook takes its turn for the account of the delivery that it has due first. */
  readonly account: string
  /** Order of acceptance; unique. */
  readonly sequence: number
  dueMs: number
  /** Call whose deliveries go out one after the other; empty: no order. */
  readonly orderedCall: string
  /** Belongs to the queue: true while it waits for its turn, neither leased nor behind another of its call. */
  isQueued?: boolean
}

/** `idle`: nothing queued; `waiting`: its earliest is not due; `ready`: takes turns; `parked`: had no room. */
type LanePlace = 'idle' | 'waiting' | 'ready' | 'parked'

interface Lane<T extends Queued> extends Linked<Lane<T>> {
  readonly webhook: string
  readonly queued: DueHeap<T>
  /** Deliveries of ordered calls, oldest first; the first of each is the one queued or leased. */
  readonly calls: Map<string, T[]>
  place: LanePlace
  /** Its entries in the wake heap, the earliest at the end; all the lane ever needs, so that it adds none for a later time. */
  readonly wakesAtMs: number[]
}

/** Deliveries leased in one turn, which is one webhook's and counts for its account, so that many share a claim. */
const TURN = 16

/** See the head of this file. Single-threaded; every call is bounded by what it returns, never by the backlog. */
export class DueQueue<T extends Queued> {
  readonly #lanes = new TransientMap<string, Lane<T>>()
  readonly #wake = new DueHeap<Lane<T>>()
  readonly #acceptedBefore: (a: T, b: T) => boolean
  readonly #ready = new Turns<Lane<T>>()

  /** `acceptedBefore` orders what is due at the same time; by `sequence` where it is not given. */
  constructor(acceptedBefore: (a: T, b: T) => boolean = (a, b) => a.sequence < b.sequence) {
    this.#acceptedBefore = acceptedBefore
  }

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
    item.dueMs = dueMs
    if (item.isQueued === true) this.#enqueue(this.#laneOf(item.webhook), item)
  }

  /** Forgets a delivery, queued or leased; the next of its ordered call takes its place. */
  remove(item: T): void {
    item.isQueued = false
    const lane = this.#lanes.get(item.webhook)
    if (lane === undefined) return
    if (item.orderedCall !== '') this.#advance(lane, item)
    this.#dropEmpty(lane)
  }

  /** See `Outbox.claim`. */
  claim(nowMs: number, admit: (webhook: string) => boolean, limit: number): T[] {
    const claimed: T[] = []
    this.#wakeDue(nowMs)
    while (claimed.length < limit) {
      const lane = this.#ready.next()
      if (lane === undefined) break
      const hasRoom = this.#take(lane, nowMs, admit, Math.min(TURN, limit - claimed.length), claimed)
      const head = this.#head(lane)
      if (!hasRoom) lane.place = 'parked'
      else if (head !== undefined && head.dueMs <= nowMs) this.#ready.add(head.account, lane)
      else this.#rest(lane, head)
    }
    return claimed
  }

  /** See `Outbox.unpark`. */
  unpark(webhook: string): void {
    const lane = this.#lanes.get(webhook)
    if (lane?.place !== 'parked') return
    this.#rest(lane, this.#head(lane))
  }

  /** True: the webhook had no room and was not unparked since. */
  isParked(webhook: string): boolean {
    return this.#lanes.get(webhook)?.place === 'parked'
  }

  /** True: an earlier one of its ordered call is queued or leased, behind which this one waits. Only for what is one of both. */
  isBehind(item: T): boolean {
    const first = this.#lanes.get(item.webhook)?.calls.get(item.orderedCall)?.[0]
    return first !== undefined && first !== item
  }

  /** Queued deliveries of a webhook, about: ones that were moved may count twice. */
  queuedOf(webhook: string): number {
    return this.#lanes.get(webhook)?.queued.size ?? 0
  }

  /** Takes all but the earliest `keep` queued deliveries of a webhook out, the earliest first; not for ordered calls. */
  evict(webhook: string, keep: number): T[] {
    const lane = this.#lanes.get(webhook)
    if (lane === undefined) return []
    const evicted: T[] = []
    const kept: T[] = []
    for (let head = this.#pop(lane); head !== undefined; head = this.#pop(lane)) {
      const into = kept.length < keep ? kept : evicted
      into.push(head)
    }
    for (const item of kept) this.#place(lane, item)
    return evicted
  }

  /** See `Outbox.nextDueMs`. Looks at each webhook whose turn is to come: none after a claim that stayed below its limit. */
  nextDueMs(): number | undefined {
    let earliest = this.#nextWake()?.atMs
    for (const lane of this.#ready) {
      const head = this.#head(lane)
      if (head !== undefined && (earliest === undefined || head.dueMs < earliest)) earliest = head.dueMs
    }
    return earliest
  }

  /** Leases up to `most` into `into`; false where the webhook had no room for one. */
  #take(lane: Lane<T>, nowMs: number, admit: (webhook: string) => boolean, most: number, into: T[]): boolean {
    for (let taken = 0; taken < most; taken += 1) {
      const head = this.#head(lane)
      if (head === undefined || head.dueMs > nowMs) return true
      if (!admit(lane.webhook)) return false
      this.#pop(lane)
      into.push(head)
    }
    return true
  }

  #pop(lane: Lane<T>): T | undefined {
    const head = this.#head(lane)
    if (head === undefined) return undefined
    lane.queued.pop()
    head.isQueued = false
    return head
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
    this.#place(lane, item)
    if (lane.place === 'idle' || lane.place === 'waiting') this.#wait(lane, item.dueMs)
  }

  #place(lane: Lane<T>, item: T): void {
    item.isQueued = true
    lane.queued.push(item, item.dueMs)
  }

  #wait(lane: Lane<T>, atMs: number): void {
    lane.place = 'waiting'
    const earliestMs = lane.wakesAtMs.at(-1)
    if (earliestMs !== undefined && earliestMs <= atMs) return
    lane.wakesAtMs.push(atMs)
    this.#wake.push(lane, atMs)
  }

  #wakeDue(nowMs: number): void {
    for (;;) {
      const wake = this.#nextWake()
      if (wake === undefined || wake.atMs > nowMs) return
      const { lane, head } = wake
      this.#popWake(lane)
      lane.place = 'ready'
      this.#ready.add(head.account, lane)
    }
  }

  /** When the earliest waiting lane is due; entries that were overtaken by a change are dropped or renewed on the way. */
  #nextWake(): { readonly lane: Lane<T>; readonly atMs: number; readonly head: T } | undefined {
    for (;;) {
      const lane = this.#wake.peek()
      const atMs = this.#wake.dueMs
      if (lane === undefined || atMs === undefined) return undefined
      const isWaiting = lane.place === 'waiting'
      const head = isWaiting ? this.#head(lane) : undefined
      if (head?.dueMs === atMs) return { lane, atMs, head }
      this.#popWake(lane)
      if (isWaiting) this.#rest(lane, head)
    }
  }

  /** Puts a lane that has no turn where it belongs by its head. */
  #rest(lane: Lane<T>, head: T | undefined): void {
    if (head !== undefined) {
      this.#wait(lane, head.dueMs)
      return
    }
    lane.place = 'idle'
    this.#dropEmpty(lane)
  }

  /** A webhook that has nothing takes no memory: there may have been any number of them. */
  #dropEmpty(lane: Lane<T>): void {
    const isEmpty = lane.queued.size === 0 && lane.calls.size === 0 && lane.place === 'idle'
    if (isEmpty && this.#lanes.get(lane.webhook) === lane) this.#lanes.delete(lane.webhook)
  }

  /** Takes the earliest entry, which is `lane`'s, out of the heap. */
  #popWake(lane: Lane<T>): void {
    this.#wake.pop()
    lane.wakesAtMs.pop()
  }

  /** The earliest; places that were left meanwhile are dropped on the way. */
  #head(lane: Lane<T>): T | undefined {
    for (;;) {
      const head = lane.queued.peek()
      if (head === undefined || (head.isQueued === true && head.dueMs === lane.queued.dueMs)) return head
      lane.queued.pop()
    }
  }

  #laneOf(webhook: string): Lane<T> {
    const existing = this.#lanes.get(webhook)
    if (existing !== undefined) return existing
    const lane: Lane<T> = {
      webhook,
      queued: new DueHeap<T>(this.#acceptedBefore),
      calls: new Map(),
      place: 'idle',
      wakesAtMs: [],
      previous: undefined,
      next: undefined,
    }
    this.#lanes.set(webhook, lane)
    return lane
  }
}
