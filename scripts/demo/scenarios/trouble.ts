/**
 * Customers' servers that are broken while a call waits: no connection, an answer that makes no sense, no answer at all.
 * Every call goes on at once, by its backup routing, and the reason is one that can be put right.
 */

import type { Question } from '../call.ts'
import { OPEN_NUMBER } from '../call-events.ts'
import type { CustomerAnswer } from '../receiver/customer.ts'
import { type Scenario, variantOf } from './scenario.ts'

/** The example file's backup routing of `service-score`. */
const BACKUP = { destination: '8005550199' }

const OUT_OF_RANGE = '<action><app>findme</app><parameters><id>7</id><timeout>61</timeout></parameters></action>'
const NOT_WELL_FORMED = '<action><app>findme</app><parameters><id>7</id></action>'

interface Round {
  readonly webhook: 'service-score' | 'promo-message'
  readonly answer: CustomerAnswer
  readonly decision: Question['decision']
  readonly waitS?: number
}

const ROUNDS: readonly [Round, ...Round[]] = [
  {
    webhook: 'service-score',
    answer: { kind: 'answer', status: 200, contentType: 'text/xml', body: OUT_OF_RANGE },
    decision: {
      kind: 'backup',
      reason: 'invalid-response',
      detail: 'findme: timeout 61 is not between 20 and 60',
      backup: BACKUP,
    },
  },
  {
    webhook: 'promo-message',
    answer: { kind: 'broken' },
    decision: { kind: 'backup', reason: 'connection' },
  },
  {
    webhook: 'service-score',
    answer: { kind: 'silent' },
    decision: { kind: 'backup', reason: 'response-timeout', backup: BACKUP },
    waitS: 1,
  },
  {
    webhook: 'service-score',
    answer: { kind: 'answer', status: 200, contentType: 'text/xml', body: NOT_WELL_FORMED },
    decision: { kind: 'backup', reason: 'invalid-response', backup: BACKUP },
  },
  {
    webhook: 'promo-message',
    answer: { kind: 'answer', status: 500, body: 'Internal Server Error' },
    decision: { kind: 'backup', reason: 'status' },
  },
]

/** One trouble a round. */
export const TROUBLE: Scenario = {
  kind: 'trouble',
  account: 'default',
  calledNumber: OPEN_NUMBER,
  play: async (call, round) => {
    const { webhook, answer, decision, waitS } = variantOf(ROUNDS, round)
    await call.begin('calls while a server is in trouble')
    call.disturb(webhook, answer)
    await call.ask({
      webhook,
      data: { responses: { 1: '3' } },
      request: { ivr_caller_id: call.caller.number },
      decision,
      ...(waitS === undefined ? {} : { manner: { waitS } }),
    })
    await call.pause()
    await call.end('hangs up')
  },
}
