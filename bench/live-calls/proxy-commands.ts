/**
 * What a proxy that others would write is asked by the bench, and what it answers a call with: the same decision that
 * Switchhook makes of the same answer.
 */

/** What the process is asked. */
export type ProxyCommands = {
  /** Starts it in front of the customer's server at this origin; gives its own. */
  readonly start: (origin: string) => Promise<string>
}

/** Path of a proxy's calls. */
export const PROXY_PATH = '/invoke'

/** What a switch gets for an answer. */
export function decisionOf(status: number, answer: unknown): object {
  if (status !== 200 || typeof answer !== 'object') return { decision: { kind: 'backup', reason: 'status' } }
  return { decision: { kind: 'set-variables', variables: answer }, attempt: { status } }
}
