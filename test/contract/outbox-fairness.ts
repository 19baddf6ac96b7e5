/**
 * Watches that claims take turns: while a webhook has something claimable and room, no other may be given more than a fair
 * share before it has its turn. Used by `outbox-run.ts`, which tells of each lease.
 */
import { expect } from 'vitest'

/** Most leases of one webhook while another waits for its turn. Generous: the contract asks for turns, not for their length. */
const FAIR_SHARE = 64

/** See the head of this file. */
export class FairnessWatch {
  /** Webhooks that wait for their turn, with how often which other was given something meanwhile. */
  readonly #passed = new Map<string, Map<string, number>>()

  /** A lease of `webhook`, while all of `claimable` had something to claim. */
  onLease(webhook: string, claimable: ReadonlySet<string>): void {
    for (const waiting of this.#passed.keys()) if (!claimable.has(waiting)) this.#passed.delete(waiting)
    this.#passed.delete(webhook)
    for (const waiting of claimable) {
      if (waiting === webhook) continue
      const others = this.#passed.get(waiting) ?? new Map<string, number>()
      const times = (others.get(webhook) ?? 0) + 1
      this.#passed.set(waiting, others.set(webhook, times))
      expect(times, `leases of ${webhook} while ${waiting} waits`).toBeLessThanOrEqual(FAIR_SHARE)
    }
  }
}
