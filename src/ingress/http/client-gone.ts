/**
 * Tells that a client has closed its connection before it got its answer. In the place of an `AbortSignal`, whose making and
 * listening cost a live call several times as much. Made by the route of invokes, one a call.
 */
import type { ServerResponse } from 'node:http'
import type { GoneSignal } from '../../model/gone-signal.ts'

/** See the head of this file. */
export class ClientGone implements GoneSignal {
  /** One, or two where a fallback is asked as well. */
  readonly #listeners: (() => void)[] = []
  #hasGone: boolean

  constructor(response: ServerResponse) {
    this.#hasGone = response.destroyed
    response.on('close', () => {
      if (!response.writableFinished) this.#go()
    })
  }

  get aborted(): boolean {
    return this.#hasGone
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners.indexOf(listener)
    if (index !== -1) this.#listeners.splice(index, 1)
  }

  #go(): void {
    this.#hasGone = true
    for (const listener of this.#listeners.splice(0)) listener()
  }
}
