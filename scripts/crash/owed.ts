/**
 * Which deliveries an accepted event owes. All webhooks of its type, but for the one that is deactivated now and then: the
 * number of deliveries in the engine's answer, and the times of the commands, tell whether that one is among them. Pure.
 */
import type { InactiveSpan, SentEvent } from './ledger.ts'
import { SWITCHED_WEBHOOK, triggeredBy } from './webhooks.ts'

/** Webhooks by whether a delivery to them is owed. */
export interface Owed {
  readonly sure: readonly string[]
  /** Owed or not: the answer never came, and the command was under way. */
  readonly perhaps: readonly string[]
  /** Why the engine's answer can't be right; undefined: it can. */
  readonly problem: string | undefined
}

/** What `event`, which was confirmed, owes. */
export function owedOf(event: SentEvent, inactive: readonly InactiveSpan[]): Owed {
  const { id, deliveries } = event
  const all = triggeredBy(event.type).map((webhook) => webhook.id)
  const others = all.filter((webhook) => webhook !== SWITCHED_WEBHOOK)
  const possible = activity(event, inactive)
  const isSwitched = others.length < all.length
  const fits = (isActive: boolean): boolean =>
    (possible === 'either' || (possible === 'active') === isActive) &&
    (deliveries === undefined || deliveries === (isActive ? all.length : others.length))
  if (!isSwitched) {
    const problem = deliveries === undefined || deliveries === all.length ? undefined : wrongCount(event, all.length)
    return { sure: all, perhaps: [], problem }
  }
  if (fits(true)) {
    return fits(false)
      ? { sure: others, perhaps: [SWITCHED_WEBHOOK], problem: undefined }
      : { sure: all, perhaps: [], problem: undefined }
  }
  const problem = fits(false)
    ? undefined
    : `${id}: ${deliveries} deliveries were made of it while ${SWITCHED_WEBHOOK} was ${possible}`
  return { sure: others, perhaps: [], problem }
}

/** How the switched webhook was when the event was accepted, as far as can be told. */
function activity(
  { sentAtMs = Number.NEGATIVE_INFINITY, acceptedAtMs = Number.POSITIVE_INFINITY }: SentEvent,
  inactive: readonly InactiveSpan[],
): 'active' | 'inactive' | 'either' {
  const never = Number.POSITIVE_INFINITY
  for (const span of inactive) {
    const { confirmedAtMs = never, endSentAtMs = never, endConfirmedAtMs = never } = span
    if (sentAtMs >= confirmedAtMs && acceptedAtMs <= endSentAtMs) return 'inactive'
    if (acceptedAtMs >= span.sentAtMs && sentAtMs <= endConfirmedAtMs) return 'either'
  }
  return 'active'
}

function wrongCount({ id, deliveries }: SentEvent, expected: number): string {
  return `${id}: ${deliveries} deliveries were made of it, not ${expected}`
}
