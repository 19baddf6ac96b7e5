/**
 * What happens, told to those who watch while it does: events, decisions, deliveries. Invariant: nothing ever waits for a
 * watcher. Each has a bounded queue; what finds it full is counted and dropped, and the watcher is told so in its place. While
 * nobody watches, telling costs a branch. Fed by the engine, watched through the ingress.
 */
import type { DeliveryRecord } from '../../model/delivery.ts'
import type { InvokeResult } from '../../model/results.ts'

/** What an event is known by. */
export interface LiveEvent {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
}

/** One thing that happened. */
export type LiveMessage = { readonly atMs: number; readonly account: string; readonly event: LiveEvent } & (
  | { readonly kind: 'event'; readonly deliveries: number }
  | { readonly kind: 'decision'; readonly webhook: string; readonly durationMs: number; readonly result: InvokeResult }
  /**
   * After an attempt, or when it was due and its webhook gone; as it stands by then, with its last attempt. What maintenance
   * ends (`expired`, `webhook-removed`) is not told: that may be a million at once.
   */
  | { readonly kind: 'delivery'; readonly webhook: string; readonly record: DeliveryRecord }
)

/** What a watcher wants to be told; absent: everything. */
export interface LiveFilter {
  /** Only of these accounts. */
  readonly accounts?: readonly string[]
  /** Decisions and deliveries of this webhook; events belong to none. */
  readonly webhook?: string
  /** Of the call with this subject. */
  readonly subject?: string
  /** Of events of this type. */
  readonly type?: string
}

/** Something to tell, or how many things could not be told before what comes next. */
export type Told = LiveMessage | { readonly kind: 'dropped'; readonly count: number }

/** Most watchers at once. */
export const WATCHERS_LIMIT = 32

/** Most messages that wait for one watcher. */
export const QUEUE_LIMIT = 1000

/** Someone who watches. */
export class Watcher {
  readonly #filter: LiveFilter
  readonly #onReady: () => void
  readonly #leave: (watcher: Watcher) => void
  #queue: Told[] = []
  #dropped = 0

  constructor(filter: LiveFilter, onReady: () => void, leave: (watcher: Watcher) => void) {
    this.#filter = filter
    this.#onReady = onReady
    this.#leave = leave
  }

  /** Whether it is to be told of this. */
  wants({ account, event, ...message }: Heard): boolean {
    const { accounts, webhook, subject, type } = this.#filter
    if (accounts !== undefined && !accounts.includes(account)) return false
    if (webhook !== undefined && message.webhook !== webhook) return false
    return (subject === undefined || event.subject === subject) && (type === undefined || event.type === type)
  }

  /** Tells it, or counts that it could not be told. */
  offer(message: LiveMessage): void {
    if (this.#queue.length >= QUEUE_LIMIT) {
      this.#dropped += 1
      return
    }
    this.#noteDropped()
    this.#queue.push(message)
    if (this.#queue.length === 1) this.#onReady()
  }

  /**
   * Something happened that it might have wanted and that nobody could look up in time. Counted only where it sees all accounts:
   * others are told that something is missing, not how much there is of everybody's.
   */
  miss(): void {
    this.#dropped = this.#filter.accounts === undefined ? this.#dropped + 1 : Math.max(1, this.#dropped)
  }

  /** What waits for it, at most `most`, in order. */
  take(most: number): readonly Told[] {
    const taken = this.#queue.splice(0, most)
    if (this.#queue.length === 0 && this.#dropped > 0) {
      taken.push({ kind: 'dropped', count: this.#dropped })
      this.#dropped = 0
    }
    return taken
  }

  /** Ends it. Safe to call twice. */
  close(): void {
    this.#queue = []
    this.#leave(this)
  }

  #noteDropped(): void {
    if (this.#dropped === 0) return
    this.#queue.push({ kind: 'dropped', count: this.#dropped })
    this.#dropped = 0
  }
}

/** What decides whether a watcher wants a message. */
interface Heard {
  readonly account: string
  readonly webhook?: string
  readonly event: Pick<LiveEvent, 'subject' | 'type'>
}

/** See the head of this file. Main thread only. */
export class LiveFeed {
  readonly #watchers = new Set<Watcher>()

  /** Whether anybody watches: look at it before a message is made. */
  get isWatched(): boolean {
    return this.#watchers.size > 0
  }

  /** Those who watch now. */
  get watchers(): Iterable<Watcher> {
    return this.#watchers
  }

  /**
   * Watches from now on. `onReady` is called when something waits where nothing did; undefined where there are
   * {@link WATCHERS_LIMIT} already.
   */
  watch(filter: LiveFilter, onReady: () => void): Watcher | undefined {
    if (this.#watchers.size >= WATCHERS_LIMIT) return undefined
    const watcher = new Watcher(filter, onReady, (leaving) => this.#watchers.delete(leaving))
    this.#watchers.add(watcher)
    return watcher
  }

  tell(message: LiveMessage): void {
    for (const watcher of this.#watchers) if (watcher.wants(message)) watcher.offer(message)
  }
}
