/**
 * The `traceparent` of W3C Trace Context: which texts are one, and what they say. Invariant: what is not valid is never continued.
 * Used by the engine's own trace ids and by the spans of a tracer alike.
 */

/** Of `version-traceid-spanid-flags` (Trace Context, 3.2.2): where the parts begin, and the length of all. */
const TRACE_ID_AT = 3
const SPAN_ID_AT = 36
const FLAGS_AT = 53
const LENGTH = 55

/** The one flag that all versions have. */
const SAMPLED = 1

/** All but three signs between the parts. */
const DIGITS: number = LENGTH - 3

/** 1 for each digit by its code. A table: random digits are what a processor can't foresee, which makes patterns slow. */
const IS_DIGIT = new Uint8Array(128)
for (const digit of '0123456789abcdef') IS_DIGIT[digit.charCodeAt(0)] = 1

/** What a `traceparent` says; OpenTelemetry's span contexts have the same members. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits: the span that others become children of. */
  readonly spanId: string
  /** 0 to 255; the last bit: the trace is sampled (Trace Context, 3.2.2.5). */
  readonly traceFlags: number
}

/** Whether a text is a `traceparent` of this version. */
export function isTraceparent(text: string): boolean {
  return (
    text.length === LENGTH &&
    digitsIn(text) === DIGITS &&
    areZeros(text, 0, TRACE_ID_AT - 1) &&
    text[TRACE_ID_AT - 1] === '-' &&
    text[SPAN_ID_AT - 1] === '-' &&
    text[FLAGS_AT - 1] === '-' &&
    !areZeros(text, TRACE_ID_AT, SPAN_ID_AT - 1) &&
    !areZeros(text, SPAN_ID_AT, FLAGS_AT - 1)
  )
}

function digitsIn(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index += 1) count += IS_DIGIT[text.charCodeAt(index)] ?? 0
  return count
}

function areZeros(text: string, start: number, end: number): boolean {
  let index = start
  while (index < end && text[index] === '0') index += 1
  return index === end
}

/**
 * A `traceparent` that somebody sent, of any version, as one that this version writes; undefined where it can't be continued. Later
 * versions may say more behind a dash, and may mean other things by flags that are not known today (Trace Context, 3.2.4).
 */
export function continuedTraceparent(received: string): string | undefined {
  if (received.startsWith('00')) return isTraceparent(received) ? received : undefined
  const version = received.slice(0, TRACE_ID_AT - 1)
  const isLater = digitsIn(version) === version.length && version !== 'ff'
  if (!isLater || (received.length > LENGTH && received[LENGTH] !== '-')) return undefined
  const context = traceContextOf(`00${received.slice(version.length, LENGTH)}`)
  return context && traceparentOf({ ...context, traceFlags: context.traceFlags & SAMPLED })
}

/** What a `traceparent` says; undefined where it is none. */
export function traceContextOf(text: string): TraceContext | undefined {
  if (!isTraceparent(text)) return undefined
  return {
    traceId: text.slice(TRACE_ID_AT, SPAN_ID_AT - 1),
    spanId: text.slice(SPAN_ID_AT, FLAGS_AT - 1),
    traceFlags: Number.parseInt(text.slice(FLAGS_AT), 16),
  }
}

/** A context as it is sent on. */
export function traceparentOf({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`
}
