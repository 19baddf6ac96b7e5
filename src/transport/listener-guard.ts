/**
 * Keeps the engine from calling itself: its own listeners are refused as targets always, whatever ranges are allowed, since a
 * webhook that points at the engine's API would be a loop, and for customers a way round its tokens.
 * Asked by the connector about every address and port.
 */
import { networkInterfaces } from 'node:os'
import { canonicalAddress } from './address-guard.ts'

/** Where the engine itself listens. */
export interface ListenerAddress {
  /** A literal address; `0.0.0.0` or `::` for every address of this machine. */
  readonly address: string
  readonly port: number
}

/** Whether an address and port are one of the engine's own listeners. */
export class ListenerGuard {
  readonly #listeners: readonly ListenerAddress[]

  constructor(listeners: readonly ListenerAddress[]) {
    this.#listeners = listeners.map(({ address, port }) => ({ address: canonicalAddress(address), port }))
  }

  /** True for an own listener; a listener on every address is reached by each of this machine's. */
  isOwn(address: string, port: number): boolean {
    const target = canonicalAddress(address)
    return this.#listeners.some(
      (listener) =>
        listener.port === port &&
        (listener.address === target ||
          // Connecting to the unspecified address reaches this machine (Linux, macOS).
          isUnspecified(target) ||
          (isUnspecified(listener.address) && isThisMachine(target))),
    )
  }
}

function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

function isThisMachine(address: string): boolean {
  if (address.startsWith('127.') || address === '::1') return true
  return Object.values(networkInterfaces()).some((entries) =>
    entries?.some((entry) => canonicalAddress(entry.address) === address),
  )
}
