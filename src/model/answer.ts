/**
 * Answers of customers' servers: which kind a webhook expects, and one as it came over the wire.
 * Plain data: the expectation travels to workers, the answer never leaves the thread that received it.
 */

/** How an answer is read. */
export type AnswerSpec =
  /** HTML or text, spoken to the caller. */
  | { readonly kind: 'message' }
  /** `<action>` XML. */
  | { readonly kind: 'next-action' }
  /** JSON, x-ini or text; text goes into `setVariable` (without one it is ignored). */
  | { readonly kind: 'variables'; readonly setVariable?: string }
  /** A GUID, or empty. */
  | { readonly kind: 'redirect' }
  /** Only the status line counts. */
  | { readonly kind: 'status' }
  /** Any answer will do, whatever its status. */
  | { readonly kind: 'ignored' }

/** A complete answer, body already within its limit. */
export interface Answer {
  readonly status: number
  /** The `content-type` field as it came; empty where there was none. */
  readonly contentType: string
  readonly body: Uint8Array
}

/** Success unless a webhook's `successCodes` says otherwise (AutoID: 200, "also can support 201, 202, 203, 204"). */
export const DEFAULT_SUCCESS_CODES: readonly number[] = [200, 201, 202, 203, 204]

/** Most bytes of an answer that are read, of every kind but `status` (VCC Live: 65536 byte; contract: every other answer too). */
export const ANSWER_LIMIT_BYTES = 65_536

/** Bytes of an answer that are kept with an attempt, and of a `status` answer altogether. */
export const ANSWER_EXCERPT_BYTES = 1024
