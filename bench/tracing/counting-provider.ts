/**
 * A tracer provider that does the least that one can do: it makes ids, and counts what it is told. What an SDK does beyond that is
 * the SDK's cost, not Switchhook's. Registered by the engine's program where a bench asks for it.
 */
import { randomBytes } from 'node:crypto'
import { type SpanContext, type Tracer, type TracerProvider, trace } from '@opentelemetry/api'
import { PlainSpan } from './plain-span.ts'

/** Who listens: nobody; somebody who samples nothing; somebody who takes everything. */
export type Listening = 'nobody' | 'unsampled' | 'sampled'

/** See the head of this file. */
export class CountingProvider implements TracerProvider {
  /** Spans that were ended and are sampled. */
  ended = 0
  readonly #traceFlags: number
  #digits = ''
  #used = 0

  constructor(listening: Exclude<Listening, 'nobody'>) {
    this.#traceFlags = listening === 'sampled' ? 1 : 0
  }

  getTracer(): Tracer {
    const onEnd = (): void => {
      this.ended += 1
    }
    return {
      startSpan: (_name, _options, context) => {
        const parent = context === undefined ? undefined : trace.getSpanContext(context)
        const traceId = parent?.traceId ?? this.#next(32)
        const own = { traceId, spanId: this.#next(16), traceFlags: this.#traceFlags }
        return this.#traceFlags === 1 ? new CountedSpan(own, onEnd) : trace.wrapSpanContext(own)
      },
      startActiveSpan: () => {
        throw new Error('spans are never active here: their parents are told')
      },
    }
  }

  #next(count: number): string {
    if (this.#used + count > this.#digits.length) {
      this.#digits = randomBytes(4096).toString('hex')
      this.#used = 0
    }
    this.#used += count
    return this.#digits.slice(this.#used - count, this.#used)
  }
}

/** A sampled span, of a class as an SDK's are: one that is not sampled is the API's own, which records nothing. */
class CountedSpan extends PlainSpan {
  readonly #onEnd: () => void

  constructor(own: SpanContext, onEnd: () => void) {
    super(own)
    this.#onEnd = onEnd
  }

  isRecording(): boolean {
    return true
  }

  end(): void {
    this.#onEnd()
  }

  setAttribute(): this {
    return this
  }

  setAttributes(): this {
    return this
  }

  setStatus(): this {
    return this
  }
}
