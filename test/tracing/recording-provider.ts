/**
 * A tracer provider for tests: does what an SDK does as far as OpenTelemetry's API demands it, and keeps every span that is begun.
 * A span is sampled as its parent is; one without a parent as the test says.
 */
import {
  type Attributes,
  type AttributeValue,
  type HrTime,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { onTestFinished, vi } from 'vitest'
import { PlainSpan } from '../../bench/tracing/plain-span.ts'

/** A span as it stands now. */
export class KeptSpan extends PlainSpan {
  readonly name: string
  readonly kind: keyof typeof SpanKind
  readonly parent: SpanContext | undefined
  readonly startMs: number
  readonly attributes: Record<string, AttributeValue | undefined> = {}
  status: SpanStatus = { code: SpanStatusCode.UNSET }
  /** How often it was ended; a span is ended once. */
  endings: number = 0
  endMs: number = Number.NaN

  constructor(name: string, options: SpanOptions, parent: SpanContext | undefined, context: SpanContext) {
    super(context)
    this.name = name
    this.kind = kindNamed(options.kind ?? SpanKind.INTERNAL)
    this.parent = parent
    this.startMs = millisecondsOf(options.startTime)
    this.setAttributes(options.attributes ?? {})
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.spanContext()
    return `00-${traceId}-${spanId}-0${traceFlags}`
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.attributes[key] = value
    return this
  }

  setAttributes(attributes: Attributes): this {
    Object.assign(this.attributes, attributes)
    return this
  }

  setStatus(status: SpanStatus): this {
    this.status = status
    return this
  }

  end(at?: TimeInput): void {
    this.endings += 1
    this.endMs = millisecondsOf(at)
  }

  isRecording(): boolean {
    return (this.spanContext().traceFlags & 1) === 1 && this.endings === 0
  }
}

/** See the head of this file. */
export class RecordingProvider implements TracerProvider {
  /** Every span begun, sampled or not, in the order of their beginnings. */
  readonly begun: KeptSpan[] = []
  readonly #samplesRoots: boolean
  #lastId = 0

  constructor(samplesRoots: boolean) {
    this.#samplesRoots = samplesRoots
  }

  /** Those that are sampled. */
  get spans(): readonly KeptSpan[] {
    return this.begun.filter((span) => (span.spanContext().traceFlags & 1) === 1)
  }

  getTracer(): Tracer {
    return {
      startSpan: (name, options = {}, context) => {
        const parent = context === undefined ? undefined : trace.getSpanContext(context)
        const isSampled = parent === undefined ? this.#samplesRoots : (parent.traceFlags & 1) === 1
        this.#lastId += 1
        const spanId = `5${this.#lastId.toString(16).padStart(15, '0')}`
        const traceId = parent?.traceId ?? `7${spanId.padStart(31, '0')}`
        const span = new KeptSpan(name, options, parent, { traceId, spanId, traceFlags: isSampled ? 1 : 0 })
        this.begun.push(span)
        return span
      },
      startActiveSpan: () => {
        throw new Error('spans are never active here: their parents are told')
      },
    }
  }

  /** The one span of this name; fails where there are more. */
  span(name: string): KeptSpan {
    const [found, ...others] = this.named(name)
    if (found === undefined || others.length > 0) throw new Error(`${name}: not one but ${this.named(name).length}`)
    return found
  }

  named(name: string): readonly KeptSpan[] {
    return this.spans.filter((span) => span.name === name)
  }

  /** Resolves when so many of this name have ended. */
  async ended(name: string, count = 1): Promise<void> {
    await vi.waitUntil(() => this.named(name).filter(({ endings }) => endings > 0).length >= count, 10_000)
  }
}

/** Registers a provider for the running test. */
export function recordSpans(samplesRoots = true): RecordingProvider {
  const provider = new RecordingProvider(samplesRoots)
  if (!trace.setGlobalTracerProvider(provider)) throw new Error('a provider is registered already')
  onTestFinished(() => trace.disable())
  return provider
}

function kindNamed(kind: SpanKind): keyof typeof SpanKind {
  for (const name of ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const) {
    if (SpanKind[name] === kind) return name
  }
  throw new Error(`there is no kind ${kind}`)
}

/** Nothing else is given here: a plain number would be taken for one of `performance.now()` where it is small. */
function millisecondsOf(time: TimeInput | undefined): number {
  if (!isHrTime(time)) throw new Error('times are given as seconds and nanoseconds')
  return time[0] * 1000 + time[1] / 1e6
}

function isHrTime(time: TimeInput | undefined): time is HrTime {
  return Array.isArray(time) && time.length === 2 && time.every(Number.isInteger)
}
