/**
 * What tells the duplicates of events in the outbox in memory: a digest of account, source and id, which stays when all else of
 * the event is erased, for 24 h, and of a bounded number of events.
 */
import { hash } from 'node:crypto'
import type { AcceptedEvent } from '../../model/delivery.ts'
import { DUPLICATE_WINDOW_MS } from '../contract.ts'

/** Events whose duplicates are told: about 150 MB. */
export const MOST_SEEN_EVENTS: number = 1_000_000

/**
 * Share of them that is forgotten at a time: walking a map from its oldest entry steps over every place where one was, so that
 * forgetting each by itself takes as long as there are many.
 */
const FORGOTTEN_SHARE = 256

/** See the head of this file. */
export class SeenEvents {
  /** Digest to the time of acceptance, in the order accepted. */
  readonly #acceptedAtMs = new Map<string, number>()
  readonly #most: number

  /** Beyond `most` the first ones are forgotten before their time. */
  constructor(most: number) {
    this.#most = most
  }

  /** What tells an event's duplicates; undefined where it has no id of its own. */
  digestOf({ hasOwnId, account, source, id }: AcceptedEvent): string | undefined {
    return hasOwnId ? hash('sha256', JSON.stringify([account, source, id]), 'base64') : undefined
  }

  /** Whether one with this digest was added within 24 h before `nowMs`. */
  has(digest: string | undefined, nowMs: number): boolean {
    const acceptedAtMs = digest === undefined ? undefined : this.#acceptedAtMs.get(digest)
    return acceptedAtMs !== undefined && nowMs - acceptedAtMs < DUPLICATE_WINDOW_MS
  }

  add(digest: string | undefined, acceptedAtMs: number): void {
    if (digest === undefined) return
    this.#acceptedAtMs.delete(digest)
    this.#acceptedAtMs.set(digest, acceptedAtMs)
    if (this.#acceptedAtMs.size <= this.#most) return
    const least = this.#most - Math.floor(this.#most / FORGOTTEN_SHARE)
    for (const [oldest] of this.#acceptedAtMs) {
      if (this.#acceptedAtMs.size <= least) return
      this.#acceptedAtMs.delete(oldest)
    }
  }

  /** Drops the first as far as they have had their time; after a clock went back some stay for longer. */
  forget(nowMs: number): void {
    for (const [digest, acceptedAtMs] of this.#acceptedAtMs) {
      if (nowMs - acceptedAtMs < DUPLICATE_WINDOW_MS) return
      this.#acceptedAtMs.delete(digest)
    }
  }
}
