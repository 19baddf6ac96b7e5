/**
 * Spans of OpenTelemetry, begun and ended with times of our own. Invariant: a span that is begun here has ids that its provider
 * made and that nobody else has; where no provider is registered there is none. Used by `open-telemetry.ts` alone.
 */
import type * as OpenTelemetry from '@opentelemetry/api'
import { traceContextOf, traceparentOf } from './trace-context.ts'

/** What is used of OpenTelemetry's API, as its module exports it. */
export type OpenTelemetryApi = Pick<
  typeof OpenTelemetry,
  'trace' | 'ROOT_CONTEXT' | 'SpanKind' | 'SpanStatusCode' | 'isSpanContextValid'
>

/** Attributes of a span. */
export type Attributes = Readonly<Record<string, string | number>>

/** Kinds as OpenTelemetry names them. */
export type Kind = keyof typeof OpenTelemetry.SpanKind

/** How a span begins. */
export interface Beginning {
  readonly name: string
  readonly kind: Kind
  /** Unix time in milliseconds, with fractions. */
  readonly atMs: number
  readonly attributes: Attributes
}

/** Why a span did not go well: `error.type`, and a sentence where there is more to say. */
export interface SpanError {
  readonly type: string
  readonly message?: string
}

/** Where spans come from. */
export class Spans {
  readonly #api: OpenTelemetryApi
  readonly #tracer: OpenTelemetry.Tracer

  constructor(api: OpenTelemetryApi) {
    this.#api = api
    this.#tracer = api.trace.getTracer('switchhook')
  }

  /** A span below `traceparent`, or without a parent where that is none; undefined where no provider is registered. */
  begin(beginning: Beginning, traceparent: string): TimedSpan | undefined {
    const { trace, ROOT_CONTEXT, isSpanContextValid } = this.#api
    const parent = traceContextOf(traceparent)
    const context =
      parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true })
    const span = this.#start(beginning, context)
    const own = span.spanContext()
    // Without a provider a span is its own parent, or has no ids at all.
    if (!isSpanContextValid(own) || own.spanId === parent?.spanId) return undefined
    return new TimedSpan(this.#api, span, (child) => this.#startBelow(child, span))
  }

  #startBelow(beginning: Beginning, parent: OpenTelemetry.Span): TimedSpan {
    const { trace, ROOT_CONTEXT } = this.#api
    const span = this.#start(beginning, trace.setSpan(ROOT_CONTEXT, parent))
    return new TimedSpan(this.#api, span, (child) => this.#startBelow(child, span))
  }

  #start({ name, kind, atMs, attributes }: Beginning, context: OpenTelemetry.Context): OpenTelemetry.Span {
    const options = { kind: this.#api.SpanKind[kind], startTime: timeOf(atMs), attributes }
    return this.#tracer.startSpan(name, options, context)
  }
}

/** A span under way. */
export class TimedSpan {
  /** The `traceparent` that names this span. */
  readonly traceparent: string
  /** False: it is not sampled, and whatever is told of it is lost. */
  readonly isRecorded: boolean
  readonly #api: OpenTelemetryApi
  readonly #span: OpenTelemetry.Span
  readonly #startBelow: (beginning: Beginning) => TimedSpan

  constructor(api: OpenTelemetryApi, span: OpenTelemetry.Span, startBelow: (beginning: Beginning) => TimedSpan) {
    this.#api = api
    this.#span = span
    this.#startBelow = startBelow
    this.isRecorded = span.isRecording()
    this.traceparent = traceparentOf(span.spanContext())
  }

  /** A span below this one. */
  begin(beginning: Beginning): TimedSpan {
    return this.#startBelow(beginning)
  }

  /** A span below this one that is over already. */
  add(beginning: Beginning, endedAtMs: number, error?: SpanError): void {
    this.begin(beginning).end(endedAtMs, {}, error)
  }

  /** Ends it; nothing is told of it afterwards. */
  end(atMs: number, attributes: Attributes, error?: SpanError): void {
    this.#span.setAttributes(attributes)
    if (error !== undefined) {
      const { type, message } = error
      this.#span.setAttribute('error.type', type)
      const code = this.#api.SpanStatusCode.ERROR
      this.#span.setStatus(message === undefined ? { code } : { code, message })
    }
    this.#span.end(timeOf(atMs))
  }
}

/** Seconds and nanoseconds: a plain number would be taken for one of `performance.now()` where it is small. */
function timeOf(atMs: number): OpenTelemetry.HrTime {
  const seconds = Math.floor(atMs / 1000)
  return [seconds, Math.floor((atMs - seconds * 1000) * 1e6)]
}
