/**
 * What the spans of providers made for benches and tests have in common: all that Switchhook tells no span. Used by
 * `counting-provider.ts`, and by the provider of the tests.
 */
import type { Span, SpanContext } from '@opentelemetry/api'

/** See the head of this file. */
export abstract class PlainSpan implements Span {
  readonly #context: SpanContext

  constructor(context: SpanContext) {
    this.#context = context
  }

  abstract isRecording(): boolean
  abstract end(...told: Parameters<Span['end']>): void
  abstract setAttribute(...told: Parameters<Span['setAttribute']>): this
  abstract setAttributes(...told: Parameters<Span['setAttributes']>): this
  abstract setStatus(...told: Parameters<Span['setStatus']>): this

  spanContext(): SpanContext {
    return this.#context
  }

  addEvent(): this {
    return this
  }

  addLink(): this {
    return this
  }

  addLinks(): this {
    return this
  }

  updateName(): this {
    return this
  }

  recordException(): void {
    throw new Error('exceptions are no spans’ business here')
  }
}
