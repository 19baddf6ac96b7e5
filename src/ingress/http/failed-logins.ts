/**
 * Slows down guessing: an address that has sent many unknown tokens and no known one lately is answered without a look at
 * its token for a while. Invariant: memory is bounded whatever the number of addresses, and an address from which a known
 * token came lately (a proxy, say) is never locked out by others behind it. Called by the access check.
 */
import { type Bucket, FULL_BUCKET, takeAt } from '../../policy/rate.ts'

/** Unknown tokens that an address may send at once; after that one every {@link FORGIVEN_EVERY_MS}. */
export const FAILURES_AT_ONCE = 20

/** Time after which one more unknown token may come. */
export const FORGIVEN_EVERY_MS = 3_000

/** Most addresses that are remembered, of each kind; the one longest there is forgotten first. */
const ADDRESSES_LIMIT = 4_096

/** How long an address counts as one that known tokens come from. */
const TRUSTED_MS = 3_600_000

/** See the head of this file. */
export class FailedLogins {
  readonly #failures = new Map<string, Bucket>()
  readonly #trustedUntilMs = new Map<string, number>()

  /** Milliseconds until `address` is listened to again; 0: now. */
  waitMs(address: string, nowMs: number): number {
    const failed = this.#failures.get(networkOf(address))
    if (failed === undefined || this.#isTrusted(address, nowMs)) return 0
    return takeAt(failed, 1000 / FORGIVEN_EVERY_MS, nowMs, FAILURES_AT_ONCE * FORGIVEN_EVERY_MS).waitMs
  }

  /** Takes down that an unknown token came. */
  failed(address: string, nowMs: number): void {
    const network = networkOf(address)
    const before = this.#failures.get(network) ?? FULL_BUCKET
    const { state } = takeAt(before, 1000 / FORGIVEN_EVERY_MS, nowMs, FAILURES_AT_ONCE * FORGIVEN_EVERY_MS)
    remember(this.#failures, network, state)
  }

  /** Takes down that a known token came. */
  succeeded(address: string, nowMs: number): void {
    const network = networkOf(address)
    const until = this.#trustedUntilMs.get(network) ?? 0
    // Once in a while is enough: this is on the way of every request.
    if (until - nowMs < TRUSTED_MS / 2) remember(this.#trustedUntilMs, network, nowMs + TRUSTED_MS)
  }

  /** Addresses that are remembered, of both kinds. */
  get size(): number {
    return this.#failures.size + this.#trustedUntilMs.size
  }

  #isTrusted(address: string, nowMs: number): boolean {
    return (this.#trustedUntilMs.get(networkOf(address)) ?? 0) > nowMs
  }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= ADDRESSES_LIMIT) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}

/** An IPv6 address stands for its /64, of which one customer has all (RFC 6177, 2). */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length
  return [...groups, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...after].slice(0, 4).join(':')
}
