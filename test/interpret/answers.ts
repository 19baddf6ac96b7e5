/** Answers for the tests of this folder: what a customer's server sent, with 200 and no content type unless told. */
import type { Answer } from '../../src/model/answer.ts'

/** An answer; text becomes UTF-8. */
export function answerOf(body: string | Uint8Array, contentType = '', status = 200): Answer {
  return { status, contentType, body: typeof body === 'string' ? new TextEncoder().encode(body) : body }
}

/** Bytes given one by one. */
export function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values)
}
