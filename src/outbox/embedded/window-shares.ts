/**
 * How much of the due deliveries a webhook's window may have in memory: the total is shared out evenly among the accounts
 * that have windows, and an account's part among its windows, so that an account with many webhooks leaves another as much
 * as it has itself. Used by `due-view.ts`, which tells of each window that comes and goes.
 */

import { TransientMap } from '../../model/transient-map.ts'

/** Bounds of what is in memory. */
export interface ViewLimits {
  /** Weight of all queued deliveries; one of up to 4 KiB weighs 1. */
  readonly total: number
  /** Of one webhook. */
  readonly perWebhook: number
}

/** Weight that a webhook is given at least, however many there are: less is not worth reading a page for. */
const LEAST_PER_WEBHOOK = 8

/** A bound may be passed by a quarter before anything is taken out, so that it is not done anew for each one more. */
export const SURPLUS = 1.25

/** See the head of this file. */
export class WindowShares {
  readonly #limits: ViewLimits
  /** Windows by account; never 0. */
  readonly #windows = new TransientMap<string, number>()
  #count = 0

  constructor(limits: ViewLimits) {
    this.#limits = limits
  }

  joins(account: string): void {
    this.#windows.set(account, (this.#windows.get(account) ?? 0) + 1)
    this.#count += 1
  }

  leaves(account: string): void {
    const left = (this.#windows.get(account) ?? 0) - 1
    if (left > 0) this.#windows.set(account, left)
    else this.#windows.delete(account)
    this.#count -= 1
  }

  /** Weight that each window of an account may have. */
  of(account: string): number {
    const ofAccount = this.#limits.total / Math.max(1, this.#windows.size)
    const share = Math.floor(ofAccount / (this.#windows.get(account) ?? 1))
    return Math.min(this.#limits.perWebhook, Math.max(LEAST_PER_WEBHOOK, share))
  }

  /** Weight of all windows beyond which each is cut to its share; more than all shares together, so that a cut helps. */
  get cutAbove(): number {
    return (this.#limits.total + this.#count * LEAST_PER_WEBHOOK) * SURPLUS
  }
}
