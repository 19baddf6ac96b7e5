/**
 * The `traceparent` of W3C Trace Context: which texts are one, and what they say. Invariant: what is not valid is never continued.
 * Used by the engine's own trace ids and by the spans of a tracer alike.
 */

/** `version-traceid-spanid-flags` of version 00, ids not all zero (Trace Context, 3.2.2). */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** What a `traceparent` says; OpenTelemetry's span contexts have the same members. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits: the span that others become children of. */
  readonly spanId: string
  /** 0 to 255; the last bit: the trace is sampled (Trace Context, 3.2.2.5). */
  readonly traceFlags: number
}

/** Whether a text is a `traceparent` that can be continued. */
export function isTraceparent(text: string): boolean {
  return TRACEPARENT.test(text)
}

/** What a `traceparent` says; undefined where it is none. */
export function traceContextOf(text: string): TraceContext | undefined {
  if (!isTraceparent(text)) return undefined
  return { traceId: text.slice(3, 35), spanId: text.slice(36, 52), traceFlags: Number.parseInt(text.slice(53), 16) }
}

/** A context as it is sent on. */
export function traceparentOf({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`
}
