/**
 * The part of the store's pending deliveries that is in memory: those in flight, and of each webhook the ones that are due
 * first. Invariant: of each webhook everything `ready` in table `due` before its horizon is in memory, nothing queued lies
 * at or behind it; without a horizon all of it is. What lies behind the horizon is read ahead of need, never while the
 * webhook is parked. Memory is bounded by weight, shared out evenly among accounts, then among the webhooks of each. Main
 * thread only.
 */
import { TransientMap } from '../../model/transient-map.ts'
import { DueQueue, type Queued } from '../queue/due-queue.ts'
import { Horizons, type Noted } from './horizons.ts'
import type { DuePage, DuePosition, DueRow, SentEvent } from './thread/questions.ts'
import { SURPLUS, type ViewLimits, WindowShares } from './window-shares.ts'

/** What of a delivery is in memory. */
export interface Entry extends Queued {
  readonly id: string
  readonly position: { dueMs: number; readonly place: string }
  readonly event: SentEvent
  readonly weight: number
  attempts: number
  crashes: number
  waitsSinceMs: number
  readonly isOrdered: boolean
  /** `settling`: its settlement is on the way to the disk. */
  phase: 'queued' | 'leased' | 'settling'
}

/** Bytes of payload and context that weigh 1. */
const BYTES_PER_WEIGHT = 4096
/** Deliveries due within this time are read ahead; longer than the scheduler ever sleeps between two claims. */
const LOOK_AHEAD_MS = 70_000

/** Pages on the way from which on no more are read ahead: some milliseconds of the store's thread. */
const READS_AHEAD = 128

/** Rows of a page at most: some milliseconds of the store's thread. */
const PAGE_ROWS = 1000

/** A webhook's window onto its due deliveries. */
interface Window extends Noted {
  readonly webhook: string
  /** Whose delivery was read of it last; empty: none yet. */
  account: string
  /** The first that is not in memory; undefined: all are. */
  horizon: DuePosition | undefined
  weight: number
  /** The horizon of the page that is being read; undefined: none is. */
  reading: DuePosition | undefined
  /** Commands that change the webhook's deliveries and are not done: nothing of it is claimed or read meanwhile. */
  holds: number
}

/** Asks for what a webhook has due from a position on. */
export interface PageRequest {
  readonly webhook: string
  readonly from: DuePosition
  readonly untilMs: number
  readonly rows: number
  readonly bytes: number
}

/** See the head of this file. */
export class DueView {
  readonly #limits: ViewLimits
  readonly #read: (request: PageRequest) => void
  readonly #entries = new TransientMap<string, Entry>()
  readonly #queue = new DueQueue<Entry>((a, b) => a.position.place < b.position.place)
  readonly #windows = new TransientMap<string, Window>()
  /** Windows by the time of their horizon; stale once the horizon moved. */
  readonly #horizons = new Horizons<Window>((window, dueMs) => this.#isHorizon(window, dueMs))
  readonly #shares: WindowShares
  #weight = 0
  #nowMs = 0
  /** Pages on the way. */
  #reads = 0

  /** `read` is called for pages that are needed; their answers come to {@link addPage}. */
  constructor(limits: ViewLimits, read: (request: PageRequest) => void) {
    this.#limits = limits
    this.#read = read
    this.#shares = new WindowShares(limits)
  }

  /** Weight of what is queued, for tests of the bounds. */
  get weight(): number {
    return this.#weight
  }

