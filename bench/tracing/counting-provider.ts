/**
 * A tracer provider that does the least that one can do: it makes ids, and counts what it is told. What an SDK does beyond that is
 * the SDK's cost, not Switchhook's. Registered by the engine's program where a bench asks for it.
 */
import { randomBytes } from 'node:crypto'
import { type Span, type SpanContext, type Tracer, type TracerProvider, trace } from '@opentelemetry/api'

/** Who listens: nobody; somebody who samples nothing; somebody who takes everything. */
export type Listening = 'nobody' | 'unsampled' | 'sampled'

/** See the head of this file. */
export class CountingProvider implements TracerProvider {
  /** Spans that were ended and are sampled. */
  ended = 0
  readonly #traceFlags: number
  #digits = ''

  constructor(listening: Exclude<Listening, 'nobody'>) {
    this.#traceFlags = listening === 'sampled' ? 1 : 0
  }

  getTracer(): Tracer {
    return {
      startSpan: (_name, _options, context) => {
        const parent = context === undefined ? undefined : trace.getSpanContext(context)
        const traceId = parent?.traceId ?? this.#next(32)
        return this.#span({ traceId, spanId: this.#next(16), traceFlags: this.#traceFlags })
      },
      startActiveSpan: () => {
        throw new Error('spans are never active here: their parents are told')
      },
    }
  }

  #span(own: SpanContext): Span {
    const isSampled = this.#traceFlags === 1
    const span: Span = {
      spanContext: () => own,
      isRecording: () => isSampled,
      setAttribute: () => span,
      setAttributes: () => span,
      setStatus: () => span,
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      updateName: () => span,
      recordException: () => undefined,
      end: () => {
        if (isSampled) this.ended += 1
      },
    }
    return span
  }

  #next(count: number): string {
    if (this.#digits.length < count) this.#digits = randomBytes(4096).toString('hex')
    const digits = this.#digits.slice(0, count)
    this.#digits = this.#digits.slice(count)
    return digits
  }
}
