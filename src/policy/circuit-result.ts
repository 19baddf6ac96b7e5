/**
 * What an attempt says about the health of its endpoint, apart from what it means for its delivery.
 * Whoever answers is alive: only silence, broken connections and 5xx count against an endpoint (contract, section 3).
 * Called by the engine for the outcomes of both jobs, before `onResult` of the breaker.
 */
import type { Reason } from '../model/decision.ts'

/**
 * - `success`: the endpoint answered, with anything but a 5xx; the customer's 404 or bad XML is no reason to hold others back.
 * - `failure`: no connection, no answer in time, a broken one, or a 5xx.
 * - `neutral`: it was not asked, or stopped by us; nothing can be said.
 */
export type CircuitResult = 'success' | 'failure' | 'neutral'

/**
 * Judges one attempt.
 *
 * @param reason why it failed; empty where the webhook takes it for a success, 5xx among its success codes included
 * @param status HTTP status, 0 where none came
 */
export function circuitResult(reason: Reason | '', status: number): CircuitResult {
  switch (reason) {
    case '':
      return 'success'
    case 'connect-timeout':
    case 'response-timeout':
    case 'connection':
    case 'tls':
    case 'dns':
      return 'failure'
    case 'status':
    case 'response-too-large':
    case 'invalid-response':
      return status >= 500 ? 'failure' : 'success'
    case 'address-refused':
    case 'circuit-open':
    case 'inactive':
    case 'overloaded':
    case 'invalid-request':
    case 'cancelled':
    case 'internal':
      return 'neutral'
  }
}
