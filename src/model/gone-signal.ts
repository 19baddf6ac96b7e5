/**
 * How one who waits for an answer says that he has gone. An `AbortSignal` is such a signal, and where there is one for each call,
 * a lighter thing can be. Made by whoever asks for an invoke, listened to by the invoke.
 */

/** See the head of this file. */
export interface GoneSignal {
  /** Whether he has gone; it stays so. */
  readonly aborted: boolean
  /** `listener` is called once, when he goes; not where he has gone already. */
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: true }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
