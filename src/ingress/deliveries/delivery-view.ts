/**
 * A delivery as the API shows it: times as RFC 3339 text, attempts with what went wrong in one line. Used by everything that
 * answers or streams deliveries.
 */
import type { AttemptRecord, DeliveryRecord, Hold } from '../../model/delivery.ts'

/** All of it but for its content. */
export function deliveryView(delivery: DeliveryRecord, hold: Hold | undefined): object {
  const { acceptedAtMs, dueMs, endedAtMs, attempts, isBehind: _, isInFlight: __, content: ___, ...record } = delivery
  return {
    ...record,
    acceptedAt: timeText(acceptedAtMs),
    ...(dueMs !== undefined && { dueAt: timeText(dueMs) }),
    ...(endedAtMs !== undefined && { endedAt: timeText(endedAtMs) }),
    ...(hold !== undefined && { held: holdView(hold) }),
    attempts: attempts.map(attemptView),
  }
}

/** Milliseconds since the epoch as RFC 3339 text. */
export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

/** Why a delivery can not go out now, and until when where only time has to pass. */
function holdView({ reason, untilMs }: Hold): object {
  return untilMs === undefined ? { reason } : { reason, until: timeText(untilMs) }
}

function attemptView({ startedAtMs, reason, detail, excerpt, ...attempt }: AttemptRecord): object {
  return {
    time: timeText(startedAtMs),
    ...attempt,
    ...(reason !== '' && { reason, error: detail === '' ? reason : detail }),
    answer: excerpt,
  }
}