  entry(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** Whether a delivery was claimed and its settlement is not on the disk. */
  isInFlight(id: string): boolean {
    const phase = this.entry(id)?.phase
    return phase !== undefined && phase !== 'queued'
  }

  /** Ids of a webhook's deliveries in flight. */
  leasedOf(webhook: string): string[] {
    const leased: string[] = []
    for (const entry of this.#entries.values()) {
      if (entry.webhook === webhook && entry.phase === 'leased') leased.push(entry.id)
    }
    return leased
  }

  /** A webhook has due deliveries from `position` on that are not in memory. */
  behind(webhook: string, position: DuePosition): void {
    const window = this.#windowOf(webhook)
    if (window.horizon === undefined || isBefore(position, window.horizon)) window.horizon = position
    this.#evict(window, 0, position)
    this.#schedule(window)
  }

  /** Reads the first page of the webhooks whose deliveries are due first, at most `most` of them; before any claim. */
  prime(most: number): void {
    const behind = [...this.#windows.values()].flatMap((window) =>
      window.horizon === undefined ? [] : [{ window, horizon: window.horizon }],
    )
    behind.sort((a, b) => a.horizon.dueMs - b.horizon.dueMs)
    for (const { window, horizon } of behind.slice(0, most)) this.#request(window, horizon, END_OF_TIME_MS)
  }

  /** A delivery that became pending and ready. Kept where it lies before the horizon and is not known. */
  offer(webhook: string, row: DueRow, event: SentEvent): void {
    if (this.#entries.has(row.id)) return
    const window = this.#windowOf(webhook)
    if (window.horizon !== undefined && !isBefore(row.position, window.horizon)) return
    this.#giveTo(event.account, window)
    const bytes = event.payload.length + event.context.length
    const entry: Entry = {
      id: row.id,
      webhook,
      account: event.account,
      sequence: 0,
      orderedCall: '',
      dueMs: row.position.dueMs,
      position: { ...row.position },
      event,
      weight: 1 + Math.floor(bytes / BYTES_PER_WEIGHT),
      attempts: row.attempts,
      crashes: row.crashes,
      waitsSinceMs: row.waitsSinceMs,
      isOrdered: row.isOrdered,
      isQueued: false,
      phase: 'queued',
    }
    this.#entries.set(entry.id, entry)
    this.#enqueue(window, entry)
  }

  /** A page that was asked for. */
  addPage(request: PageRequest, page: DuePage): void {
    const window = this.#windowOf(request.webhook)
    const isWanted = window.reading === request.from && window.horizon === request.from && window.holds === 0
    this.#reads -= 1
    window.reading = undefined
    if (isWanted) {
      window.horizon = page.next
      for (const row of page.rows) {
        const event = page.events[row.event]
        if (event !== undefined) this.offer(request.webhook, row, event)
      }
    }
    this.#schedule(window)
    this.#dropIdle(window)
  }

  /** The page could not be read; it is asked for again when the webhook is looked at next. */
  failedPage(request: PageRequest): void {
    const window = this.#windowOf(request.webhook)
    this.#reads -= 1
    window.reading = undefined
    this.#schedule(window)
  }

  /** See `Outbox.claim`. */
  claim(nowMs: number, admit: (webhook: string) => boolean, limit: number): Entry[] {
    this.#nowMs = nowMs
    this.#readAhead()
    const claimed = this.#queue.claim(nowMs, admit, limit)
    for (const entry of claimed) {
      entry.phase = 'leased'
      const window = this.#windowOf(entry.webhook)
      this.#unload(window, entry)
      if (window.horizon !== undefined) this.#fill(window)
    }
    return claimed
  }

  unpark(webhook: string): void {
    this.#queue.unpark(webhook)
    const window = this.#windows.get(webhook)
    if (window !== undefined) this.#schedule(window)
  }

  nextDueMs(): number | undefined {
    const queued = this.#queue.nextDueMs()
    // A page that comes tells by itself that there may be more to claim.
    const behind = this.#reads < READS_AHEAD ? this.#horizons.nextMs() : undefined
    if (queued === undefined) return behind
    return behind === undefined ? queued : Math.min(queued, behind)
  }

  /** A settled delivery is pending again; it waits in memory or behind the horizon. */
  requeue(entry: Entry, dueMs: number): void {
    const window = this.#windowOf(entry.webhook)
    this.#giveTo(entry.account, window)
    entry.dueMs = dueMs
    entry.position.dueMs = dueMs
    entry.phase = 'queued'
    if (window.horizon !== undefined && !isBefore(entry.position, window.horizon)) this.#forget(entry)
    else this.#enqueue(window, entry)
  }

  /** A delivery in flight has ended. */
  ended(entry: Entry): void {
    this.#forget(entry)
    this.#dropIdle(this.#windowOf(entry.webhook))
  }

  /** A delivery was erased: takes it out of memory unless it is in flight; false where it is. */
  drop(id: string): boolean {
    const entry = this.#entries.get(id)
    if (entry === undefined) return true
    if (entry.phase !== 'queued') return false
    const window = this.#windowOf(entry.webhook)
    this.#unload(window, entry)
    this.#forget(entry)
    this.#dropIdle(window)
    if (window.horizon !== undefined) this.#fill(window)
    return true
  }

  /** Takes what is queued of a webhook out of memory, and lets nothing in before {@link release}. */
  hold(webhook: string): void {
    const window = this.#windowOf(webhook)
    window.holds += 1
    window.horizon = { ...BEGINNING }
    this.#evict(window, 0, BEGINNING)
  }

  /** Lets a held webhook be claimed from again: its deliveries are read anew. */
  release(webhook: string, nowMs: number): void {
    this.#windowOf(webhook).holds -= 1
    this.readAnew(webhook, nowMs)
  }

  /** Something of a webhook became due at `nowMs` that may lie before what is in memory: reads it from the beginning. */
  readAnew(webhook: string, nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
    const window = this.#windowOf(webhook)
    window.horizon = { ...BEGINNING }
    this.#evict(window, 0, BEGINNING)
    this.#schedule(window)
  }

  /** Deliveries of a webhook became pending from `position` on: they are read in their turn, or now where that is needed. */
  dueFrom(webhook: string, position: DuePosition, nowMs: number): void {
    const window = this.#windowOf(webhook)
    // What lies at or behind the horizon is read from the store anyhow.
    if (window.horizon === undefined || isBefore(position, window.horizon)) this.readAnew(webhook, nowMs)
    else this.#schedule(window)
  }

  /** True while deliveries of the webhook that are due soon are being read. */
  isReading(webhook: string): boolean {
    return this.#windows.get(webhook)?.reading !== undefined
  }

  #enqueue(window: Window, entry: Entry): void {
    this.#queue.push(entry)
    window.weight += entry.weight
    this.#weight += entry.weight
    const share = this.#shares.of(window.account)
    if (window.weight > share * SURPLUS || (this.#weight > this.#limits.total && window.weight > share)) {
      this.#evict(window, share, undefined)
    }
    if (this.#weight <= this.#shares.cutAbove) return
    for (const other of this.#windows.values()) this.#evict(other, this.#shares.of(other.account), undefined)
  }

  /** Keeps about `weight` of a window, the earliest; the horizon moves to what went, if it lay behind that. */
  #evict(window: Window, weight: number, horizon: DuePosition | undefined): void {
    if (window.weight <= weight) return
    const keep = weight === 0 ? 0 : Math.max(1, Math.floor((this.#countOf(window) * weight) / window.weight))
    const evicted = this.#queue.evict(window.webhook, keep)
    for (const entry of evicted) {
      this.#unload(window, entry)
      this.#entries.delete(entry.id)
    }
    const first = evicted[0]
    if (horizon === undefined && first !== undefined) window.horizon = { ...first.position }
    this.#schedule(window)
  }

  #countOf(window: Window): number {
    return this.#queue.queuedOf(window.webhook)
  }

  #unload(window: Window, entry: Entry): void {
    window.weight -= entry.weight
    this.#weight -= entry.weight
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.id)
    this.#queue.remove(entry)
  }

  #dropIdle(window: Window): void {
    if (window.weight > 0 || window.horizon !== undefined || window.holds > 0 || window.reading !== undefined) return
    this.#windows.delete(window.webhook)
    this.#shares.leaves(window.account)
  }

  #giveTo(account: string, window: Window): void {
    if (window.account === account) return
    this.#shares.leaves(window.account)
    window.account = account
    this.#shares.joins(account)
  }

  /** Reads what a window needs now, or notes when it will need it. */
  #schedule(window: Window): void {
    if (window.horizon === undefined || window.reading !== undefined || window.holds > 0) return
    if (this.#queue.isParked(window.webhook)) return
    // Nothing waits at a horizon that is in flight already, as after the clock went back: what comes behind it counts.
    if (this.isInFlight(idAt(window.horizon))) {
      this.#request(window, window.horizon, window.horizon.dueMs)
    } else if (window.horizon.dueMs > this.#nowMs + LOOK_AHEAD_MS) {
      this.#horizons.note(window, window.horizon.dueMs)
    } else {
      this.#fill(window)
    }
  }

  #fill(window: Window): void {
    const { horizon } = window
    if (horizon === undefined || window.reading !== undefined || window.holds > 0) return
    if (window.weight > this.#shares.of(window.account) / 2 || this.#queue.isParked(window.webhook)) return
    if (horizon.dueMs > this.#nowMs + LOOK_AHEAD_MS) {
      this.#horizons.note(window, horizon.dueMs)
      return
    }
    this.#request(window, horizon, this.#nowMs + LOOK_AHEAD_MS)
  }

  #request(window: Window, from: DuePosition, untilMs: number): void {
    if (window.reading !== undefined) return
    window.reading = from
    this.#reads += 1
    const rows = Math.max(1, Math.min(PAGE_ROWS, this.#shares.of(window.account) - window.weight))
    this.#read({ webhook: window.webhook, from, untilMs, rows, bytes: rows * BYTES_PER_WEIGHT })
  }

  #readAhead(): void {
    while (this.#reads < READS_AHEAD) {
      const atMs = this.#horizons.nextMs()
      if (atMs === undefined || atMs > this.#nowMs + LOOK_AHEAD_MS) return
      const window = this.#horizons.pop()
      if (window !== undefined) this.#fill(window)
    }
  }

  /** Whether a window has to be read when `dueMs` comes near. */
  #isHorizon({ webhook, horizon, reading, holds }: Window, dueMs: number): boolean {
    return horizon?.dueMs === dueMs && reading === undefined && holds === 0 && !this.#queue.isParked(webhook)
  }

  #windowOf(webhook: string): Window {
    const existing = this.#windows.get(webhook)
    if (existing !== undefined) return existing
    const none = { horizon: undefined, notedMs: undefined, reading: undefined }
    const window: Window = { webhook, account: '', weight: 0, holds: 0, ...none }
    this.#windows.set(webhook, window)
    this.#shares.joins(window.account)
    return window
  }
}

/** The latest time that the store can hold. */
const END_OF_TIME_MS = 2 ** 48 - 1

/** Before everything. */
const BEGINNING: DuePosition = { dueMs: 0, place: '00'.repeat(15) }

/** Whatever time its row has: a retry moves the row of a delivery in flight, not the delivery. */
function idAt({ place }: DuePosition): string {
  return `${place.slice(0, 26)}-${Number.parseInt(place.slice(26), 16)}`
}

function isBefore(a: DuePosition, b: DuePosition): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.place < b.place)
}
