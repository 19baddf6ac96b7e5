/**
 * What commands on many deliveries must have led to, and what they explain; the part of the verdict about replays,
 * activations and reloads. Pure.
 */
import type { Arrival, InactiveSpan, Life, Reload, ReplayCommand, SentEvent } from './ledger.ts'
import { slownessOf } from './slowness.ts'
import { SWITCHED_WEBHOOK } from './webhooks.ts'

/** How far this process's two clocks may have drifted apart: replays name times of the one, the ledger those of the other. */
const CLOCK_DRIFT_MS = 100

/**
 * Longest time until requests that are under way when something is commanded have arrived, and answers to them are known; on a
 * slow machine as much longer.
 */
const UNDER_WAY_LIMIT_MS = 1000

/** Replays that may have touched a delivery. */
export function replaysOf(
  { events, replays }: { readonly events: ReadonlyMap<string, SentEvent>; readonly replays: readonly ReplayCommand[] },
  key: string,
): readonly ReplayCommand[] {
  const [webhook, eventId = ''] = key.split(' ')
  const event = events.get(eventId)
  if (event === undefined) return []
  const { sentAtMs = Number.NEGATIVE_INFINITY, acceptedAtMs = Number.POSITIVE_INFINITY } = event
  return replays.filter(
    (replay) =>
      replay.webhook === webhook &&
      replay.result !== 'refused' &&
      acceptedAtMs >= replay.sinceAtMs - CLOCK_DRIFT_MS &&
      sentAtMs < replay.untilAtMs + CLOCK_DRIFT_MS,
  )
}

/** Uses up one of `replays` that explains why `arrival` came after `before`, which was taken; false where none does. */
export function takeReplay(replays: Set<ReplayCommand>, before: Arrival, arrival: Arrival): boolean {
  for (const replay of replays) {
    const hasBegun = replay.sentAtMs <= arrival.receivedAtMs
    if (!hasBegun || before.receivedAtMs > (replay.endedAtMs ?? Number.POSITIVE_INFINITY)) continue
    replays.delete(replay)
    return true
  }
  return false
}

/** Everything that a confirmed replay has made pending must be sent after it. */
export function findForgottenReplays(evidence: {
  readonly events: ReadonlyMap<string, SentEvent>
  readonly replays: readonly ReplayCommand[]
  readonly arrivals: ReadonlyMap<string, readonly Arrival[]>
}): readonly string[] {
  const sent = new Map<ReplayCommand, number>()
  for (const [key, arrivals] of evidence.arrivals) {
    const lastAtMs = arrivals.at(-1)?.receivedAtMs ?? Number.NEGATIVE_INFINITY
    for (const replay of replaysOf(evidence, key)) {
      if (lastAtMs >= replay.sentAtMs) sent.set(replay, (sent.get(replay) ?? 0) + 1)
    }
  }
  return evidence.replays
    .filter((replay) => replay.result === 'confirmed' && (sent.get(replay) ?? 0) < replay.count)
    .map((replay) => {
      const { webhook, count, state } = replay
      return `${webhook}: a replay of ${count} ${state} was confirmed, and ${sent.get(replay) ?? 0} came`
    })
}

/** While a webhook is deactivated nothing of it is sent, but for what was under way. */
export function findSentWhileInactive(evidence: {
  readonly lives: readonly Life[]
  readonly arrivals: ReadonlyMap<string, readonly Arrival[]>
  readonly inactive: readonly InactiveSpan[]
}): readonly string[] {
  const underWayMs = UNDER_WAY_LIMIT_MS * slownessOf(evidence.lives)
  const spans = evidence.inactive.map(({ confirmedAtMs, endSentAtMs }) => ({
    fromMs: (confirmedAtMs ?? Number.POSITIVE_INFINITY) + underWayMs,
    untilMs: endSentAtMs ?? Number.POSITIVE_INFINITY,
  }))
  return [...evidence.arrivals].flatMap(([key, arrivals]) => {
    if (!key.startsWith(`${SWITCHED_WEBHOOK} `)) return []
    const isWrong = arrivals.some(({ receivedAtMs }) =>
      spans.some(({ fromMs, untilMs }) => receivedAtMs > fromMs && receivedAtMs < untilMs),
    )
    return isWrong ? [`${key}: came while the webhook was deactivated`] : []
  })
}

/** Once a configuration is in force nothing is made with an earlier one, but for what was under way. */
export function findOutdated(evidence: {
  readonly lives: readonly Life[]
  readonly arrivals: ReadonlyMap<string, readonly Arrival[]>
  readonly reloads: readonly Reload[]
}): readonly string[] {
  const underWayMs = UNDER_WAY_LIMIT_MS * slownessOf(evidence.lives)
  const byLife = Map.groupBy(evidence.reloads, ({ life }) => life)
  return [...evidence.arrivals].flatMap(([key, arrivals]) => {
    const outdated = arrivals.find(({ life, generation, receivedAtMs }) =>
      byLife
        .get(life)
        ?.some((reload) => generation < reload.generation && receivedAtMs > reload.confirmedAtMs + underWayMs),
    )
    return outdated === undefined ? [] : [`${key}: was made with configuration ${outdated.generation} long after it`]
  })
}
