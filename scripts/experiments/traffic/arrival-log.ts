/**
 * Every request that reached a customer's server, in the order received: written by the receivers' thread alone, read by
 * the experiment's, in memory that both share, so that a million arrivals cost neither of them a message.
 */

/** How a request ended. `open`: not yet. */
export type ArrivalResult = 'open' | 'taken' | 'refused'

/** One request. */
export interface Arrival {
  /** Number of the webhook it came for. */
  readonly webhook: number
  /** Number of the event. */
  readonly event: number
  /** Number of the engine's process that sent it, from 1. */
  readonly life: number
  /** {@link monotonicMs}, also below. */
  readonly receivedAtMs: number
  readonly result: ArrivalResult
  /** When it was answered, or its connection broke; 0 while it is open. */
  readonly endedAtMs: number
}

/** The memory of a log, to be handed to a thread. */
export interface ArrivalMemory {
  readonly capacity: number
  readonly count: SharedArrayBuffer
  readonly webhooks: SharedArrayBuffer
  readonly lives: SharedArrayBuffer
  readonly events: SharedArrayBuffer
  readonly results: SharedArrayBuffer
  readonly receivedAtMs: SharedArrayBuffer
  readonly endedAtMs: SharedArrayBuffer
}

const RESULTS: readonly ArrivalResult[] = ['open', 'taken', 'refused']

/** Milliseconds on a clock that all threads and processes of a machine share and nobody sets. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Memory for at most `capacity` requests. */
export function allocateArrivals(capacity: number): ArrivalMemory {
  return {
    capacity,
    count: new SharedArrayBuffer(4),
    webhooks: new SharedArrayBuffer(4 * capacity),
    lives: new SharedArrayBuffer(4 * capacity),
    events: new SharedArrayBuffer(4 * capacity),
    results: new SharedArrayBuffer(capacity),
    receivedAtMs: new SharedArrayBuffer(8 * capacity),
    endedAtMs: new SharedArrayBuffer(8 * capacity),
  }
}

/** See the head of this file. */
export class ArrivalLog {
  readonly #capacity: number
  readonly #count: Int32Array
  readonly #webhooks: Int32Array
  readonly #lives: Int32Array
  readonly #events: Int32Array
  readonly #results: Uint8Array
  readonly #receivedAtMs: Float64Array
  readonly #endedAtMs: Float64Array

  constructor(memory: ArrivalMemory) {
    this.#capacity = memory.capacity
    this.#count = new Int32Array(memory.count)
    this.#webhooks = new Int32Array(memory.webhooks)
    this.#lives = new Int32Array(memory.lives)
    this.#events = new Int32Array(memory.events)
    this.#results = new Uint8Array(memory.results)
    this.#receivedAtMs = new Float64Array(memory.receivedAtMs)
    this.#endedAtMs = new Float64Array(memory.endedAtMs)
  }

  /** Requests so far. */
  get length(): number {
    return Atomics.load(this.#count, 0)
  }

  /** The request at `index`, which is below {@link length}. */
  at(index: number): Arrival {
    return {
      webhook: this.#webhooks[index] ?? 0,
      event: this.#events[index] ?? 0,
      life: this.#lives[index] ?? 0,
      receivedAtMs: this.#receivedAtMs[index] ?? 0,
      result: RESULTS[this.#results[index] ?? 0] ?? 'open',
      endedAtMs: this.#endedAtMs[index] ?? 0,
    }
  }

  /** Takes down a request; its index. Throws where the log is full: then the experiment is wrong. */
  begin(webhook: number, life: number, event: number): number {
    const index = this.length
    if (index >= this.#capacity) throw new Error(`more than ${this.#capacity} requests arrived`)
    this.#webhooks[index] = webhook
    this.#lives[index] = life
    this.#events[index] = event
    this.#receivedAtMs[index] = monotonicMs()
    Atomics.store(this.#count, 0, index + 1)
    return index
  }

  /** Takes down how it ended; the first end counts. */
  end(index: number, result: Exclude<ArrivalResult, 'open'>): void {
    if (this.#results[index] !== 0) return
    this.#endedAtMs[index] = monotonicMs()
    this.#results[index] = RESULTS.indexOf(result)
  }
}
