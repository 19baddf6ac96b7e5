/**
 * W3C Trace Context where no tracer makes the ids: one trace an event, one span an attempt. What a sender gave is continued, else a
 * trace begins here. Used by accepting, scheduler and invokes.
 */
import { isTraceparent } from '../tracing/trace-context.ts'

/** Makes trace contexts; `randomHex(digits)` gives that many random hexadecimal digits. */
export class TraceSource {
  readonly #randomHex: (digits: number) => string

  constructor(randomHex: (digits: number) => string) {
    this.#randomHex = randomHex
  }

  /** The context of an event: `received` where it is valid, else a new, unsampled trace. */
  begin(received: string): string {
    if (received !== '' && isTraceparent(received)) return received
    return `00-${this.#nonZero(32)}-${this.#nonZero(16)}-00`
  }

  /** The context of one attempt: the event's trace with a span of its own. */
  span(traceparent: string): string {
    return `${traceparent.slice(0, 36)}${this.#nonZero(16)}${traceparent.slice(52)}`
  }

  #nonZero(digits: number): string {
    const hex = this.#randomHex(digits)
    return hex === '0'.repeat(digits) ? `${'0'.repeat(digits - 1)}1` : hex
  }
}
