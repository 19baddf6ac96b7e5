/**
 * Many events for webhooks whose servers take nothing: accepted as fast as the engine takes them, and counted when they come
 * at last. A request that the receivers took is the delivery.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { monotonicMs } from './arrival-log.ts'
import { eventTypeTo } from './configuration.ts'
import type { OutgoingEvent } from './event-client.ts'
import type { Receivers } from './receivers.ts'
import type { TestedEngine } from './tested-engine.ts'

/** Events of a request, and requests at a time: enough to keep the engine busy. */
const BATCH_EVENTS = 2000
const BATCHES_AT_A_TIME = 3

/** Deliveries come to an end if none comes for so long. */
const STALL_MS = 60_000
const LOOK_MS = 50

/** What was sent and taken. */
export interface Drained {
  /** Deliveries taken in each second since the first one. */
  readonly perSecond: readonly number[]
  readonly durationMs: number
}

/** See the head of this file. */
export class WaitingEvents {
  readonly #engine: TestedEngine
  readonly #receivers: Receivers
  readonly #webhooks: readonly number[]
  readonly #firstEvent: number
  readonly #account: string | undefined
  readonly #taken: Uint8Array
  #logIndex: number
  #takenCount = 0
  #refused = 0

  constructor(
    engine: TestedEngine,
    receivers: Receivers,
    webhooks: readonly number[],
    count: number,
    firstEvent: number,
    account?: string,
  ) {
    this.#engine = engine
    this.#receivers = receivers
    this.#webhooks = webhooks
    this.#firstEvent = firstEvent
    this.#account = account
    this.#taken = new Uint8Array(count)
    this.#logIndex = receivers.log.length
  }

  /** Has all of them accepted; resolves to how long that took. `look` is called now and then meanwhile. */
  async fill(look: () => Promise<void>): Promise<number> {
    const startedAtMs = monotonicMs()
    const count = this.#taken.length
    let next = 0
    const fill = async (): Promise<void> => {
      while (next < count) {
        const first = next
        next = Math.min(count, first + BATCH_EVENTS)
        await this.#engine.confirm(Array.from({ length: next - first }, (_, index) => this.#event(first + index)))
      }
    }
    const filling = Promise.all(Array.from({ length: BATCHES_AT_A_TIME }, fill)).then(() => 'done')
    for (;;) {
      if ((await Promise.race([filling, pause(500, 'filling')])) === 'done') return monotonicMs() - startedAtMs
      await look()
    }
  }

  /** Resolves when all have been taken, or none came for a minute. */
  async drained(): Promise<Drained> {
    let firstAtMs: number | undefined
    let lastAtMs = monotonicMs()
    const perSecond: number[] = []
    while (this.#takenCount < this.#taken.length && monotonicMs() - lastAtMs < STALL_MS) {
      for (const atMs of this.#read()) {
        firstAtMs ??= atMs
        lastAtMs = atMs
        const second = Math.floor((atMs - firstAtMs) / 1000)
        while (perSecond.length <= second) perSecond.push(0)
        perSecond[second] = (perSecond[second] ?? 0) + 1
      }
      await pause(LOOK_MS)
    }
    return { perSecond, durationMs: lastAtMs - (firstAtMs ?? lastAtMs) }
  }

  /** What is missing, what was taken more than once, and how many requests were refused. */
  result(): { readonly lost: readonly string[]; readonly repeated: readonly string[]; readonly refused: number } {
    for (const _ of this.#read());
    const lost: string[] = []
    const repeated: string[] = []
    for (const [event, times] of this.#taken.entries()) {
      if (times === 0) lost.push(`event ${event}`)
      if (times > 1) repeated.push(`event ${event} was taken ${times} times`)
    }
    return { lost, repeated, refused: this.#refused }
  }

  #event(index: number): OutgoingEvent {
    const webhook = this.#webhooks[index % this.#webhooks.length] ?? 0
    const number = this.#firstEvent + index
    const account = this.#account === undefined ? {} : { account: this.#account }
    return { number, type: eventTypeTo(webhook), subject: `call-${number}`, ...account }
  }

  /** When the deliveries were taken that came since the last look. */
  *#read(): Generator<number> {
    const { log } = this.#receivers
    while (this.#logIndex < log.length) {
      const { webhook, event, result, receivedAtMs } = log.at(this.#logIndex)
      // Its end is not known yet: look again later, in order.
      if (result === 'open') return
      this.#logIndex += 1
      if (!this.#webhooks.includes(webhook)) continue
      if (result === 'refused') {
        this.#refused += 1
        continue
      }
      const index = event - this.#firstEvent
      const times = this.#taken[index]
      if (times === undefined) continue
      this.#taken[index] = Math.min(255, times + 1)
      if (times > 0) continue
      this.#takenCount += 1
      yield receivedAtMs
    }
  }
}
