/**
 * Events that flow by: sent one by one at a fixed rate whether or not earlier ones were answered (open loop), in turn to
 * some webhooks that take everything. An event's lag is measured from the moment at which it was due to be sent - a sender
 * that is held up hides nothing - until its request arrives at the customer's server.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { build, type Histogram } from 'hdr-histogram-js'
import { monotonicMs } from './arrival-log.ts'
import { eventTypeTo } from './configuration.ts'
import type { Receivers } from './receivers.ts'
import type { TestedEngine } from './tested-engine.ts'

/** What was measured in one slice of time, or in several. */
export interface FlowLags {
  /** Due to be sent until its request arrives, in microseconds. */
  readonly sentUs: Histogram
  /** Confirmed by 202 until its request arrives, in microseconds; 0 where the request was faster. */
  readonly acceptedUs: Histogram
}

/** One event on its way. */
interface FlowEvent {
  readonly dueAtMs: number
  acceptedAtMs?: number
  arrivals: number
}

/** Longest wait for the last requests of a slice. */
const LAST_ARRIVALS_MS = 30_000
const LOOK_MS = 5

/** Longest lag that is told apart; what took longer counts as this. */
const LONGEST_US = 600_000_000

/** See the head of this file. */
export class Flow {
  readonly #engine: TestedEngine
  readonly #receivers: Receivers
  readonly #webhooks: readonly number[]
  readonly #account: string | undefined
  readonly #firstEvent: number
  readonly #events: FlowEvent[] = []
  #logIndex: number

  /** Events are numbered from `firstEvent` on. */
  constructor(
    engine: TestedEngine,
    receivers: Receivers,
    webhooks: readonly number[],
    firstEvent: number,
    account?: string,
  ) {
    this.#engine = engine
    this.#receivers = receivers
    this.#webhooks = webhooks
    this.#firstEvent = firstEvent
    this.#account = account
    this.#logIndex = receivers.log.length
  }

  /** Events sent. */
  get sent(): number {
    return this.#events.length
  }

  /** Sends for a while, or until `stopping`; resolves when everything sent has arrived, with how long it took. */
  async run(ratePerSecond: number, durationMs: number, stopping?: AbortSignal): Promise<FlowLags> {
    const first = this.#events.length
    const startedAtMs = monotonicMs()
    const sending: Promise<void>[] = []
    const most = Math.round((durationMs * ratePerSecond) / 1000)
    for (let count = 0; count < most && stopping?.aborted !== true; ) {
      const dueCount = Math.min(most, Math.floor(((monotonicMs() - startedAtMs) * ratePerSecond) / 1000))
      for (; count < dueCount; count += 1) sending.push(this.#send(startedAtMs + (count * 1000) / ratePerSecond))
      await pause(1)
    }
    await Promise.all(sending)
    return await this.#lags(first)
  }

  /** Sends one and resolves when its request has arrived, with when that was. */
  async sendOne(): Promise<number> {
    const from = this.#receivers.log.length
    const event = this.#firstEvent + this.#events.length
    await this.#send(monotonicMs())
    const arrival = await this.#receivers.next(from, (each) => each.event === event, LAST_ARRIVALS_MS)
    if (arrival === undefined) throw new Error(`event ${event} was accepted and did not arrive`)
    return arrival.receivedAtMs
  }

  /** Events that never arrived, and requests beyond the first of an event. */
  result(): { readonly lost: readonly string[]; readonly repeats: number } {
    this.#read()
    const lost = this.#events.flatMap(({ arrivals }, index) =>
      arrivals === 0 ? [`event ${this.#firstEvent + index}`] : [],
    )
    const repeats = this.#events.reduce((sum, { arrivals }) => sum + Math.max(0, arrivals - 1), 0)
    return { lost, repeats }
  }

  async #send(dueAtMs: number): Promise<void> {
    const index = this.#events.length
    const webhook = this.#webhooks[index % this.#webhooks.length] ?? 0
    const event: FlowEvent = { dueAtMs, arrivals: 0 }
    this.#events.push(event)
    const number = this.#firstEvent + index
    const account = this.#account === undefined ? {} : { account: this.#account }
    await this.#engine.confirm([{ number, type: eventTypeTo(webhook), subject: `call-${number}`, ...account }])
    event.acceptedAtMs = monotonicMs()
  }

  async #lags(first: number): Promise<FlowLags> {
    const lags = newLags()
    const endMs = monotonicMs() + LAST_ARRIVALS_MS
    const open = new Set(this.#events.slice(first))
    while (open.size > 0 && monotonicMs() < endMs) {
      for (const { event, receivedAtMs } of this.#read()) {
        if (!open.delete(event)) continue
        record(lags.sentUs, receivedAtMs - event.dueAtMs)
        record(lags.acceptedUs, receivedAtMs - (event.acceptedAtMs ?? receivedAtMs))
      }
      await pause(LOOK_MS)
    }
    return lags
  }

  /** First arrivals since the last look. */
  #read(): readonly { readonly event: FlowEvent; readonly receivedAtMs: number }[] {
    const found: { readonly event: FlowEvent; readonly receivedAtMs: number }[] = []
    for (const { event: number, webhook, receivedAtMs } of this.#receivers.arrivals(this.#logIndex)) {
      this.#logIndex += 1
      const event = this.#webhooks.includes(webhook) ? this.#events[number - this.#firstEvent] : undefined
      if (event === undefined) continue
      event.arrivals += 1
      if (event.arrivals === 1) found.push({ event, receivedAtMs })
    }
    return found
  }
}

/** Lags of nothing yet. */
export function newLags(): FlowLags {
  const histogram = (): Histogram =>
    build({ lowestDiscernibleValue: 1, highestTrackableValue: LONGEST_US, numberOfSignificantValueDigits: 3 })
  return { sentUs: histogram(), acceptedUs: histogram() }
}

/** Adds what was measured in another slice. */
export function addLags(sum: FlowLags, slice: FlowLags): void {
  sum.sentUs.add(slice.sentUs)
  sum.acceptedUs.add(slice.acceptedUs)
}

/** A lag that this share of events did not pass, in milliseconds. */
export function percentileMs(histogram: Histogram, percent: number): number {
  return histogram.getValueAtPercentile(percent) / 1000
}

/** `p50 1.2, p99 3.4, max 5.6 ms`. */
export function lagText(histogram: Histogram): string {
  const at = (percent: number): string => percentileMs(histogram, percent).toFixed(2)
  return `p50 ${at(50)}, p99 ${at(99)}, p99.9 ${at(99.9)}, max ${at(100)} ms (${histogram.totalCount} events)`
}

/** The same for `--json`, in milliseconds. */
export function lagSummary({ sentUs, acceptedUs }: FlowLags): object {
  const of = (histogram: Histogram): object => {
    const at = (percent: number): number => percentileMs(histogram, percent)
    return { p50: at(50), p99: at(99), p999: at(99.9), max: at(100), events: histogram.totalCount }
  }
  return { sentMs: of(sentUs), acceptedMs: of(acceptedUs) }
}

function record(histogram: Histogram, durationMs: number): void {
  histogram.recordValue(Math.min(LONGEST_US, Math.max(0, Math.round(durationMs * 1000))))
}
