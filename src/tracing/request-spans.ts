/**
 * How spans of requests begin. Invariant: what all requests to one target say alike is made once, and belongs to nobody else: it goes
 * with the target. Used by `open-telemetry.ts`.
 */
import { sendAttributes } from './attributes.ts'
import type { Attributes, Beginning } from './spans.ts'
import type { SendTarget } from './tracing.ts'

/** See the head of this file. */
export class RequestSpans {
  readonly #attributes = new WeakMap<SendTarget, Attributes>()

  /** Of a request that goes out at `atMs`; `attempts` were made before. */
  beginning(target: SendTarget, attempts: number, atMs: number): Beginning {
    const shared = this.#attributesOf(target)
    const attributes = attempts === 0 ? shared : { ...shared, 'http.request.resend_count': attempts }
    return { name: target.request.method, kind: 'CLIENT', atMs, attributes }
  }

  #attributesOf(target: SendTarget): Attributes {
    const known = this.#attributes.get(target)
    if (known !== undefined) return known
    const made = sendAttributes(target)
    this.#attributes.set(target, made)
    return made
  }
}
