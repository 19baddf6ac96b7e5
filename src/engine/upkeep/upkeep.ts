/**
 * Upkeep: maintenance of the outbox at the start, every minute, and when webhooks are gone; one run after the other, never
 * two at once. Owned by the engine, which is told what the store says.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'
import type { Outbox } from '../../outbox/contract.ts'
import type { EngineLog } from '../reports.ts'
import { type DeadLetterCount, endRemoved, type MaintenanceParts, maintain, type Retention } from './maintenance.ts'

/** What upkeep works with; the engine lends it. */
export interface UpkeepParts {
  readonly outbox: Outbox
  readonly clock: Clock
  readonly log: EngineLog
  /** As it is now. */
  readonly retention: () => Retention
  /** The schedule of a webhook as it is now; undefined: it no longer exists. */
  readonly scheduleOf: (webhook: string) => readonly number[] | undefined
  readonly deadLetters: DeadLetterCount
  readonly onStoreWritten: () => void
  readonly onStoreError: (error: unknown) => void
}

/** How often expired and outlived deliveries are looked for. */
const INTERVAL_MS = 60_000

/** See the head of this file. Main thread only. */
export class Upkeep {
  readonly #parts: UpkeepParts
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #isStopping = false
  /** What the store has told of itself although it can write, and is in the log. */
  #told = ''

  constructor(parts: UpkeepParts) {
    this.#parts = parts
  }

  /** Does all that is due, now and every minute. */
  start(): void {
    this.#timer = setInterval(() => this.#maintain(), INTERVAL_MS)
    this.#maintain()
  }

  /** These webhooks are gone: their deliveries end. */
  endRemoved(webhooks: readonly string[]): void {
    this.#run(async () => {
      const removed = await endRemoved(this.#maintenanceParts(), this.#parts.clock.nowMs(), webhooks)
      this.#reportRemoved(removed)
    })
  }

  /** Resolves when nothing runs any more: soon. */
  async close(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#timer)
    await this.#running
  }

  #maintain(): void {
    const { clock, log, onStoreError, onStoreWritten } = this.#parts
    this.#run(async () => {
      const { expired, removed, purged, failures } = await maintain(this.#maintenanceParts(), clock.nowMs())
      if (failures.length === 0) onStoreWritten()
      this.#reportStore()
      this.#reportRemoved(removed)
      if (expired > 0) log.warn({ expired }, 'deliveries were held for too long and are dead letters now')
      if (purged > 0) log.info({ purged }, 'deliveries were forgotten, their time had passed')
      for (const failure of failures) onStoreError(failure)
    })
  }

  #run(work: () => Promise<void>): void {
    this.#running = this.#running.then(work).catch((error: unknown) => this.#parts.onStoreError(error))
  }

  #reportRemoved(removed: number): void {
    if (removed === 0) return
    this.#parts.log.warn({ removed }, 'deliveries of webhooks that no longer exist are dead letters now')
  }

  /** Once for each detail: nothing else tells of damage that is passed over. */
  #reportStore(): void {
    const { isWritable, detail } = this.#parts.outbox.health()
    if (!isWritable || detail === this.#told) return
    this.#told = detail
    if (detail !== '')
      this.#parts.log.error({ detail }, 'the store has records that can not be read: store verify tells which')
  }

  #maintenanceParts(): MaintenanceParts {
    const { outbox, retention, scheduleOf, deadLetters } = this.#parts
    return {
      outbox,
      retention: retention(),
      scheduleOf,
      pause: () => nextTurn(),
      isStopping: () => this.#isStopping,
      deadLetters,
    }
  }
}
