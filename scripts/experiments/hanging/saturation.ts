/**
 * As much as the engine can deliver: events for all endpoints in turn, in batches, the next as soon as few enough of those
 * before are still on their way (closed loop). What is on its way to hanging endpoints does not count, so that they could
 * only slow the others down inside of the engine.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { monotonicMs } from '../traffic/arrival-log.ts'
import { eventTypeTo } from '../traffic/configuration.ts'
import type { OutgoingEvent } from '../traffic/event-client.ts'
import { readCpuMs } from '../traffic/process-memory.ts'
import type { Receivers } from '../traffic/receivers.ts'
import type { TestedEngine } from '../traffic/tested-engine.ts'

/** Events of a request. */
const BATCH_EVENTS = 200

/** Most events on their way to endpoints that answer. */
const WINDOW = 2000

/** How often open requests are looked at again: thousands of them hang. */
const OPEN_LOOK_MS = 100

/** Longest wait for what is on its way at the end of a slice. */
const LAST_ARRIVALS_MS = 60_000

/** What arrived at the endpoints that answer. */
export interface SliceFigures {
  readonly perSecond: number
  /** In each second of the slice. */
  readonly seconds: readonly number[]
  /** Processor time of the engine for each of them, in microseconds: other work on the machine does not change it much. */
  readonly cpuUs: number
}

/** The endpoints of one engine: those that answer, and the tenth that hangs, or would. */
export interface EndpointSet {
  readonly all: readonly number[]
  readonly hanging: ReadonlySet<number>
}

/** See the head of this file. */
export class Saturation {
  readonly #engine: TestedEngine
  readonly #receivers: Receivers
  readonly #set: EndpointSet
  readonly #firstEvent: number
  /** Requests that were taken, of each event. */
  readonly #taken: number[] = []
  #logIndex: number
  /** Events on their way to endpoints that answer. */
  #open = 0
  /** Places in the log of requests that were not answered when they were looked at. */
  #openLeft: number[] = []
  #openLookedAtMs = 0

  constructor(engine: TestedEngine, receivers: Receivers, set: EndpointSet, firstEvent: number) {
    this.#engine = engine
    this.#receivers = receivers
    this.#set = set
    this.#firstEvent = firstEvent
    this.#logIndex = receivers.log.length
  }

  /** Events sent. */
  get sent(): number {
    return this.#taken.length
  }

  /** One slice; resolves when all that endpoints which answer shall get has arrived. */
  async run(durationMs: number): Promise<SliceFigures> {
    const startedAtMs = monotonicMs()
    const endMs = startedAtMs + durationMs
    const seconds = Array.from({ length: Math.round(durationMs / 1000) }, () => 0)
    const cpuFromMs = await readCpuMs(this.#engine.pid)
    let arrived = 0
    const count = (receivedAtMs: number): void => {
      arrived += 1
      const second = Math.floor((receivedAtMs - startedAtMs) / 1000)
      if (second >= 0 && second < seconds.length) seconds[second] = (seconds[second] ?? 0) + 1
    }
    let sending = 0
    while (monotonicMs() < endMs) {
      this.#read(count)
      // What is being sent counts as on its way; two requests at a time keep the ingress busy.
      if (sending < 2 && this.#open < WINDOW) {
        sending += 1
        this.#send().then(
          () => {
            sending -= 1
          },
          () => undefined,
        )
      } else {
        await pause(1)
      }
    }
    const lastMs = monotonicMs() + LAST_ARRIVALS_MS
    while ((this.#open > 0 || sending > 0) && monotonicMs() < lastMs) {
      this.#read(count)
      await pause(5)
    }
    const cpuMs = (await readCpuMs(this.#engine.pid)) - cpuFromMs
    const perSecond = seconds.reduce((sum, each) => sum + each, 0) / seconds.length
    return { perSecond, seconds, cpuUs: Math.round((cpuMs * 1000) / Math.max(1, arrived)) }
  }

  /** Waits until everything has been taken, hanging endpoints included, or nothing was for `stallMs`. */
  async drained(stallMs: number): Promise<void> {
    let lastMs = monotonicMs()
    while (this.#taken.includes(0) && monotonicMs() - lastMs < stallMs) {
      if (this.#read(() => undefined) > 0) lastMs = monotonicMs()
      await pause(50)
    }
  }

  /** Events that were never taken, and those that were taken more than once. */
  result(): { readonly lost: readonly string[]; readonly repeated: readonly string[] } {
    this.#read(() => undefined)
    const where = (matches: (times: number) => boolean): readonly string[] =>
      this.#taken.flatMap((times, index) =>
        matches(times) ? [`event ${this.#firstEvent + index}: ${times} times`] : [],
      )
    return { lost: where((times) => times === 0), repeated: where((times) => times > 1) }
  }

  async #send(): Promise<void> {
    const { all, hanging } = this.#set
    const events: OutgoingEvent[] = []
    for (let count = 0; count < BATCH_EVENTS; count += 1) {
      const index = this.#taken.length
      const webhook = all[index % all.length] ?? 0
      this.#taken.push(0)
      if (!hanging.has(webhook)) this.#open += 1
      const number = this.#firstEvent + index
      events.push({ number, type: eventTypeTo(webhook), subject: `call-${number}` })
    }
    await this.#engine.confirm(events)
  }

  /** Reads what came since the last look; gives how many events were taken for the first time. */
  #read(onArrival: (receivedAtMs: number) => void): number {
    const { log } = this.#receivers
    let taken = 0
    const stillOpen: number[] = []
    const look = (index: number): void => {
      const { event, webhook, result, receivedAtMs } = log.at(index)
      const place = event - this.#firstEvent
      const times = this.#taken[place]
      if (times === undefined) return
      if (result === 'open') stillOpen.push(index)
      if (result !== 'taken') return
      this.#taken[place] = times + 1
      if (times > 0) return
      taken += 1
      if (this.#set.hanging.has(webhook)) return
      this.#open -= 1
      onArrival(receivedAtMs)
    }
    const before = this.#openLeft
    const isTimeForOpen = monotonicMs() - this.#openLookedAtMs >= OPEN_LOOK_MS
    if (isTimeForOpen) {
      this.#openLookedAtMs = monotonicMs()
      for (const index of before) look(index)
    }
    for (const end = log.length; this.#logIndex < end; this.#logIndex += 1) look(this.#logIndex)
    this.#openLeft = isTimeForOpen ? stillOpen : stillOpen.length === 0 ? before : [...before, ...stillOpen]
    return taken
  }
}
