/**
 * Spans of OpenTelemetry, begun and ended with times of our own. Invariant: a span that is begun here has ids that its provider
 * made and that nobody else has; where no provider is registered there is none. Used by `open-telemetry.ts`.
 */
import type * as OpenTelemetry from '@opentelemetry/api'
import { traceContextOf, traceparentOf } from './trace-context.ts'

/** What is used of OpenTelemetry's API, as its module exports it. */
export type OpenTelemetryApi = Pick<
  typeof OpenTelemetry,
  'trace' | 'ROOT_CONTEXT' | 'SpanKind' | 'SpanStatusCode' | 'INVALID_SPANID' | 'ProxyTracerProvider'
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

/** What makes spans. */
interface Maker {
  readonly api: OpenTelemetryApi
  readonly tracer: OpenTelemetry.Tracer
}

/** Where spans come from. */
export class Spans {
  readonly #maker: Maker
  /** What provides the tracer, where it can tell who takes its spans. */
  readonly #provider: OpenTelemetry.ProxyTracerProvider | undefined
  /** Who takes them while no provider is registered. */
  readonly #nobody: OpenTelemetry.TracerProvider

  constructor(api: OpenTelemetryApi) {
    const { trace, ProxyTracerProvider } = api
    const provider = trace.getTracerProvider()
    this.#maker = { api, tracer: provider.getTracer('switchhook') }
    this.#provider = provider instanceof ProxyTracerProvider ? provider : undefined
    this.#nobody = new ProxyTracerProvider().getDelegate()
  }

  /** False: no provider is registered, as far as that can be told without a span. Cheap; providers may come at any time. */
  get hasListener(): boolean {
    return this.#provider?.getDelegate() !== this.#nobody
  }

  /** A span below `traceparent`, or without a parent where that is none; undefined where no provider makes any. */
  begin(beginning: Beginning, traceparent: string): TimedSpan | undefined {
    const { trace, ROOT_CONTEXT, INVALID_SPANID } = this.#maker.api
    const parent = traceContextOf(traceparent)
    const context =
      parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true })
    const span = startSpan(this.#maker, beginning, context)
    const { spanId } = span.spanContext()
    // Of one that makes none, as the API's own, a span is its own parent or has no ids.
    if (spanId === INVALID_SPANID || spanId === parent?.spanId) return undefined
    return new TimedSpan(this.#maker, span)
  }
}

/** A span under way. */
export class TimedSpan {
  readonly #maker: Maker
  readonly #span: OpenTelemetry.Span
  /** Of the spans below this one; made with the first of them. */
  #context: OpenTelemetry.Context | undefined

  constructor(maker: Maker, span: OpenTelemetry.Span) {
    this.#maker = maker
    this.#span = span
  }

  /** The `traceparent` that names this span. */
  get traceparent(): string {
    return traceparentOf(this.#span.spanContext())
  }

  /** False: it is not sampled, or has ended, and whatever is told of it is lost. */
  get isRecorded(): boolean {
    return this.#span.isRecording()
  }

  /** A span below this one. */
  begin(beginning: Beginning): TimedSpan {
    const { trace, ROOT_CONTEXT } = this.#maker.api
    this.#context ??= trace.setSpan(ROOT_CONTEXT, this.#span)
    return new TimedSpan(this.#maker, startSpan(this.#maker, beginning, this.#context))
  }

  /** A span below this one that is over already. */
  add(beginning: Beginning, endedAtMs: number): void {
    this.begin(beginning).end(endedAtMs)
  }

  /** Ends it; nothing is told of it afterwards. */
  end(atMs: number, attributes?: Attributes, error?: SpanError): void {
    if (attributes !== undefined) this.#span.setAttributes(attributes)
    if (error !== undefined) {
      const { type, message } = error
      this.#span.setAttribute('error.type', type)
      const code = this.#maker.api.SpanStatusCode.ERROR
      this.#span.setStatus(message === undefined ? { code } : { code, message })
    }
    this.#span.end(timeOf(atMs))
  }
}

function startSpan(
  { api, tracer }: Maker,
  { name, kind, atMs, attributes }: Beginning,
  context: OpenTelemetry.Context,
): OpenTelemetry.Span {
  return tracer.startSpan(name, { kind: api.SpanKind[kind], startTime: timeOf(atMs), attributes }, context)
}

/** Seconds and nanoseconds: a plain number would be taken for one of `performance.now()` where it is small. */
function timeOf(atMs: number): OpenTelemetry.HrTime {
  const seconds = Math.floor(atMs / 1000)
  return [seconds, Math.floor((atMs - seconds * 1000) * 1e6)]
}
