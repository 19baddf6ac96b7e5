/**
 * What follows from an attempt's outcome: the last of the verbs, and pure. Time and randomness come in as numbers, so that
 * every way a delivery can go is a line in a table of tests.
 */

import type { Outcome } from '../../model/attempt.ts'
import type { AttemptRecord, DeadReason } from '../../model/delivery.ts'
import type { Webhook } from '../../model/webhook.ts'
import type { ClaimedDelivery, Settlement } from '../../outbox/contract.ts'
import { delayBeforeMs, holdLimitMs } from '../../policy/backoff.ts'
import { parseRetryAfterMs } from '../../policy/retry-after.ts'

/** Workers that may die with a delivery in flight before it is taken for the cause (contract, section 6, "Shares"). */
const MAX_CRASHES = 3

/** An outcome with all that decides what follows. */
export interface Ended {
  readonly delivery: Pick<ClaimedDelivery, 'id' | 'attempts' | 'crashes' | 'acceptedAtMs' | 'waitsSinceMs'>
  readonly outcome: Outcome
  /** From being claimed to being begun with, in milliseconds; undefined: it was not. */
  readonly queueMs: number | undefined
  /** The webhook as it is now; undefined: it no longer exists. */
  readonly webhook: Pick<Webhook, 'scheduleMs' | 'jitter'> | undefined
  /** Sent to see whether an open circuit can close. */
  readonly isProbe: boolean
  readonly nowMs: number
  /** In [0, 1). */
  readonly random: number
}

/** What the engine does next. */
export interface Consequence {
  readonly settlement: Settlement
  /** The customer's server said 410 Gone: the webhook is deactivated, and this delivery held with its others. */
  readonly deactivate: boolean
}

/**
 * Whether what was settled was the delivery's first attempt, true once in its life: a probe or a 410 uses up none, and what
 * was made pending anew by hand, and so waits since later than its schedule says, had its first attempt before.
 */
export function isFirstAttempt({ delivery, webhook }: Ended, settlement: Settlement): boolean {
  const { attempts, crashes, acceptedAtMs, waitsSinceMs } = delivery
  if (attempts > 0 || crashes > 0 || webhook === undefined) return false
  if (waitsSinceMs > acceptedAtMs + (webhook.scheduleMs[0] ?? 0) * (1 + webhook.jitter)) return false
  if (settlement.to === 'again') return settlement.uses !== 'none'
  return settlement.to === 'delivered' || settlement.reason !== 'expired'
}

/** Decides how a delivery goes on. */
export function settle(ended: Ended): Consequence {
  const { delivery, outcome, webhook, isProbe, nowMs } = ended
  const { id } = delivery
  const record = recordOf(delivery.attempts + 1, outcome, ended.queueMs)
  const dead = (reason: DeadReason): Consequence => ({
    settlement: { id, atMs: nowMs, record, to: 'dead', reason },
    deactivate: false,
  })
  const again = (dueMs: number, uses: 'attempt' | 'none'): Settlement => ({
    id,
    atMs: nowMs,
    record,
    to: 'again',
    dueMs,
    uses,
  })

  switch (outcome.result) {
    case 'success':
      return { settlement: { id, atMs: nowMs, record, to: 'delivered' }, deactivate: false }
    case 'unsettled':
      if (webhook === undefined) return dead('webhook-removed')
      if (delivery.crashes + 1 >= MAX_CRASHES) return dead('internal')
      return { settlement: { id, atMs: nowMs, to: 'again', dueMs: nowMs, uses: 'crash' }, deactivate: false }
    case 'invalid':
      return dead(outcome.reason === '' ? 'invalid-request' : outcome.reason)
    case 'failure': {
      if (webhook === undefined) return dead('webhook-removed')
      if (outcome.status === 410) return { settlement: again(nowMs, 'none'), deactivate: true }
      const askedMs = parseRetryAfterMs(outcome.retryAfter, nowMs) ?? 0
      if (isProbe) {
        // Holding has an end (contract, section 6), also for what is sent now and then to see whether it is over.
        if (nowMs - delivery.waitsSinceMs > holdLimitMs(webhook.scheduleMs)) return dead('expired')
        // Behind all that is due, so that probes rotate. Maintenance goes by this time: one that is no probe again is held from here.
        return { settlement: again(nowMs + askedMs, 'none'), deactivate: false }
      }
      const delayMs = delayBeforeMs(webhook.scheduleMs, delivery.attempts + 2, webhook.jitter, ended.random)
      if (delayMs === undefined) return dead(outcome.reason === '' ? 'internal' : outcome.reason)
      return { settlement: again(nowMs + Math.max(delayMs, askedMs), 'attempt'), deactivate: false }
    }
  }
}

function recordOf(attempt: number, outcome: Outcome, queueMs: number | undefined): AttemptRecord {
  const { startedAtMs, durationMs, result, status, reason, detail, excerpt } = outcome
  const phases = queueMs === undefined ? outcome.phases : { queueMs, ...outcome.phases }
  return { attempt, startedAtMs, durationMs, result, status, reason, detail, excerpt, phases }
}
