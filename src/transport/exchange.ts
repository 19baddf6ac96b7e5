/**
 * What an exchange is asked to do: the request, complete to the last header field, and the limits it has to keep.
 * Made by workers (deliveries) and by the engine (invokes); answered with the model's `Exchange`.
 */
import type { Endpoint } from '../model/webhook.ts'
import type { WireRequest } from './connection.ts'

/** One request and its limits. */
export interface ExchangeRequest extends WireRequest {
  readonly endpoint: Endpoint
  /** For DNS, TCP and TLS together, in milliseconds; a kept-alive connection needs none of it. */
  readonly connectTimeoutMs: number
  /** From the request being handed to the socket to the last byte of the answer's body, in milliseconds. */
  readonly responseTimeoutMs: number
  /** One budget over both, in milliseconds, default none; when it ends first, the reason is that of the phase it ends in. */
  readonly totalTimeoutMs?: number
  /** Most bytes of the body that are kept. */
  readonly bodyLimitBytes: number
  /**
   * What a longer body means. `fail`: `response-too-large`, for answers whose body counts. `drop`: the status line alone decides,
   * a body that is too long, late, encoded or broken is cut where it is.
   */
  readonly overflow: 'fail' | 'drop'
}

/** An exchange that is under way. */
export interface PendingExchange {
  /** Ends it with `cancelled`; nothing happens when it has ended already. */
  abort(): void
}
