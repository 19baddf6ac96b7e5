/**
 * Watches that claims take turns: while an account has something claimable and room, no other may be given more than a fair
 * share before it has its turn, however many webhooks the other has; and so among the webhooks of one account.
 * Used by `outbox-run.ts`, which tells of each lease.
 */
import { expect } from 'vitest'

/** Most leases of one while another waits for its turn. Generous: the contract asks for turns, not for their length. */
const FAIR_SHARE = 64

/** See the head of this file. */
export class FairnessWatch {
  readonly #accounts = new Waits()
  readonly #webhooksOf = new Map<string, Waits>()

  /** A lease of `webhook`; `claimable` has the webhooks that have something to claim, with the account of the first of it. */
  onLease(webhook: string, claimable: ReadonlyMap<string, string>): void {
    const account = claimable.get(webhook) ?? ''
    this.#accounts.onLease(account, new Set(claimable.values()))
    const webhooks = this.#webhooksOf.get(account) ?? new Waits()
    this.#webhooksOf.set(account, webhooks)
    webhooks.onLease(webhook, new Set([...claimable.keys()].filter((name) => claimable.get(name) === account)))
  }
}

/** Who waits for a turn, with how often which other was given something meanwhile. */
class Waits {
  readonly #passed = new Map<string, Map<string, number>>()

  /** `winner` was given something, while all of `claimable` had something to claim. */
  onLease(winner: string, claimable: ReadonlySet<string>): void {
    for (const waiting of this.#passed.keys()) if (!claimable.has(waiting)) this.#passed.delete(waiting)
    this.#passed.delete(winner)
    for (const waiting of claimable) {
      if (waiting === winner) continue
      const others = this.#passed.get(waiting) ?? new Map<string, number>()
      const times = (others.get(winner) ?? 0) + 1
      this.#passed.set(waiting, others.set(winner, times))
      expect(times, `leases of ${winner} while ${waiting} waits`).toBeLessThanOrEqual(FAIR_SHARE)
    }
  }
}
