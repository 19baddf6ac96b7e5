/**
 * Deadlines of many exchanges at the price of one timer a distinct duration: equal durations end in the order in which
 * they began, so each has a first-in-first-out list and only its head is waited for.
 * Invariant: a deadline never ends early, is in at most one list, and is gone from memory as soon as it is cancelled.
 * Used by exchanges (connect and response limits), pools (idle time) and readers of bodies (their pace).
 */
import type { Clock } from '../clock.ts'

/** Whoever is told when a deadline has passed. */
export interface DeadlineOwner {
  /** Called once a started deadline; may start it anew. */
  onDeadline(): void
}

/** A deadline that its owner starts, cancels and starts again; never in two {@link Deadlines} at once. */
export class Deadline {
  readonly owner: DeadlineOwner
  /** Monotonic milliseconds; meaningful only while started. */
  dueMs = 0
  /** The list that it waits in; absent when it is not started. */
  queue: DeadlineQueue | undefined = undefined
  previous: Deadline | undefined = undefined
  next: Deadline | undefined = undefined

  constructor(owner: DeadlineOwner) {
    this.owner = owner
  }
}

/** Deadlines of one duration, in the order in which they end. */
interface DeadlineQueue {
  readonly durationMs: number
  first: Deadline | undefined
  last: Deadline | undefined
  timer: NodeJS.Timeout | undefined
}

/** All running deadlines of one thread. */
export class Deadlines {
  readonly #clock: Clock
  readonly #queues = new Map<number, DeadlineQueue>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Starts a deadline, or starts it anew; durations are rounded up to whole milliseconds, which bounds the number of lists.
   * `nowMs` is the monotonic time of whoever has just read it.
   */
  start(deadline: Deadline, durationMs: number, nowMs: number = this.#clock.monotonicMs()): void {
    this.cancel(deadline)
    const wholeMs = Math.max(0, Math.ceil(durationMs))
    let queue = this.#queues.get(wholeMs)
    if (queue === undefined) {
      queue = { durationMs: wholeMs, first: undefined, last: undefined, timer: undefined }
      this.#queues.set(wholeMs, queue)
    }
    deadline.dueMs = nowMs + wholeMs
    deadline.queue = queue
    deadline.previous = queue.last
    if (queue.last === undefined) queue.first = deadline
    else queue.last.next = deadline
    queue.last = deadline
    if (queue.timer === undefined) this.#arm(queue, wholeMs)
  }

  /** Stops a deadline; nothing happens when it is not started. */
  cancel(deadline: Deadline): void {
    const queue = deadline.queue
    if (queue === undefined) return
    if (deadline.previous === undefined) queue.first = deadline.next
    else deadline.previous.next = deadline.next
    if (deadline.next === undefined) queue.last = deadline.previous
    else deadline.next.previous = deadline.previous
    deadline.queue = undefined
    deadline.previous = undefined
    deadline.next = undefined
  }

  /** Distinct durations that are waited for, or were a moment ago. */
  get distinctDurations(): number {
    return this.#queues.size
  }

  /** Forgets every deadline without telling its owner. */
  close(): void {
    for (const queue of this.#queues.values()) {
      clearTimeout(queue.timer)
      for (let deadline = queue.first; deadline !== undefined; deadline = queue.first) this.cancel(deadline)
    }
    this.#queues.clear()
  }

  #arm(queue: DeadlineQueue, waitMs: number): void {
    // After a stall of the thread the timer comes before the sockets are read: one more turn lets an answer that has
    // been waiting in the kernel win over its own deadline.
    queue.timer = setTimeout(() => setImmediate(() => this.#expire(queue)), waitMs)
    // What a deadline guards (a socket, a look-up) keeps the process alive by itself.
    queue.timer.unref()
  }

  #expire(queue: DeadlineQueue): void {
    if (this.#queues.get(queue.durationMs) !== queue) return
    const nowMs = this.#clock.monotonicMs()
    try {
      for (let head = queue.first; head !== undefined && head.dueMs <= nowMs; head = queue.first) {
        this.cancel(head)
        head.owner.onDeadline()
      }
    } finally {
      if (queue.first === undefined) this.#queues.delete(queue.durationMs)
      else this.#arm(queue, Math.max(1, Math.ceil(queue.first.dueMs - nowMs)))
    }
  }
}
