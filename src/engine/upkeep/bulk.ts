/**
 * Commands on many ended deliveries: replay and purge, carried out step after step, so that whatever they touch nothing else
 * waits for longer than a step takes. Between two steps everything else has its turn. Owned by the engine.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'
import { SwitchhookError } from '../../errors.ts'
import { type DeliveryState, deliveryId } from '../../model/delivery.ts'
import { lastKeyBefore } from '../../model/ids.ts'
import type { Outbox, StepResult } from '../../outbox/contract.ts'

/** Which deliveries of a webhook are sent again. */
export interface ReplaySelection {
  readonly webhook: string
  readonly state: Exclude<DeliveryState, 'pending'>
  /** Accepted in [sinceMs, untilMs), milliseconds since the epoch. */
  readonly sinceMs: number
  readonly untilMs: number
  /** Only events of these accounts; absent: of all. */
  readonly accounts?: readonly string[]
}

/** Which deliveries are forgotten. */
export interface PurgeSelection {
  readonly state: Exclude<DeliveryState, 'pending'>
  /** Ended before this, milliseconds since the epoch. */
  readonly endedBeforeMs: number
  /** Absent: of all webhooks. */
  readonly webhook?: string
  readonly accounts?: readonly string[]
}

/** What came of a replay; `refused` has its reason in one sentence without a final stop. */
export type ReplayResult =
  | { readonly kind: 'replayed'; readonly count: number }
  | { readonly kind: 'refused'; readonly detail: string }

/** Deliveries of a step: four transactions of the embedded store, half a millisecond in memory. */
const STEP = 500

/** Later than the index of any delivery of an event. */
const LAST_INDEX = 0xffff

/** See the head of this file. Main thread only. */
export class BulkCommands {
  readonly #outbox: Outbox
  readonly #clock: Clock
  readonly #onRevived: () => void
  readonly #replayed = new Set<string>()
  readonly #running = new Set<Promise<number>>()
  #isStopping = false

  /** `onRevived` is called when there may be something to send. */
  constructor(outbox: Outbox, clock: Clock, onRevived: () => void) {
    this.#outbox = outbox
    this.#clock = clock
    this.#onRevived = onRevived
  }

  /** Makes deliveries pending anew; one replay a webhook at a time. Throws `unavailable` where it was stopped half way. */
  async replay(selection: ReplaySelection): Promise<ReplayResult> {
    const { webhook, sinceMs } = selection
    if (this.#replayed.has(webhook)) return { kind: 'refused', detail: `${webhook} is being replayed already` }
    this.#replayed.add(webhook)
    const atMs = this.#clock.nowMs()
    // What was accepted earlier than asked for need not be walked over: ids tell when they were made.
    const first = sinceMs > 0 ? deliveryId(lastKeyBefore(sinceMs), LAST_INDEX) : undefined
    try {
      const count = await this.#all(first, async (place) => {
        const result = await this.#outbox.step({ kind: 'replay', ...selection, ...place, limit: STEP, atMs })
        this.#onRevived()
        return result
      })
      return { kind: 'replayed', count }
    } finally {
      this.#replayed.delete(webhook)
    }
  }

  /** Removes deliveries for good; resolves to how many. Throws as {@link replay}. */
  async purge(selection: PurgeSelection): Promise<number> {
    const atMs = this.#clock.nowMs()
    return await this.#all(undefined, (place) =>
      this.#outbox.step({ kind: 'forget', ...selection, ...place, limit: STEP, atMs }),
    )
  }

  /** Ends after the step under way; resolves when nothing runs any more. Safe to call twice. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.allSettled(this.#running)
  }

  async #all(first: string | undefined, step: (place: { after?: string }) => Promise<StepResult>): Promise<number> {
    const running = this.#walk(first, step)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  async #walk(first: string | undefined, step: (place: { after?: string }) => Promise<StepResult>): Promise<number> {
    let touched = 0
    let after = first
    do {
      if (this.#isStopping) {
        throw new SwitchhookError('unavailable', `the service is stopping: ${touched} deliveries are done, ask again`)
      }
      const result = await step(after === undefined ? {} : { after })
      touched += result.touched
      after = result.next
      await nextTurn()
    } while (after !== undefined)
    return touched
  }
}
