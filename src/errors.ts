/**
 * The one class of errors that Switchhook throws on purpose. Expected results (an HTTP 500, a timeout, a refused line) are
 * values; a throw means that a caller did something wrong or that we are broken. `code` is a closed list: switch on it.
 */

/**
 * - `config`: a configuration can't be used; `issues` tells where and what would be right.
 * - `usage`: a command line can't be understood.
 * - `conflict`: the state does not allow what was asked.
 * - `not-found`: no such webhook, template, binding, delivery or call.
 * - `full`: the outbox takes no more for now.
 * - `unavailable`: the store can't write, or the engine is stopping.
 * - `internal`: broken here; `cause` has what was thrown.
 */
export type ErrorCode = 'config' | 'usage' | 'conflict' | 'not-found' | 'full' | 'unavailable' | 'internal'

/** An error with a code to switch on, the problem in one sentence, and where there are several, each of them. */
export class SwitchhookError extends Error {
  override readonly name = 'SwitchhookError'
  readonly code: ErrorCode
  /** Single problems, each a line; empty where the message says it all. */
  readonly issues: readonly string[]

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; issues?: readonly string[] } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.issues = options.issues ?? []
  }
}

/** The message of anything that can be thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The `code` by which the system, Node.js or undici names an error; empty for whatever has none. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
}
